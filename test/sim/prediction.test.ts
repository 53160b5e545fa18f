import { beforeAll, describe, expect, it } from "vitest";
import type { Room } from "../../client/room.ts";
import { SHIP_TOP_SPEED } from "../../game-logic/arena/constants.ts";
import type arena from "../../game-logic/arena/schema.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { swapRoom } from "../../server/swap/swap-room.ts";
import { createWorld, type Link, type World } from "../../testing/index.ts";
import type dots from "../fixtures/dots/schema.ts";
import { buildEdited } from "../support/arena-v2.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { loadVariant, replace } from "../support/variant.ts";
import { flyAtRandom, watch } from "./prediction-flight.ts";

const CLEAN: Link = { delayMs: 50 };
/** Jitter of 30 ms, and a fiftieth of the time nothing for 200 ms. */
const ROUGH: Link = { delayMs: 50, jitterMs: 30, stallsPerSecond: 0.1, stallMs: 200 };

type ArenaRoom = Room<typeof arena>;

let game: GameModule;
beforeAll(async () => {
	game = await loadFixture("arena");
});

function pilot(world: World, name: string, options = {}): Promise<ArenaRoom> {
	return world.connect<typeof arena>({
		game: "arena",
		name,
		predict: true,
		interpolate: true,
		...options,
	});
}

/** Writes into the server's own ships. */
function put(world: World, room: ArenaRoom, values: Record<string, number>): void {
	const [ship] = world.serverRoomOf(room)?.simulation.tables ?? [];
	const player = ship?.columns.find(({ about }) => about.owner)?.values;
	const row = player?.findIndex((owner, i) => ship?.gen[i] !== 0 && owner === room.player) ?? -1;
	for (const { about, values: column } of ship?.columns ?? []) {
		const value = values[about.name];
		if (value !== undefined) (column as Float32Array)[row] = value;
	}
}

function clearAsteroids(world: World, room: ArenaRoom): void {
	const table = world.serverRoomOf(room)?.simulation.tables[2];
	table?.gen.fill(0);
}

