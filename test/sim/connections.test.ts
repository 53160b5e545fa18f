import { beforeAll, describe, expect, it } from "vitest";
import type { Room } from "../../client/room.ts";
import type arenaSchema from "../../game-logic/arena/schema.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { type ClientLink, createWorld, type World } from "../../testing/index.ts";
import type dotsSchema from "../fixtures/dots/schema.ts";
import { buildEdited } from "../support/arena-v2.ts";
import { buildMedley } from "../support/build-medley.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { loadVariant, replace } from "../support/variant.ts";

let dots: GameModule;
let arena: GameModule;
let nextArena: GameModule;
let medley: GameModule;
let next: GameModule;
beforeAll(async () => {
	arena = await loadFixture("arena");
	const { bytes, origin, sourceMap } = await buildEdited();
	nextArena = compileGame(bytes, origin, sourceMap ?? null);
	dots = await loadFixture("dots");
	medley = await buildMedley();
	next = await buildMedley((schema) => schema.replace("version: 3", "version: 4"));
}, 60_000);

function dotsWorld(): Promise<World> {
	return createWorld({
		games: [dots],
		seed: 11,
		link: { delayMs: 30 },
		server: {
			rooms: { seatGraceMs: 3_000, emptyRoomMs: 2_000 },
			connections: { heartbeatMs: 1_000, silenceMs: 4_000 },
		},
	});
}

function drops({ counters }: World): Record<string, number> {
	return Object.fromEntries(counters.drops);
}

describe("a client whose connection breaks", () => {
	it.each<[string, (link: ClientLink) => void]>([
		["for both ends at once", (link) => link.cut()],
		["for the client first", (link) => link.cut({ serverMs: 2_000 })],
		["for the server first", (link) => link.cut({ clientMs: 2_000 })],
		["and the server is never told", (link) => link.cut({ serverMs: Number.POSITIVE_INFINITY })],
		["with the network away for a while", (link) => link.outage(1_000)],
	])("%s comes back to its seat, with its state", async (_, cut) => {
		const world = await dotsWorld();
		const ann = await world.connect({ game: "dots", name: "Ann" });
		const bob = await world.connect({ game: "dots", name: "Bob" });
		const [room, seat] = [ann.id, ann.player];
		await world.run(1_000);
		cut(world.linkOf(ann));
		await world.run(6_000);
		expect([ann.status, ann.id, ann.player, ann.reconnects > 0]).toEqual([
			"playing",
			room,
			seat,
			true,
		]);
		await world.settle();
		expect([...world.differences(ann), ...world.differences(bob)]).toEqual([]);
		expect([...bob.roster.values()]).toEqual(["Ann", "Bob"]);
		expect(world.serverRoomOf(ann)?.seats.viewers.size).toBe(2);
	});

	it("finds its seat given away after the grace time, and gets another", async () => {
		const world = await dotsWorld();
		const ann = await world.connect({ game: "dots", name: "Ann" });
		const bob = await world.connect({ game: "dots", name: "Bob" });
		world.linkOf(ann).outage(3_500);
		await world.run(3_300);
		expect([...bob.roster.values()]).toEqual(["Bob"]);
		await world.connect({ game: "dots", name: "Carol" });
		await world.run(5_000);
		expect(Object.fromEntries(bob.roster)).toEqual({ 0: "Carol", 1: "Bob", 2: "Ann" });
		expect(ann.player).toBe(2);
	});

	it("is found out by its pings when nobody tells the server", async () => {
		const world = await dotsWorld();
		const ann = await world.connect({ game: "dots", reconnect: false });
		await world.connect({ game: "dots" });
		world.linkOf(ann).cut({ serverMs: Number.POSITIVE_INFINITY });
		await world.run(4_000 + 1_100 + 3_000 + 100);
		expect(drops(world)).toEqual({ ERR_HEARTBEAT_TIMEOUT: 1 });
		expect([...(world.directory.rooms.values().next().value?.players.keys() ?? [])]).toEqual([1]);
	});
});

