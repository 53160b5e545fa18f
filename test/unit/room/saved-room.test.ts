import { beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { Room } from "../../../server/room/room.ts";
import { type SavedRoom, saveRoom } from "../../../server/room/saved-room.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

/** Traps when a player's input is dx = 66, and for good from tick 300 on when it is 67. */
const TRAPS =
	"export function tick(): void { for (let i = 0; i < dot.used; i++) if (input.dx[dot.player[i]] == 66) unreachable();";
/** The same rules, until they trap some ticks after a swap, whoever plays. */
const LATE = "export function tick(): void { if (ctx.tick >= 260 && dot.used > 0) unreachable();";

let dots: GameModule;
let fragile: GameModule;
let late: GameModule;
beforeAll(async () => {
	const head = "export function tick(): void {";
	dots = await loadFixture("dots");
	fragile = await loadVariant({ main: replace(head, TRAPS) });
	late = await loadVariant({
		schema: replace("version: 1", "version: 2"),
		main: replace(head, LATE),
	});
});

/** A room, its clock and the sinks of its players by seat; `move` makes another room of what it saves. */
class Twin {
	readonly clock = new VirtualClock();
	readonly sinks = new Map<number, RecordingSink>();
	room: Room;
	private readonly modules: readonly GameModule[];

	constructor(game: GameModule, modules: readonly GameModule[]) {
		this.modules = modules;
		this.room = new Room({ id: "r", game, clock: this.clock, seed: 7, seatGraceMs: 400 });
		this.room.start(this.clock.ms);
	}

	join(name: string): void {
		const sink = new RecordingSink();
		const player = this.room.join(sink, name);
		if (!("error" in player)) this.sinks.set(player.number, sink);
	}

	/** The room goes on elsewhere: on another clock, with the connections that it had. */
	move(change: (saved: SavedRoom) => SavedRoom = (saved) => saved): void {
		const saved = change(structuredClone(saveRoom(this.room)) as SavedRoom);
		const game = this.modules.find(({ hash }) => hash === saved.moduleHash);
		const previousGame = this.modules.find(({ hash }) => hash === saved.probation?.moduleHash);
		if (!game) throw new Error("no such module");
		const resumed = Room.resume(saved, {
			game,
			previousGame: previousGame ?? null,
			clock: this.clock,
		});
		if ("error" in resumed) throw new Error(resumed.detail);
		const old = this.room;
		this.room = resumed;
		resumed.start(this.clock.ms);
		for (const seat of saved.seats) {
			const viewer = old.players.get(seat.number)?.viewer;
			const player = resumed.players.get(seat.number);
			if (viewer && player) resumed.seats.adopt(player, viewer.sink);
		}
	}

	/** Some ticks with what players do by chance; the same chances for every twin. */
	tick(random: SeededRandom): void {
		for (const player of this.room.players.values()) {
			if (!player.viewer) continue;
			const lead = random.below(4) - 1;
			const dx = random.chance(0.02) ? 66 : random.below(60);
			const inputs = new Uint8Array([dx, random.below(60)]);
			const tick = Math.max(0, this.room.tick + lead);
			const ackTick = Math.max(0, player.viewer.sentTick);
			this.room.receiveInput(player, { type: "input", ackTick, tick, inputs });
		}
		if (random.chance(0.02)) this.join(`p${random.below(100)}`);
		const leaver = this.room.players.get(random.below(16));
		if (leaver?.viewer && random.chance(0.03)) {
			if (random.chance(0.5)) this.room.leave(leaver);
			else this.room.seats.lose(leaver.viewer);
		}
		if (random.chance(0.01)) this.room.pause();
		if (random.chance(0.3)) this.room.resume();
		this.clock.ms += this.room.tickMs;
		this.room.runTick();
	}
}

function seats(room: Room): unknown {
	return [...room.players.values()].map(({ number, name, isJoined, isLeaving, viewer }) => ({
		...{ number, name, isJoined, isLeaving, isHeld: viewer === null },
	}));
}

function faults(room: Room): unknown {
	return room.faults.repeated.map(({ firstTick, count, report: { stack: _, ...report } }) => ({
		...{ firstTick, count, report },
	}));
}

describe("a room that is saved and goes on elsewhere", () => {
	it.each([1, 2, 3, 4, 5, 6])(
		"is at every tick what its twin is that never moved (seed %i)",
		(seed) => {
			const modules = [dots, fragile, late];
			const stays = new Twin(fragile, modules);
			const moves = new Twin(fragile, modules);
			const [ofStays, ofMoves] = [new SeededRandom(seed), new SeededRandom(seed)];
			const chance = new SeededRandom(seed + 1000);
			let moved = 0;
			for (let i = 0; i < 500; i++) {
				if (i === 200) for (const { room } of [stays, moves]) swapRoom(room, late);
				stays.tick(ofStays);
				moves.tick(ofMoves);
				expect([moves.room.stateHash(), seats(moves.room)]).toEqual([
					stays.room.stateHash(),
					seats(stays.room),
				]);
				if (!chance.chance(0.1)) continue;
				moves.move();
				moved++;
			}
			expect(moved).toBeGreaterThan(20);
			// the late rules were taken back, though the room had moved meanwhile
			expect(moves.room.counters.rollbacks).toBe(stays.room.counters.rollbacks);
			expect(moves.room.game.hash).toBe(stays.room.game.hash);
			expect({ ...moves.room.counters, skippedSnapshots: 0 }).toMatchObject({
				ticks: stays.room.counters.ticks,
				abortedTicks: stays.room.counters.abortedTicks,
				inputsRepeated: stays.room.counters.inputsRepeated,
				inputsLate: stays.room.counters.inputsLate,
				inputsDropped: stays.room.counters.inputsDropped,
			});
			expect(faults(moves.room)).toEqual(faults(stays.room));
			expect(moves.room.moments.list).toEqual(stays.room.moments.list);
		},
	);

	it("takes rules back that were put there before it moved", () => {
		const twin = new Twin(dots, [dots, late]);
		twin.join("Ann");
		while (twin.room.tick < 250) twin.room.runTick();
		swapRoom(twin.room, late);
		twin.room.runTick();
		twin.move();
		while (twin.room.tick < 280) twin.room.runTick();
		expect(twin.room.counters.rollbacks).toBe(1);
		expect(twin.room.game).toBe(dots);
	});

	it("knows each seat by the hash of its token alone, and gives it to whoever shows the token", () => {
		const twin = new Twin(dots, [dots]);
		twin.join("Ann");
		const [welcome] = twin.sinks.get(0)?.messages ?? [];
		if (welcome?.type !== "welcome" || !welcome.token) throw new Error("no welcome");
		twin.room.runTick();
		expect(JSON.stringify(saveRoom(twin.room))).not.toContain(welcome.token.split(".")[1]);
		twin.move();
		const held = twin.room.seats.find(welcome.token);
		expect(held?.number).toBe(0);
		expect(twin.room.seats.find(`${welcome.token.slice(0, -1)}!`)).toBeNull();
	});

	it("shows a connection that it takes over a keyframe that clears what was there before", () => {
		const twin = new Twin(dots, [dots]);
		twin.join("Ann");
		for (let i = 0; i < 30; i++) twin.room.runTick();
		twin.move();
		const before = twin.sinks.get(0)?.messages.length ?? 0;
		for (let i = 0; i < 3; i++) twin.room.runTick();
		const after = twin.sinks.get(0)?.messages.slice(before) ?? [];
		expect(after.map(({ type }) => type)).toEqual(["snapshot"]);
		expect(twin.room.counters.keyframes).toBe(2);
	});

	it("is refused with another state than its hash says, and with other rules", () => {
		const twin = new Twin(dots, [dots]);
		twin.join("Ann");
		for (let i = 0; i < 30; i++) twin.room.runTick();
		const saved = saveRoom(twin.room) as SavedRoom;
		const address = twin.room.simulation.descriptor.tables[0]?.columns[1]?.address ?? 0;
		const image = structuredClone(saved.image);
		image.bytes[address] ^= 1;
		const on = (changed: SavedRoom, game = dots) =>
			Room.resume(changed, { game, clock: twin.clock });
		expect(on({ ...saved, image })).toMatchObject({
			error: "ERR_ROOM_RESUME",
			detail: expect.stringContaining("state hash"),
		});
		expect(on(saved, fragile)).toMatchObject({ error: "ERR_ROOM_RESUME" });
		expect(on(saved)).toBeInstanceOf(Room);
	});

	it("is not to be had of a room that has failed", () => {
		const twin = new Twin(fragile, [fragile]);
		twin.room.fault = { kind: "trap", detail: "for the test" };
		expect(saveRoom(twin.room)).toBeNull();
	});
});