describe("prediction", () => {
	it("is never corrected on a clean line of 100 ms, for a lone ship flown and fired at random", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		flyAtRandom(world, ann, 3);
		await world.run(2_000);
		const { flight } = watch(world, ann, SHIP_TOP_SPEED);
		await world.run(60_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, why: null });
		expect(ann.stats.prediction.aheadTicks).toBeGreaterThanOrEqual(6);
		expect(flight.way).toBeGreaterThan(2_000);
		expect(flight.corrections).toBe(0);
		expect(flight.snap).toBeLessThan(0.01);
	}, 60_000);

	it("shows no snap among other ships on a rough line, and ends with what the server has", async () => {
		const world = await createWorld({ games: [game], seed: 11, link: ROUGH });
		const ann = await pilot(world, "Ann");
		flyAtRandom(world, ann, 3);
		for (let i = 0; i < 7; i++) {
			flyAtRandom(world, await pilot(world, `Bob ${i}`, { predict: false, interpolate: false }), i);
		}
		const { flight } = watch(world, ann, SHIP_TOP_SPEED);
		await world.run(40_000);
		const perSecond = flight.corrections / 40;
		console.log(`${perSecond} corrections/s, sizes ${flight.sizes.map((n) => n.toFixed(2))}`);
		expect(flight.corrections).toBeGreaterThan(0);
		expect(perSecond).toBeLessThan(2);
		expect(flight.snap).toBeLessThan(1);
		await world.settle();
		expect(world.differences(ann)).toEqual([]);
	}, 60_000);

	it("keeps showing a corrected ship where it was, and lets the distance fade", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		await world.run(500);
		clearAsteroids(world, ann);
		put(world, ann, { x: 1000, y: 1000, vx: 0, vy: 0 });
		await world.run(2_000);
		const { flight, x } = watch(world, ann, SHIP_TOP_SPEED);
		await world.run(100);
		expect(x()).toBeCloseTo(1000, 3);
		const { corrections } = ann.stats.prediction;
		put(world, ann, { x: 1020 });
		await world.runUntil(() => ann.stats.prediction.corrections > corrections);
		expect(flight.snap).toBeLessThan(0.01);
		expect(x()).toBeLessThan(1002);
		await world.run(200);
		expect(x()).toBeGreaterThan(1008);
		await world.run(2_000);
		expect(x()).toBeCloseTo(1020, 1);
		expect(ann.stats.prediction.lastCorrection).toBeCloseTo(20, 3);
		expect(flight.corrections).toBe(1);
	});

	it("answers a key in the same frame, where a line of 100 ms alone takes longer", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		await world.run(1_000);
		const frames = async (): Promise<number> => {
			ann.update();
			const before = ann.state.ship.angle[0];
			ann.input.turn = 127;
			for (let frame = 1; ; frame++) {
				await world.run(1000 / 60);
				ann.update();
				if (Math.abs(ann.state.ship.angle[0] - (before as number)) > 0.01) return frame;
			}
		};
		expect(await frames()).toBeLessThanOrEqual(3);
		ann.input.turn = 0;
		ann.predict = false;
		await world.run(1_000);
		expect(await frames()).toBeGreaterThan(8);
	});

	it("shows what only owners get, of the own row alone", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		const bob = await pilot(world, "Bob", { predict: false });
		await world.run(1_000);
		ann.update();
		bob.update();
		expect([...ann.state.ship.charge.slice(0, 2)]).toEqual([45, 0]);
		expect([...bob.state.ship.charge.slice(0, 2)]).toEqual([0, 45]);
		bob.input.laser = true;
		await world.run(200);
		bob.input.laser = false;
		bob.update();
		expect(bob.state.ship.charge[1]).toBeLessThan(30);
	});

	it("goes on under new rules", async () => {
		const { bytes, origin, sourceMap } = await buildEdited();
		const { compileGame } = await import("../../server/module/game-module.ts");
		const next = compileGame(bytes as Uint8Array<ArrayBuffer>, origin, sourceMap);
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		flyAtRandom(world, ann, 3);
		const drawing = world.every(1000 / 60, () => ann.update());
		await world.run(2_000);
		const room = world.serverRoomOf(ann);
		if (!room) throw new Error("no room");
		expect(swapRoom(room, next)).toHaveProperty("report");
		// bullets that were in the air then are known by their places only
		await world.run(5_000);
		expect(ann.version).toBe(2);
		const { corrections } = ann.stats.prediction;
		await world.run(10_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, corrections });
		expect(ann.stats.prediction.aheadTicks).toBeGreaterThanOrEqual(6);
		drawing();
	}, 60_000);

	it("comes back with the seat after a lost connection", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		flyAtRandom(world, ann, 3);
		world.every(1000 / 60, () => ann.update());
		await world.run(3_000);
		world.linkOf(ann).cut();
		await world.run(3_000);
		expect(ann.reconnects).toBe(1);
		const { corrections } = ann.stats.prediction;
		await world.run(10_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, corrections });
	}, 60_000);

	it("obeys its player again soon after a stall, however long that was", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann");
		world.every(1000 / 60, () => ann.update());
		await world.run(3_000);
		world.linkOf(ann).stall(20_000);
		await world.run(22_500);
		expect(ann.stats.prediction.isOn).toBe(true);
		expect(ann.stats.prediction.aheadTicks).toBeGreaterThanOrEqual(6);
		expect(ann.stats.prediction.delayTicks).toBeLessThan(1);
	});

	it("finds its way again when the room has lost seconds", async () => {
		// with a little jitter, so that an old sample of the room's time may be the best one
		const link = { delayMs: 50, jitterMs: 6 };
		const world = await createWorld({ games: [game], seed: 5, link });
		const ann = await pilot(world, "Ann");
		flyAtRandom(world, ann, 3);
		world.every(1000 / 60, () => ann.update());
		await world.run(3_000);
		await world.settle();
		world.linkOf(ann).link = link;
		await world.run(3_000);
		world.resume();
		await world.run(4_000);
		const repeated = world.serverRoomOf(ann)?.counters.inputsRepeated;
		const { corrections } = ann.stats.prediction;
		await world.run(5_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, corrections });
		expect(ann.stats.prediction.aheadTicks).toBeGreaterThanOrEqual(6);
		expect(ann.stats.prediction.delayTicks).toBeLessThan(1);
		expect(world.serverRoomOf(ann)?.counters.inputsRepeated).toBe(repeated);
		expect(Math.abs(ann.stats.slackTicks - 2)).toBeLessThanOrEqual(2);
	});

	it("shows the own ship later instead when the way is longer than it computes ahead", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: { delayMs: 300 } });
		const ann = await pilot(world, "Ann");
		world.every(1000 / 60, () => ann.update());
		await world.run(10_000);
		const { aheadTicks, delayTicks, isOn } = ann.stats.prediction;
		expect(isOn).toBe(true);
		expect(aheadTicks).toBeLessThanOrEqual(30);
		expect(delayTicks).toBeGreaterThan(4);
	});
});

