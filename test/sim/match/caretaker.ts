import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { Room } from "../../../server/room/room.ts";
import type { World } from "../../../testing/index.ts";
import type { Watchers } from "./watchers.ts";

/** A byte budget that is never short. */
const PLENTY = { burst: 1e9, perMs: 1e6, available: 1e9 };
/** How often a room is let go on in the same tick before players have to leave, and before it is closed. */
const STANDS = 3;
const MOST_STANDS = 30;

/** Looks after the rooms of a match and the machine that they run on: lets things happen, and puts them right. */
export class Caretaker {
	private readonly world: World;
	private readonly random: SeededRandom;
	private readonly watchers: Watchers;
	/** Rooms that stood: in which tick, and how often. */
	private readonly stood = new WeakMap<Room, { tick: number; times: number }>();
	/** Whoever must know of a process that dies, and of the one after it. */
	onKill = (): void => {};
	onStart = (): void => {};
	kills = 0;
	/** The server's clock or process stood still, or jumped: ticks may have been left out. */
	isDisturbed = false;

	constructor(world: World, random: SeededRandom, watchers: Watchers) {
		this.world = world;
		this.random = random;
		this.watchers = watchers;
	}

	/** Something happens to the server's machine. */
	befall(): void {
		const { world, watchers, random } = this;
		const kind = random.below(5);
		if (kind === 4) return this.kill();
		if (kind === 0) watchers.setWallClock(random.between(-3_600_000, 3_600_000));
		else this.isDisturbed = true;
		if (kind === 1) world.freeze(random.between(20, 2_500));
		if (kind === 2) world.clock.jump(random.between(1, 4_000));
		if (kind === 3) world.clock.stand(random.between(20, 1_000));
	}

	/** The server's process dies, and another goes on with its rooms. */
	private kill(): void {
		const { world, watchers, random } = this;
		this.kills++;
		this.isDisturbed = true;
		watchers.kill();
		this.onKill();
		world.kill(random.between(0, 2_000));
		this.onStart();
	}

	/** Rooms that stand go on; with `plenty` nobody runs short of bytes any more. */
	lookAfterRooms(plenty: boolean): void {
		for (const room of this.world.directory.rooms.values()) {
			if (room.isPaused) this.letGoOn(room);
			if (!plenty) continue;
			for (const { budget } of room.seats.viewers) Object.assign(budget, PLENTY);
		}
	}

	/** One that stands again and again in the same tick loses its players, until it can go on. */
	private letGoOn(room: Room): void {
		const stood = this.stood.get(room);
		const times = stood?.tick === room.tick ? stood.times + 1 : 1;
		this.stood.set(room, { tick: room.tick, times });
		if (times > MOST_STANDS) {
			// it fails by itself: its rules are what an operator would have to change
			room.seats.clear("ERR_ROOM_FAULT", "the room stands");
			return this.world.directory.close(room, "fault");
		}
		if (times > STANDS) {
			const player = [...room.players.values()].find(({ isLeaving }) => !isLeaving);
			if (player?.viewer) player.viewer.sink.drop("ERR_KICKED", "the room stands");
			else if (player) room.leave(player);
		}
		room.resume();
	}
}
