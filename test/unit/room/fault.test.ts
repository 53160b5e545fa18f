import { beforeAll, describe, expect, it } from "vitest";
import type { Simulation } from "../../../protocol/abi/simulation.ts";
import { History } from "../../../server/history/history.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import type { Player } from "../../../server/room/player.ts";
import { Room } from "../../../server/room/room.ts";
import type { FaultPolicy } from "../../../server/room/room-settings.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

/** Traps, half its writes done, when a player's input is dx = 66; 67 traps whoever plays. */
const TRAP = `
	for (let i = 0; i < dot.used; i++) {
		dot.y[i] += 1;
		if (input.dx[dot.player[i]] == 66) unreachable();
		if (dot.x[i] > 5000) unreachable();
	}`;

let dots: GameModule;
let fragile: GameModule;
let poisoned: GameModule;
let endless: GameModule;
let greedy: GameModule;
beforeAll(async () => {
	// an endless loop whenever dx = 66, and one for good from tick 20 on
	endless = await loadVariant({
		main: replace(
			"export function tick(): void {",
			"export function tick(): void { for (let i = 0; i < dot.used; i++) while (input.dx[dot.player[i]] == 66) {}\n\twhile (ctx.tick >= 20) {}",
		),
	});
	// asks for another page of memory in every tick, and fails on the tenth
	greedy = await loadVariant({
		main: replace(
			"export function tick(): void {",
			"export function tick(): void { memory.grow(1); if (input.dx[0] == 66) unreachable();",
		),
	});
	dots = await loadFixture("dots");
	fragile = await loadVariant({
		main: replace("export function tick(): void {", `export function tick(): void {${TRAP}`),
	});
	// a join that breaks the state for good: no input can be blamed
	poisoned = await loadVariant({
		main: replace(
			"export function tick(): void {",
			"export function tick(): void { if (ctx.tick >= 10 && dot.used > 0) unreachable();",
		),
	});
});

function open(game: GameModule, policy: FaultPolicy = "retry"): Room {
	return new Room({ id: "r", game, clock: new VirtualClock(), seed: 7, faultPolicy: policy });
}

function join(room: Room, name: string): { sink: RecordingSink; player: Player } {
	const sink = new RecordingSink();
	const player = room.join(sink, name);
	if ("error" in player) throw new Error(player.error);
	return { sink, player };
}

function send(room: Room, player: Player, dx: number): void {
	const inputs = new Uint8Array([dx, 0]);
	room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
}

function run(room: Room, ticks: number): void {
	for (let i = 0; i < ticks; i++) room.runTick();
}

describe("a tick that fails", () => {
	it("leaves no trace: it runs again without the input that broke it", () => {
		const room = open(fragile);
		const ann = join(room, "Ann");
		const bob = join(room, "Bob");
		const twin = open(fragile);
		join(twin, "Ann");
		const twinBob = join(twin, "Bob");
		for (let i = 0; i < 40; i++) {
			// the twin's Ann sends nothing at all where ours sends what traps
			send(room, ann.player, i === 0 ? 0 : 66);
			send(room, bob.player, i);
			send(twin, twinBob.player, i);
			run(room, 1);
			run(twin, 1);
		}
		expect(room.stateHash()).toBe(twin.stateHash());
		expect(room.counters.abortedTicks).toBe(39);
		expect(ann.sink.dropped).toBeNull();
		expect(bob.sink.dropped).toBeNull();
		expect(room.faults.reports.at(-1)).toMatchObject({
			kind: "trap",
			tick: 39,
			version: 1,
			outcome: { kind: "retried", withoutPlayer: 0 },
		});
	});

	it("closes the room with ERR_ROOM_FAULT when no input is to blame", () => {
		const room = open(poisoned);
		const { sink } = join(room, "Ann");
		run(room, 11);
		expect(sink.dropped?.name).toBe("ERR_ROOM_FAULT");
		expect(room.fault).toMatchObject({ kind: "trap" });
		expect(room.tick).toBe(10);
		run(room, 5);
		expect(room.tick).toBe(10);
	});

	it("pauses the room where that is the policy, with everybody in it and the state whole", () => {
		const room = open(poisoned, "pause");
		const { sink } = join(room, "Ann");
		run(room, 10);
		const hash = room.stateHash();
		run(room, 1);
		expect(room.isPaused).toBe(true);
		expect(room.stateHash()).toBe(hash);
		expect(sink.dropped).toBeNull();
		expect(room.faults.reports.at(-1)?.outcome).toEqual({ kind: "paused" });
	});

	it("is no gap in what the room remembers when it is computed again after a pause", () => {
		const room = open(fragile, "pause");
		const ann = join(room, "Ann");
		run(room, 5);
		for (const key of [66, 66, 66]) {
			send(room, ann.player, key);
			run(room, 1);
			expect(room.isPaused).toBe(true);
			room.resume();
		}
		room.leave(ann.player);
		const bob = join(room, "Bob");
		run(room, 5);
		const hash = room.stateHash();
		send(room, bob.player, 66);
		run(room, 1);
		expect(room.isPaused).toBe(true);
		expect(room.stateHash()).toBe(hash);
	});

	it("reports the inbox that did it, so that it can be run again", () => {
		const room = open(fragile);
		const { player } = join(room, "Ann");
		run(room, 3);
		send(room, player, 66);
		run(room, 1);
		const [report] = room.faults.reports;
		// one input record: kind 3, 12 bytes, player 0, dx = 66
		expect(report?.inbox).toBe("03000c000000000042000000");
		expect(report?.moduleHash).toBe(fragile.hash);
	});

	it("is restored from an image up to a second old, whatever the tick", () => {
		for (const at of [1, 14, 15, 16, 59, 60, 61, 150]) {
			const room = open(fragile);
			const twin = open(fragile);
			const { player } = join(room, "Ann");
			join(twin, "Ann");
			run(room, at);
			run(twin, at);
			send(room, player, 66);
			run(room, 20);
			run(twin, 20);
			// without its input the twin repeats nothing: both have dx = 0 until then
			expect(room.counters.abortedTicks).toBeGreaterThan(0);
			expect(room.stateHash()).toBe(twin.stateHash());
		}
	});
});