describe("a client that reads nothing", () => {
	it("costs the others nothing, and has everything one snapshot after it reads again", async () => {
		const world = await dotsWorld();
		const [ann, bob] = [
			await world.connect({ game: "dots", name: "Ann" }),
			await world.connect({ game: "dots", name: "Bob" }),
		];
		const gaps = new Set<number>();
		let last = -1;
		bob.onSnapshot(({ tick }) => {
			if (last >= 0) gaps.add(tick - last);
			last = tick;
		});
		ann.input.dx = 100;
		await world.run(1_000);
		world.linkOf(ann).stopReading();
		await world.run(3_500);
		world.linkOf(ann).read();
		await world.run(500);
		expect([...gaps]).toEqual([3]);
		expect(ann.reconnects).toBe(0);
		expect(world.viewerOf(ann)?.skippedSnapshots).toBeGreaterThan(20);
		await world.settle();
		expect(world.differences(ann)).toEqual([]);
	});
});

describe("a line that stalls", () => {
	it.each([5, 12, 60])(
		"for %i s leaves its player the seat, and steering right after",
		async (s) => {
			const world = await createWorld({ games: [dots], seed: 11, link: { delayMs: 50 } });
			const ann = await world.connect<typeof dotsSchema>({
				game: "dots",
				name: "Ann",
				sendRate: 60,
			});
			await world.run(2_000);
			world.linkOf(ann).stall(s * 1000);
			await world.run(s * 1000 + 300);
			// one that stalls for too long is given up for another, with the same seat
			expect([ann.status, ann.player, ann.reconnects]).toEqual(["playing", 0, s > 5 ? 1 : 0]);
			const room = world.serverRoomOf(ann);
			if (!room) throw new Error("no room");
			await world.run(700);
			const { inputsDropped, inputsRepeated } = room.counters;
			const x = () =>
				room.simulation.tables[0]?.columns.find((c) => c.about.name === "x")?.values[0];
			const before = Number(x());
			ann.input.dx = 100;
			await world.run(200);
			expect(Number(x())).toBeGreaterThan(before);
			await world.run(2_000);
			expect(room.counters).toMatchObject({ inputsDropped, inputsRepeated });
			expect(Math.abs(ann.stats.slackTicks - 2)).toBeLessThanOrEqual(2);
			expect(ann.stats.pingMs).toBeLessThan(130);
		},
	);
});

describe("a viewer that must wait", () => {
	const slow = { delayMs: 20, bytesPerSecond: 3_000, sendBufferBytes: 500 };

	it("gets its first snapshot although its line was full at first", async () => {
		const world = await createWorld({ games: [medley], seed: 1 });
		const ann = await world.connect({ game: "medley", link: slow });
		const ticks: number[] = [];
		ann.onSnapshot(({ tick }) => ticks.push(tick));
		await world.run(10_000);
		expect(world.viewerOf(ann)?.skippedSnapshots).toBeGreaterThan(0);
		expect(ticks.length).toBeGreaterThan(1);
	});

	it("gets a keyframe of new rules although it was behind when they came", async () => {
		const world = await createWorld({ games: [medley], seed: 2 });
		const ann = await world.connect({ game: "medley", link: slow });
		await world.run(3_000);
		expect(world.viewerOf(ann)?.isBehind).toBe(true);
		world.swap(next);
		await world.run(10_000);
		await world.settle();
		expect([ann.version, ...world.differences(ann)]).toEqual([4]);
	});

	it("is caught up as a spectator too, who has no inputs to acknowledge with", async () => {
		const world = await createWorld({ games: [medley], seed: 3 });
		await world.connect({ game: "medley", name: "Ann" });
		const looker = await world.connect({ game: "medley", spectate: true });
		await world.run(1_000);
		for (let i = 0; i < 5; i++) {
			world.linkOf(looker).stall(2_500);
			await world.run(3_000 + i * 37);
		}
		await world.run(1_000);
		expect(world.viewerOf(looker)?.skippedSnapshots).toBeGreaterThan(5);
		await world.settle();
		expect(world.differences(looker)).toEqual([]);
	});
});

