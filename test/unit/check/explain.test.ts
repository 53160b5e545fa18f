import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { modulePartsOf } from "../../../server/check/explain/explain-module.ts";
import { showExplanation } from "../../../server/check/explain/explain-report.ts";
import { functionText } from "../../../server/check/explain/function-text.ts";
import { randomTicks, recordedTicks } from "../../../server/check/explain/played-ticks.ts";
import { type FuelProfile, sampleFuel } from "../../../server/check/explain/sample-fuel.ts";
import { compileGame, type GameModule } from "../../../server/module/game-module.ts";
import { assembleWat } from "../../support/assemble-wat.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { buildDots, openBytes, recordMatch } from "../journal/journal-match.ts";

/** Loops of the same body: `$dear` makes three passes for each one of `$cheap`. */
const LOOPS = `
  (func $passes (param $n i32) (result i32)
    (loop $next (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n))
  (func $dear (result i32) (local $n i32) (local.set $n (i32.const 3000))
    (loop $next (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n))
  (func $cheap (result i32) (local $n i32) (local.set $n (i32.const 1000))
    (loop $next (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n))
  (func $never (unreachable))
  (func (export "hs_tick") (result i32) (i32.or (call $dear) (i32.or (call $cheap) (call $passes (i32.const 4000)))))
)`;

let loops: GameModule;
beforeAll(async () => {
	const text = await readFile(new URL("../../support/fixtures/lanes.wat", import.meta.url), "utf8");
	const [head = ""] = text.split('(func (export "hs_tick")');
	loops = compileGame(await assembleWat(head + LOOPS), "loops");
});

function profileOf(found: ReturnType<typeof sampleFuel>): FuelProfile {
	if ("error" in found) throw new Error(found.detail);
	return found;
}

/** Stacks take a millisecond each where tests run. */
const FEW = { seed: 1, samples: 400 };
const PLAYERS = { ticks: 40, players: 4, seed: 5 };

describe("fuel by function", () => {
	it("is that of its loops, and its callers have it too", () => {
		const found = profileOf(sampleFuel(loops, randomTicks(loops, PLAYERS), FEW));
		const of = (name: string) => {
			const one = found.functions.find((f) => f.name === name);
			return { self: (one?.self ?? 0) / found.samples, all: (one?.withCalls ?? 0) / found.samples };
		};
		expect(found.ticks).toBe(40);
		expect(found.samples).toBeGreaterThan(390);
		expect(of("dear").self).toBeCloseTo(3 / 8, 1);
		expect(of("cheap").self).toBeCloseTo(1 / 8, 1);
		expect(of("passes").self).toBeCloseTo(4 / 8, 1);
		const [tick] = found.functions.filter(({ withCalls }) => withCalls === found.samples);
		expect(tick?.self).toBeLessThan(found.samples / 50);
		expect(of("never").all).toBe(0);
	});

	it("is the same for the same seed, and names files and lines where the module has them", async () => {
		const { game } = await buildDots([]);
		const once = profileOf(sampleFuel(game, randomTicks(game, PLAYERS), FEW));
		expect(sampleFuel(game, randomTicks(game, PLAYERS), FEW)).toEqual(once);
		expect(once.lines.map(({ place }) => place)).toContain("main.ts:15");
		expect(once.functions.map(({ name }) => name)).toContain("function at main.ts:6");
		const text = showExplanation(modulePartsOf(game), once);
		expect(text).toMatch(/fuel by function: \d+ in 40 ticks, estimated from \d+ samples/);
		expect(text).toMatch(/\d+\.\d % {2}main\.ts:15\n/);
	});

	it("is that of a journal's ticks, which go on from their own states", async () => {
		const arena = await loadFixture("arena");
		const { bytes } = await recordMatch({ game: arena, ticks: 200, players: 8, seed: 7 });
		const found = profileOf(sampleFuel(arena, recordedTicks(arena, openBytes(bytes), 1_000), FEW));
		expect(found.ticks).toBe(200);
		let fuel = 0;
		recordedTicks(arena, openBytes(bytes), 1_000).play(
			() => {},
			(spent) => {
				fuel += spent;
			},
		);
		expect(found.fuel).toBe(fuel);
		const first = profileOf(sampleFuel(arena, recordedTicks(arena, openBytes(bytes), 50), FEW));
		expect(first.ticks).toBe(50);
	});

	it("is refused for a journal of another build", async () => {
		const dots = await loadFixture("dots");
		const { bytes } = await recordMatch({ game: dots, ticks: 20, players: 2, seed: 7 });
		const refused = sampleFuel(loops, recordedTicks(loops, openBytes(bytes), 100), FEW);
		expect(refused).toMatchObject({ error: "ERR_CHECK_JOURNAL" });
	});
});

describe("what a module consists of", () => {
	it("adds up to its files", () => {
		const { sections, functions } = modulePartsOf(loops);
		const sum = (of: "raw" | "sealed"): number => sections.reduce((n, one) => n + one[of], 8);
		expect(sum("raw")).toBe(loops.raw.length);
		expect(sum("sealed")).toBe(loops.bytes.length);
		expect(functions).toHaveLength(loops.facts.functions);
		const sizes = functions.map(({ bytes }) => bytes);
		expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
		expect(functions.map(({ name }) => name)).toContain("never");
	});
});

describe("the text of a function", () => {
	it("is found by name, by a part of it and by number", async () => {
		const never = await functionText(loops, "never");
		expect(never).toEqual({ text: "  (func $never (type 4)\n    unreachable)\n" });
		expect(await functionText(loops, "neve")).toEqual(never);
		const index = [...loops.facts.functionNames].find(([, name]) => name === "never")?.[0];
		expect(await functionText(loops, String(index))).toEqual(never);
	});

	it("says which functions there are instead", async () => {
		expect(await functionText(loops, "e")).toMatchObject({
			error: "ERR_CHECK_TEXT",
			detail: expect.stringContaining("passes, dear, cheap, never"),
		});
	});

	it("asks for WABT where it is not installed", async () => {
		vi.doMock("wabt", () => {
			throw new Error("Cannot find package 'wabt'");
		});
		try {
			expect(await functionText(loops, "never")).toMatchObject({
				error: "ERR_CHECK_TEXT",
				detail: expect.stringContaining("npm install --save-dev wabt"),
			});
		} finally {
			vi.doUnmock("wabt");
		}
	});

	it("can be had of the sealed bytes too: tools read them", async () => {
		const sealed = { ...loops, raw: loops.bytes };
		const found = await functionText(sealed, "dear");
		expect("text" in found ? found.text : found.detail).toMatch(/global\.set[\s\S]*unreachable/);
	});
});