describe("a tick that never ends", () => {
	it("is stopped by its fuel, tried once more without inputs in the next tick, and leaves no trace", () => {
		const room = open(endless);
		const { sink, player } = join(room, "Ann");
		run(room, 5);
		const hash = room.stateHash();
		send(room, player, 66);
		run(room, 1);
		expect(room.faults.reports.at(-1)).toMatchObject({
			kind: "fuel",
			outcome: { kind: "postponed" },
		});
		// the tick is over, but nothing of the state has changed; the hash includes the next tick's number
		expect(room.tick).toBe(6);
		room.tick = 5;
		expect(room.stateHash()).toBe(hash);
		room.tick = 6;
		run(room, 1);
		expect(room.fault).toBeNull();
		expect(sink.dropped).toBeNull();
	});

	it("closes its room when it never ends without inputs either: two ticks' time in all", () => {
		const room = open(endless);
		const { sink } = join(room, "Ann");
		run(room, 25);
		expect(sink.dropped?.name).toBe("ERR_ROOM_FAULT");
		expect(room.counters.abortedTicks).toBe(2);
		expect(room.tick).toBe(21);
	});

	it("joins a player whose tick was postponed in the next one", () => {
		const room = open(endless);
		const ann = join(room, "Ann");
		run(room, 3);
		send(room, ann.player, 66);
		const bob = join(room, "Bob");
		run(room, 2);
		expect(room.simulation.tables[0]?.gen[1]).not.toBe(0);
		expect(bob.player.isJoined).toBe(true);
	});
});

describe("a shared value that is no number", () => {
	it("is reported once, with its table, column and row, and shown as 0; the room plays on", async () => {
		const odd = await loadVariant({
			main: replace(
				"export function tick(): void {",
				"export function tick(): void { if (ctx.tick == 20 && dot.used > 0) dot.y[0] = 1 / <f32>0;",
			),
		});
		const room = open(odd);
		const { sink, player } = join(room, "Ann");
		for (let i = 0; i < 60; i++) {
			room.runTick();
			room.receiveInput(player, {
				type: "input",
				ackTick: player.viewer?.sentTick ?? 0,
				tick: room.tick,
				inputs: Uint8Array.of(0, 0),
			});
		}
		expect(room.faults.reports).toMatchObject([
			{ kind: "value", detail: "dot.y[0] is Infinity", outcome: { kind: "shown" } },
		]);
		expect(room.tick).toBe(60);
		expect(sink.dropped).toBeNull();
	});
});

describe("a player whom the rules turn away", () => {
	it("is told the number that they give", async () => {
		const strict = await loadVariant({
			main: (source) =>
				replace(
					'"hotstep/assembly";',
					'"hotstep/assembly";\nimport { kick } from "hotstep/assembly";',
				)(
					replace(
						"export function tick(): void {",
						"export function tick(): void { if (ctx.tick == 5) kick(0, 42);",
					)(source),
				),
		});
		const room = open(strict);
		const { sink } = join(room, "Ann");
		for (let i = 0; i < 10; i++) room.runTick();
		expect(sink.dropped).toEqual({ name: "ERR_KICKED", detail: "reason 42", reason: 42 });
		expect(room.population).toBe(0);
	});
});

describe("a module that grows", () => {
	it("has its memory back where it was after a fault", () => {
		const room = open(greedy);
		const { player } = join(room, "Ann");
		run(room, 8);
		const bytes = room.simulation.memoryBytes;
		send(room, player, 66);
		run(room, 1);
		// the tick ran again without the input, and grew by the one page that it asks for
		expect(room.simulation.memoryBytes).toBe(bytes + 65_536);
		expect(room.counters.abortedTicks).toBe(1);
	});

	it("stops at its maximum, and the room goes on", () => {
		const room = open(greedy);
		join(room, "Ann");
		run(room, 200);
		expect(room.fault).toBeNull();
		expect(room.simulation.memoryBytes).toBe(33 * 65_536);
	});
});

describe("History", () => {
	it("keeps two seconds and at most an image's time more, however long a room lives", () => {
		const room = open(dots);
		join(room, "Ann");
		run(room, 1000);
		const bytes = room.history.bytes;
		expect(room.history.firstTick).toBeGreaterThan(1000 - 120 - 60);
		expect(room.history.firstTick).toBeLessThanOrEqual(1000 - 120);
		run(room, 3000);
		expect(room.history.bytes).toBe(bytes);
	});

	it("takes images often when ticks are dear to run again, and seldom when they are cheap", () => {
		const imagesWith = (fuelSpent: number): number[] => {
			const history = new History({ imageEvery: 15, imageWithin: 60, keep: 1000 });
			const images: number[] = [];
			for (let tick = 0; tick < 180; tick++) {
				const save = () => images.push(tick);
				history.beforeTick({ fuelSpent, save } as unknown as Simulation, tick);
				history.record(new Uint8Array(0));
			}
			return images;
		};
		expect(imagesWith(10)).toEqual([0, 60, 120]);
		expect(imagesWith(SERVER_LIMITS.imageFuel)).toEqual([...Array(12).keys()].map((n) => 15 * n));
		expect(imagesWith(SERVER_LIMITS.imageFuel / 30)).toEqual([0, 30, 60, 90, 120, 150]);
	});
});
