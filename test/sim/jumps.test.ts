import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Room } from "../../client/room.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { createWorld, type Link, type World } from "../../testing/index.ts";
import type leaps from "../fixtures/leaps/schema.ts";
import { holdsAsync } from "../support/holds.ts";
import { loadFixture } from "../support/load-fixture.ts";

type LeapsRoom = Room<typeof leaps>;

let game: GameModule;
beforeAll(async () => {
	game = await loadFixture("leaps");
});

function apart(a: number, b: number, size: number): number {
	const way = a - b;
	return Math.abs(way - size * Math.round(way / size));
}

/** What is wrong with a shown frame: a row where it never was, or on the long way round. */
function faultOf({ hop, ring, near }: LeapsRoom["state"]): string | null {
	const at = (column: Float64Array, row: number): number => column[row];
	const x = at(hop.x, 0);
	if ((x !== 100 && x !== 130) || at(hop.y, 0) !== -x) return `hop 0 at ${x}, ${at(hop.y, 0)}`;
	if (![10, 20, 30].includes(at(hop.x, 1))) return `hop 1 at ${at(hop.x, 1)}`;
	const [along, lane] = [at(hop.x, 2), at(hop.y, 2)];
	const isOnLane = (lane === 0 && along < 500) || (lane === 50 && along >= 600);
	if (!isOnLane) return `hop 2 at ${along}, ${lane}`;
	if (near.gen[0] !== 0 && ![100, 400].includes(at(near.x, 0))) return `near at ${at(near.x, 0)}`;
	const time = at(ring.time, 0);
	const [ringX, z, turn] = [at(ring.x, 0), at(ring.z, 0), at(ring.turn, 0)];
	if (!(ringX >= 0 && ringX < 480) || apart(ringX, time, 480) > 0.2) return `x ${ringX}`;
	if (!(z >= -10 && z < 10) || apart(z, (time + 160) / 24 - 10, 20) > 0.1)
		return `z ${z} at ${time}`;
	const wanted = ((time + 320) * 2 * Math.PI) / 480;
	return apart(turn, wanted, 2 * Math.PI) > 0.05 ? `turn ${turn}, not ${wanted}` : null;
}

/** Draws 144 frames a second; what was wrong with them, at most a few. */
function watch(world: World, room: LeapsRoom): { frames: number; faults: string[] } {
	const seen = { frames: 0, faults: [] as string[] };
	world.every(1000 / 144, () => {
		room.update();
		seen.frames++;
		const fault = faultOf(room.state);
		if (fault && seen.faults.length < 5) seen.faults.push(`frame ${seen.frames}: ${fault}`);
	});
	return seen;
}

function look(world: World, predict = false): Promise<LeapsRoom> {
	return world.connect<typeof leaps>({ game: "leaps", name: "Ann", interpolate: true, predict });
}

const links: fc.Arbitrary<Link> = fc.record({
	delayMs: fc.constantFrom(0, 40, 150),
	jitterMs: fc.constantFrom(0, 20, 120),
	stallsPerSecond: fc.constantFrom(0, 0.2, 0.5),
	// never as long as half a turn of the circles: nobody could say which way it was
	stallMs: fc.constantFrom(120, 700, 1_200),
});

describe("a row that jumps, and a circle", () => {
	it("are never shown in between, over any line, lost ones too", async () => {
		const property = fc.asyncProperty(
			links,
			fc.nat(1e6),
			fc.boolean(),
			async (link, seed, cuts) => {
				const world = await createWorld({ games: [game], seed, link });
				const ann = await look(world);
				await world.runUntil(() => {
					ann.update();
					return ann.state.ring.used > 0;
				});
				const seen = watch(world, ann);
				await world.run(4_000);
				if (cuts) world.linkOf(ann).cut();
				await world.run(6_000);
				expect(seen.frames).toBeGreaterThan(1_000);
				expect(seen.faults).toEqual([]);
			},
		);
		await holdsAsync(property, 25);
	}, 120_000);

	it("are not met in between by who looks back", async () => {
		const world = await createWorld({ games: [game], seed: 1, link: {} });
		const ann = await look(world);
		await world.run(12_000);
		ann.update();
		expect(ann.state.looked.times[0]).toBeGreaterThan(20_000);
		expect(ann.state.looked.wrong[0]).toBe(0);
	});

	it("are not slid through by a player's own row, even where its rules guessed the place wrong", async () => {
		const world = await createWorld({
			games: [game],
			seed: 2,
			link: { delayMs: 60, jitterMs: 10 },
		});
		const ann = await look(world, true);
		await world.run(2_000);
		expect(ann.stats.prediction).toMatchObject({ isOn: true });
		const row = ann.state.me.player.indexOf(ann.player ?? -1);
		const places = new Set<number>();
		const strays: number[] = [];
		let last = -1;
		let longest = 0;
		let farthest = 0;
		world.every(600, () => {
			ann.input.hop = !ann.input.hop;
		});
		world.every(1000 / 144, () => {
			ann.update();
			places.add(ann.state.me.x[row]);
			const y = ann.state.me.y[row];
			if (!(y >= 0 && y < 800)) strays.push(y);
			if (last >= 0) longest = Math.max(longest, apart(y, last, 800));
			last = y;
			farthest = Math.max(farthest, ann.stats.prediction.maxCorrection);
		});
		await world.run(20_000);
		expect([...places].sort((a, b) => a - b)).toEqual([100, 300, 500, 600, 700]);
		expect(strays).toEqual([]);
		// 2.5 units a frame at the pace that the client guesses, and what corrections take back
		expect(longest).toBeLessThan(12);
		expect(ann.stats.prediction.corrections).toBeGreaterThan(10);
		// 400 from place to place, never once around the circle
		expect(farthest).toBeLessThan(500);
	});
});
