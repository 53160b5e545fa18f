import { beforeAll, describe, expect, it } from "vitest";
import type { FileRecorder } from "../../../server/journal/file-recorder.ts";
import { type GameModule, instantiate } from "../../../server/module/game-module.ts";
import { replayOn } from "../../../server/replay/replay-on.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import {
	buildDots,
	compared,
	type Match,
	openBytes,
	recordMatch,
	replayed,
	swap,
} from "../journal/journal-match.ts";

let dots: GameModule;
/** Moves twice as fast along y. */
let faster: GameModule;
/** Has other names and one column more, and plays the same. */
let renamed: GameModule;

beforeAll(async () => {
	dots = await loadFixture("dots");
	[{ game: faster }, { game: renamed }] = await Promise.all([
		buildDots([["dot.y[i] += ", "dot.y[i] += <f32>2 * "]]),
		buildDots([
			["f32, i8, u8 }", "f32, i8, u8, u32 }"],
			["version: 1", "version: 2"],
			["x: f32()", 'score: u32({ default: 7 }), px: f32().was("x")'],
			["dot.x[i] = ", "dot.px[i] = "],
			["dot.x[i] +=", "dot.px[i] +="],
		]),
	]);
});

describe("replay on another build", () => {
	it("finds nothing when the build is the same, and measures its fuel", async () => {
		const { bytes } = await recordMatch({ game: dots, ticks: 300, seed: 3 });
		const { departure, faults, fuel, migration, apart } = compared(bytes, dots);
		expect({ departure, faults, migration }).toEqual({
			departure: null,
			faults: [],
			migration: [],
		});
		expect(apart.every(({ differing }) => differing === 0)).toBe(true);
		expect(fuel?.max).toBeGreaterThan(fuel?.mean ?? 0);
		expect(fuel?.mean).toBeGreaterThan(10);
		expect(fuel?.budget).toBe(instantiate(dots, () => {}).fuelPerTick);
	});

	it("finds a changed rule at its first tick, by table, row and column", async () => {
		let first: { tick: number; row: number; before: number } | null = null;
		const ys = new Float32Array(16);
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 400,
			seed: 3,
			after({ simulation }, tick) {
				const [table] = simulation.tables;
				const y = table?.columns[2]?.values as Float32Array;
				const row = y.findIndex((value, i) => table?.gen[i] !== 0 && value !== ys[i]);
				if (row >= 0 && first === null) first = { tick, row, before: y[row] };
				ys.set(y);
			},
		});
		const { departure, faults, apart } = compared(bytes, faster);
		expect(first).not.toBeNull();
		expect(faults).toEqual([]);
		expect(departure).toMatchObject({
			...(first as unknown as object),
			table: "dot",
			column: "y",
			after: (first as unknown as { before: number }).before * 2,
		});
		expect(apart[0]?.differing).toBeGreaterThan(0);
	});

	it("reports each fault with its tick and place, and goes on as a room would", async () => {
		const { game: late } = await buildDots([
			["dot.y[i] +=", "if (ctx.tick == 150 || ctx.tick == 170) unreachable(); dot.y[i] +="],
		]);
		let x = 0;
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 300,
			seed: 3,
			after({ simulation }, tick) {
				if (tick === 149) x = simulation.tables[0]?.columns[1]?.values[0] as number;
			},
		});
		const { faults, departure, ticks, gaveUp } = compared(bytes, late);
		expect(faults.map(({ tick, kind, detail }) => `${tick} ${kind} ${detail}`)).toEqual([
			"150 trap unreachable",
			"170 trap unreachable",
		]);
		expect(faults[0]?.frames[0]).toMatch(/main\.ts:\d+:\d+/);
		// row 0 had moved when the trap came, and is back
		expect(departure).toMatchObject({ tick: 150, table: "dot", column: "x", row: 0, after: x });
		expect({ ticks, gaveUp }).toEqual({ ticks: 300, gaveUp: false });
	});

	it("gives up on a build that fails in every tick, or at its start", async () => {
		const [{ game: broken }, { game: stillborn }] = await Promise.all([
			buildDots([["export function tick(): void {", "$& unreachable();"]]),
			buildDots([["export function tick", "export function init(): void { unreachable(); }\n$&"]]),
		]);
		const { bytes } = await recordMatch({ game: dots, ticks: 300, seed: 3 });
		expect(compared(bytes, broken)).toMatchObject({ gaveUp: true, ticks: 20 });
		const { faults, ticks, gaveUp } = compared(bytes, stillborn);
		expect({ ticks, gaveUp, at: faults.map(({ tick }) => tick) }).toEqual({
			ticks: 0,
			gaveUp: true,
			at: [-1],
		});
	});

	it("compares renamed columns by their former names", async () => {
		const { bytes } = await recordMatch({ game: dots, ticks: 300, seed: 3 });
		const { departure, faults, migration } = compared(bytes, renamed);
		expect(faults).toEqual([]);
		expect(departure).toBeNull();
		expect(migration).toEqual(["+ dot.score starts at 7", "~ dot.px was x"]);
	});

	it("starts from the first image when the journal does, carrying the columns over", async () => {
		const match = await recordLate(700, 200);
		expect(replayed(match.bytes)).toMatchObject({
			firstTick: 200,
			lastTick: 699,
			ticks: 500,
			departure: null,
		});
		expect(compared(match.bytes, renamed)).toMatchObject({ departure: null, firstTick: 200 });
		expect(compared(match.bytes, faster).departure).toMatchObject({ table: "dot", column: "y" });
	});

	it("compares with the rules that are in force, before and after a swap", async () => {
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 400,
			seed: 3,
			before(room, tick) {
				if (tick === 150) swap(room, renamed);
			},
		});
		for (const game of [dots, renamed]) {
			expect(compared(bytes, game)).toMatchObject({ departure: null, faults: [], ticks: 400 });
		}
	});

	it("refuses what a swap would refuse", async () => {
		const arena = await loadFixture("arena");
		const { bytes } = await recordMatch({ game: dots, ticks: 60, seed: 3 });
		expect(replayOn(openBytes(bytes), arena)).toMatchObject({ error: "ERR_SWAP_GAME" });
	});
});

/** Recording begins when the match has gone on for a while. */
function recordLate(ticks: number, from: number): Promise<Match> {
	let inner: FileRecorder | null = null;
	return recordMatch({
		game: dots,
		ticks,
		seed: 3,
		wrap(recorder) {
			inner = recorder;
			return {
				open() {},
				tick: (r, inbox) => recorder.tick(r, inbox),
				abort: (r, inbox) => recorder.abort(r, inbox),
				swap: (r, hash) => recorder.swap(r, hash),
				close: (r) => recorder.close(r),
			};
		},
		before(room, tick) {
			if (tick === from) inner?.open(room);
		},
	});
}