describe("what is shown", () => {
	it("stays in sight while rules change, until the first snapshot under the new ones", async () => {
		const world = await dotsWorld();
		const ann = await world.connect<typeof dotsSchema>({ game: "dots", name: "Ann" });
		ann.input.dx = 50;
		await world.run(1_000);
		ann.update();
		const shown = () => [ann.state.dot.used, ann.state.dot.gen[0], ann.state.dot.x[0]];
		const before = shown();
		expect(before.every((value) => Number(value) > 0)).toBe(true);
		const atSwap: unknown[] = [];
		ann.onSwap(() => atSwap.push(shown()));
		world.swap(await loadVariant({ schema: replace("version: 1", "version: 2") }));
		let last = Number(before[2]);
		for (let frame = 0; frame < 30; frame++) {
			await world.run(10);
			if (atSwap.length === 0) before.splice(0, 3, ...shown());
			ann.update();
			// it goes on where it was: never away, never back
			expect(shown().slice(0, 2)).toEqual([1, 1]);
			expect(Number(ann.state.dot.x[0])).toBeGreaterThanOrEqual(last);
			last = Number(ann.state.dot.x[0]);
		}
		expect([ann.version, atSwap]).toEqual([2, [before]]);
	});

	it("is never from before smoothing was turned off, when it is turned on again", async () => {
		const world = await dotsWorld();
		const ann = await world.connect<typeof dotsSchema>({ game: "dots", interpolate: true });
		ann.input.dx = 100;
		await world.run(1_000);
		ann.interpolate = false;
		ann.input.dx = 0;
		await world.run(20_000);
		const bob = await world.connect({ game: "dots" });
		await world.run(500);
		ann.update();
		const shown = () => [ann.state.dot.x[0], ann.state.dot.gen[bob.player] !== 0];
		const before = shown();
		ann.interpolate = true;
		for (let frame = 0; frame < 30; frame++) {
			await world.run(10);
			ann.update();
			expect(shown()).toEqual(before);
		}
	});
});

describe("the own ship", () => {
	it.each<[string, boolean, (world: World, ann: Room<never>) => void]>([
		["through a lost connection", false, (world, ann) => world.linkOf(ann).cut()],
		["through one, predicted", true, (world, ann) => world.linkOf(ann).cut()],
		["under new rules", true, (world) => world.swap(nextArena)],
		["when it begins to be predicted", false, (_, ann) => Object.assign(ann, { predict: true })],
	])("stays in sight with all its columns, %s", async (_, predict, happen) => {
		const world = await createWorld({ games: [arena], seed: 5, link: { delayMs: 50 } });
		const options = { game: "arena", name: "Ann", predict, interpolate: true };
		const ann = await world.connect<typeof arenaSchema>(options);
		await world.run(3_000);
		const seen = new Set<string>();
		world.every(5, () => {
			ann.update();
			const { gen, player, charge } = ann.state.ship;
			seen.add([gen[0] === 0 ? "away" : "there", player[0], charge[0]].join());
		});
		await world.run(100);
		happen(world, ann as unknown as Room<never>);
		await world.run(3_000);
		expect([...seen]).toEqual(["there,0,45"]);
	});
});

describe("a key that goes down and up between two ticks", () => {
	it.each([false, true])("is felt, predicted or not: %s", async (predict) => {
		const world = await createWorld({ games: [arena], seed: 5, link: { delayMs: 50 } });
		const options = { game: "arena", name: "Ann", predict };
		const ann = await world.connect<typeof arenaSchema>(options);
		let beams = 0;
		ann.on("beam", () => beams++);
		world.every(1000 / 60, () => ann.update());
		for (let tap = 1; tap <= 5; tap++) {
			await world.run(2_000 + tap);
			ann.input.laser = true;
			ann.input.laser = false;
			await world.run(500);
			expect(beams).toBe(tap);
		}
	});
});

describe("a room", () => {
	it("stays while somebody looks on, and closes after the grace time when nobody does", async () => {
		const world = await dotsWorld();
		const ann = await world.connect({ game: "dots", name: "Ann" });
		const looker = await world.connect({ game: "dots", spectate: true });
		ann.leave();
		await world.run(10_000);
		expect(world.directory.rooms.size).toBe(1);
		await world.settle();
		expect(world.differences(looker)).toEqual([]);
		world.resume();
		looker.leave();
		await world.run(1_500);
		expect(world.directory.rooms.size).toBe(1);
		await world.run(2_000);
		expect(world.directory.rooms.size).toBe(0);
	});
});
