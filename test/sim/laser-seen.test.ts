import { beforeAll, describe, expect, it } from "vitest";
import type { Room as ClientRoom } from "../../client/room.ts";
import type arena from "../../game-logic/arena/schema.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { Room } from "../../server/room/room.ts";
import { createWorld, type World } from "../../testing/index.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../support/recording-sink.ts";
import { loadVariant, replace } from "../support/variant.ts";

type Ship = Record<string, number>;
/** Way of the target per tick, units. */
const WAY = 5;

let game: GameModule;
beforeAll(async () => {
	game = await loadFixture("arena");
});

function column(room: Room, name: string): Float32Array {
	const found = room.simulation.tables[0]?.columns.find(({ about }) => about.name === name);
	if (!found) throw new Error(`no column ${name}`);
	return found.values as Float32Array;
}

function put(room: Room, row: number, values: Ship): void {
	for (const [name, value] of Object.entries(values)) column(room, name)[row] = value;
}

/** Ann in row 0 looks along +x; Bob in row 1 crosses her line 300 units away, along +y at 5 units a tick. */
function setUp(room: Room): void {
	room.simulation.tables[2]?.gen.fill(0);
	put(room, 0, { x: 500, y: 1200, vx: 0, vy: 0, angle: 0, flags: 0, timer: 0, charge: 45 });
	put(room, 1, { x: 800, y: 500, vx: 0, angle: Math.PI / 2, flags: 0, timer: 0, shield: 100 });
}

/** Keeps Bob's pace through drag, tick by tick. */
function keepPace(room: Room): void {
	const run = room.runTick.bind(room);
	room.runTick = () => {
		put(room, 1, { vx: 0, vy: (WAY * 60) / (1 - 0.55 / 60) });
		room.simulation.tables[2]?.gen.fill(0);
		run();
	};
}

/** Ann shoots in the frame in which she sees Bob cross her line; whether she hit, and how old it was. */
async function duel(
	delayMs: number,
	lookAhead = 0,
	rules = game,
): Promise<{ hit: boolean; ageMs: number }> {
	const world: World = await createWorld({ games: [rules], seed: 3, link: { delayMs } });
	const enter = (name: string): Promise<ClientRoom<typeof arena>> =>
		world.connect<typeof arena>({ game: "arena", name, predict: true, interpolate: true });
	const ann = await enter("Ann");
	await enter("Bob");
	await world.run(3_000);
	const room = world.serverRoomOf(ann);
	if (!room) throw new Error("no room");
	setUp(room);
	keepPace(room);
	const shownMs = world.nowMs + 1_000;
	world.every(1000 / 60, () => {
		ann.update();
		ann.input.laser = world.nowMs > shownMs && ann.state.ship.y[1] + lookAhead >= 1200;
	});
	await world.runUntil(() => column(room, "charge")[0] < 45);
	// charge grows again in each tick
	const ageMs = ((room.players.get(0)?.inputs.viewAge ?? 0) / 256) * room.tickMs;
	return { hit: column(room, "shield")[1] < 100, ageMs };
}

describe("a shot at what is shown", () => {
	it.each([10, 25, 50])(
		"hits over a line of %i ms each way, however old the picture is",
		async (ms) => {
			const { hit, ageMs } = await duel(ms);
			console.log(`${2 * ms} ms round trip: the picture was ${ageMs.toFixed(0)} ms old`);
			expect(ageMs).toBeGreaterThan(2 * ms);
			expect(ageMs).toBeLessThan(LIMITS.rewindMs);
			expect(hit).toBe(true);
		},
	);

	it("misses when aimed where the target really is, or beside it", async () => {
		// 200 ms of 5 units a tick
		expect((await duel(25, 60)).hit).toBe(false);
		expect((await duel(25, -25)).hit).toBe(false);
		expect((await duel(25, 25)).hit).toBe(false);
	});

	it("misses when the picture is older than the server looks back", async () => {
		const { hit, ageMs } = await duel(150);
		expect(ageMs).toBeCloseTo(LIMITS.rewindMs, 6);
		expect(hit).toBe(false);
	});

	it("hits then too in a game that looks back farther, and no farther than it says", async () => {
		const schema = replace("maxPlayers: 64,", "maxPlayers: 64, rewindMs: 500,");
		const rules = await loadVariant({ game: "arena", schema });
		for (const roundTripMs of [50, 150, 250, 300]) {
			const { hit, ageMs } = await duel(roundTripMs / 2, 0, rules);
			console.log(`${roundTripMs} ms round trip: the picture was ${ageMs.toFixed(0)} ms old`);
			expect(ageMs).toBeGreaterThan(roundTripMs);
			expect(hit).toBe(true);
		}
		const tooFar = await duel(300, 0, rules);
		expect(tooFar.ageMs).toBeCloseTo(500, 6);
		expect(tooFar.hit).toBe(false);
	});
});

/** Shoots once, saying that the picture is `claimed` ticks old; true when that hits where Bob was `back` ticks ago. */
function claims(claimed: number, back: number): boolean {
	const room = new Room({ id: "r", game, clock: new VirtualClock(), seed: 1 });
	const [ann, bob] = ["Ann", "Bob"].map((name) => room.join(new RecordingSink(), name));
	if (!ann || !bob || "error" in ann || "error" in bob) throw new Error("no seat");
	room.runTick();
	setUp(room);
	keepPace(room);
	for (let n = 0; n < 60; n++) room.runTick();
	const now = column(room, "y")[1] + WAY;
	put(room, 0, { y: now - back * WAY });
	const inputs = Uint8Array.of(0, 0, 0, 1);
	const viewAge = Math.min(0xffff, Math.round(claimed * 256));
	room.receiveInput(ann, { type: "input", ackTick: 0, tick: room.tick, inputs, viewAge });
	room.runTick();
	return column(room, "shield")[1] < 100;
}

describe("a client that lies about what it sees", () => {
	const most = (LIMITS.rewindMs * 60) / 1000;

	it("may say any age up to the limit, and is taken at its word", () => {
		for (const age of [0, 3, 9, most]) {
			expect(claims(age, age)).toBe(true);
			// within a tick of motion beside a radius of 14
			expect(claims(age, age + 2)).toBe(true);
			expect(claims(age, age + 4)).toBe(false);
		}
	});

	it("gains nothing beyond the limit: any larger age is the limit", () => {
		for (const age of [most + 1, most + 10, 100, 255.99]) {
			expect(claims(age, most)).toBe(true);
			expect(claims(age, most + 4)).toBe(false);
			if (age > most + 4) expect(claims(age, age)).toBe(false);
		}
	});
});