describe("prediction that cannot be", () => {
	const off = async (options: object, games = [game], name = "arena") => {
		const world = await createWorld({ games, seed: 5, link: CLEAN });
		const room = await world.connect({ game: name, name: "Ann", predict: true, ...options });
		for (let i = 0; i < 30; i++) {
			await world.run(50);
			room.update();
		}
		// compiling goes on outside of virtual time
		while (room.stats.prediction.why?.includes("on their way")) {
			await new Promise((resolve) => setTimeout(resolve, 1));
			await world.run(50);
		}
		expect([room.status, room.decodeErrors, room.reconnects]).toEqual(["playing", 0, 0]);
		expect(room.stats.prediction.isOn).toBe(false);
		expect(world.differences(room).length).toBeLessThan(400);
		return room.stats.prediction.why;
	};

	it("says why, and the room goes on without", async () => {
		expect(await off({ predict: false })).toBe("turned off");
		expect(await off({ spectate: true })).toContain("spectator");
		const nowhere = async () => {
			throw new Error("no such file");
		};
		expect(await off({ loadModule: nowhere })).toBe("no such file");
		const swarm = await loadFixture("swarm");
		expect(await off({ loadModule: async () => swarm.module })).toContain("other");
		expect(await off({ loadModule: async () => Uint8Array.of(0, 1, 2) })).toContain("WebAssembly");
		const plain = await loadFixture("dots");
		expect(await off({}, [plain], "dots")).toBe("the game predicts no table");
	});

	it("is over when the rules trap or run out of fuel here, and only here", async () => {
		for (const [fault, why] of [
			["unreachable();", "trap"],
			["while (true) {}", "fuel"],
		] as const) {
			const faulty = await loadVariant({
				schema: replace("capacity: 16,", "capacity: 16, predict: true,"),
				main: replace(
					"export function tick(): void {",
					`export function tick(): void { if (ctx.predicting && ctx.tick > 60) ${fault}`,
				),
			});
			expect(await off({}, [faulty], "dots")).toContain(why);
		}
	}, 60_000);

	it("can be turned on again while the room goes on", async () => {
		const world = await createWorld({ games: [game], seed: 5, link: CLEAN });
		const ann = await pilot(world, "Ann", { predict: false });
		await world.run(500);
		ann.predict = true;
		await world.run(500);
		ann.update();
		expect(ann.stats.prediction.isOn).toBe(true);
		expect(ann.stats.prediction.aheadTicks).toBeGreaterThan(0);
	});

	it("takes no correction for own rows that are too many to be sent", async () => {
		const crowd = await loadVariant({
			schema: replace("capacity: 16,", "capacity: 400, predict: true,"),
			main: replace(
				"const i = dot.spawn();",
				"for (let k = 0; k < 299; k++) dot.player[dot.spawn()] = <u8>player; const i = dot.spawn();",
			),
		});
		const world = await createWorld({ games: [crowd], seed: 5, link: CLEAN });
		const ann = await world.connect<typeof dots>({ game: "dots", name: "Ann", predict: true });
		ann.input.dx = 100;
		world.every(1000 / 60, () => ann.update());
		await world.run(1_000);
		const { corrections } = ann.stats.prediction;
		await world.run(2_000);
		expect(ann.state.dot.used).toBe(300);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, corrections });
	}, 60_000);

	it("frees and takes rows as the server does", async () => {
		const blinking = await loadVariant({
			schema: (source) =>
				replace(
					"capacity: 16,",
					"capacity: 16, predict: true,",
				)(source).replace("y: f32()", "life: u8().private(), y: f32()"),
			main: (source) =>
				`${source.replace("export function tick(): void {", "export function tick(): void { blink();")}
				function blink(): void {
					for (let i = 0; i < dot.used; i++) {
						if (!dot.alive(i)) continue;
						const player = dot.player[i];
						dot.life[i] += 1;
						if (dot.life[i] < 40) continue;
						dot.free(i);
						const j = dot.spawn();
						dot.player[j] = player;
						dot.x[j] = <f32>player * 10;
					}
				}`,
		});
		const world = await createWorld({ games: [blinking], seed: 5, link: CLEAN });
		const ann = await world.connect<typeof dots>({ game: "dots", name: "Ann", predict: true });
		ann.input.dx = 100;
		world.every(1000 / 60, () => ann.update());
		// the first inputs come too late while the clocks find each other
		await world.run(1_000);
		const { corrections } = ann.stats.prediction;
		await world.run(10_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true, corrections });
		expect(ann.state.dot.used).toBe(1);
	}, 60_000);
});
