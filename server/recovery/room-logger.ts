import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { LoggedRules, LoggedSeat } from "../journal/room-log/log-format.ts";
import type { RoomLog } from "../journal/room-log/room-log.ts";
import type { RoomLogWriter } from "../journal/room-log/room-log-writer.ts";
import type { GameModule } from "../module/game-module.ts";
import { rawHash } from "../module/module-files.ts";
import type { Effect } from "../room/effect.ts";
import type { Player } from "../room/player.ts";
import type { Recorder } from "../room/recorder.ts";
import type { RoomState } from "../room/room-state.ts";

function rulesOf(game: GameModule): LoggedRules {
	return { moduleHash: game.hash, rawHash: rawHash(game) };
}

/** Writes what happens in rooms to the log of their worker: the log alone brings them back. */
export class RoomLogger implements Recorder {
	private readonly writer: RoomLogWriter;
	private readonly keepModule: (game: GameModule) => void;
	private readonly wallClock: () => number;
	private readonly logs = new Map<RoomState, RoomLog>();

	/** `keepModule` puts a module where a recovery finds it; `wallClock` gives ms since 1970. */
	constructor(
		writer: RoomLogWriter,
		keepModule: (game: GameModule) => void,
		wallClock: () => number = Date.now,
	) {
		this.writer = writer;
		this.keepModule = keepModule;
		this.wallClock = wallClock;
	}

	open(room: RoomState): void {
		const { id, epoch, game, seed, tick, settings, players } = room;
		this.keepModule(game);
		const log = this.writer.open({
			about: {
				...{ id, epoch, seed, game: game.name, firstTick: tick },
				...rulesOf(game),
				settings: Buffer.from(JSON.stringify(settings)),
			},
			tickRate: game.descriptor.tickRate,
			state: { save: (image) => room.simulation.save(image) },
			requests: room.requests.pending,
			seats: [...players.values()]
				.filter(({ isJoined }) => isJoined)
				.map((player) => this.seatOf(room, player)),
		});
		this.logs.set(room, log);
	}

	tick(room: RoomState, inbox: Uint8Array): void {
		const { tick, simulation, game } = room;
		const log = this.logs.get(room);
		log?.tick(tick, inbox, simulation.fuelSpent);
		// once a second: a recovery that went another way must be noticed
		const next = tick + 1;
		if (next % game.descriptor.tickRate === 0) log?.hash(next, stateHash(simulation, next));
	}

	effect(room: RoomState, effect: Effect): void {
		this.logs.get(room)?.effect(effect);
	}

	abort(room: RoomState, inbox: Uint8Array): void {
		this.logs.get(room)?.abort(room.tick, inbox);
	}

	swap(room: RoomState): void {
		this.keepModule(room.game);
		const log = this.logs.get(room);
		// rules that are taken back while their tick is shown have computed it
		log?.swap(Math.max(room.tick, log.nextTick), rulesOf(room.game));
	}

	given(room: RoomState): void {
		this.logs.get(room)?.give();
	}

	/** A server that stops leaves its rooms in the log: the next one goes on with them. */
	close(room: RoomState, why: string): void {
		const log = this.logs.get(room);
		this.logs.delete(room);
		if (why !== "shutdown") log?.close(why);
	}

	/** A seat that the module does not know of yet comes with the tick that tells it. */
	seat(room: RoomState, player: Player): void {
		if (player.isJoined) this.logs.get(room)?.seat(this.seatOf(room, player));
	}

	seatGone(room: RoomState, { number }: Player): void {
		this.logs.get(room)?.seatGone(number);
	}

	/** Puts the modules of all rooms where they belong once more: whoever deleted the log may have deleted them too. */
	keepModules(): void {
		const games = new Set([...this.logs.keys()].map(({ game }) => game));
		for (const game of games) this.keepModule(game);
	}

	private seatOf(room: RoomState, player: Player): LoggedSeat {
		const { number, name, tokenHash, viewer, isLeaving, heldSinceMs } = player;
		const leftMs = room.settings.seatGraceMs - (room.clock.now() - heldSinceMs);
		const heldUntilMs = Math.round(this.wallClock() + (isLeaving ? 0 : Math.max(0, leftMs)));
		return { number, name, user: null, tokenHash, heldUntilMs: viewer ? null : heldUntilMs };
	}
}
