import { describe, expect, it } from "vitest";
import type { BotView } from "../../bots/behaviour.ts";
import { genericBehaviour } from "../../bots/generic-behaviour.ts";
import { Histogram } from "../../bots/metrics/histogram.ts";
import { Arrivals, WINDOW_GRACE_MS } from "../../bots/worker/arrivals.ts";
import { InputLedger } from "../../bots/worker/input-ledger.ts";
import { layoutRecord } from "../../protocol/schema/define-game.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";

describe("the bots' histogram", () => {
	const times = (seed: number, count: number): number[] => {
		const random = new SeededRandom(seed).next;
		return Array.from({ length: count }, () => 10 ** (random() * 7 - 3));
	};
	const filled = (values: readonly number[]): Histogram => {
		const histogram = new Histogram();
		for (const value of values) histogram.recordMs(value);
		return histogram;
	};

	it("is the same merged from parts as filled in one go", () => {
		const parts = [times(1, 1000), times(2, 10), times(3, 500), []];
		const merged = new Histogram();
		for (const part of parts) merged.merge(filled(part).data);
		expect(merged.data).toEqual(filled(parts.flat()).data);
		expect(merged.total).toBe(1510);
	});

	it("knows percentiles to 1/64, and the maximum exactly", () => {
		const values = times(4, 5000);
		const sorted = [...values].sort((a, b) => a - b);
		const histogram = filled(values);
		for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
			const exact = sorted[Math.ceil(share * sorted.length) - 1];
			const found = histogram.percentileMs(share);
			expect(found).toBeGreaterThanOrEqual(Math.round(exact * 1000) / 1000);
			expect(found).toBeLessThanOrEqual((exact + 0.001) * (1 + 1 / 64));
		}
		expect(histogram.maxMs).toBe(Math.round((sorted.at(-1) ?? 0) * 1000) / 1000);
	});

	it("counts each thing that was due in a silence, from when it was", () => {
		const histogram = new Histogram();
		for (let i = 0; i < 990; i++) histogram.recordDue(50, 50);
		histogram.recordDue(1_000, 50);
		// 1000, 950, … 50: twenty, where one gap was seen
		expect(histogram.total).toBe(990 + 20);
		expect(histogram.percentileMs(0.99)).toBeGreaterThan(450);
		expect(filled([...Array(990).fill(50), 1_000]).percentileMs(0.99)).toBeLessThan(52);
	});

	it("holds any time, and says 0 when it holds none", () => {
		expect(new Histogram().percentileMs(0.5)).toBe(0);
		const histogram = filled([-1, 0, 1e12]);
		expect(histogram.percentileMs(0.5)).toBe(0);
		expect(histogram.maxMs).toBe(0xffffffff / 1000);
	});
});

describe("a bot's window", () => {
	it("has the true rate, whatever the phase of the snapshots against it", () => {
		for (const phase of [0, 13, 49]) {
			const arrivals = new Arrivals();
			arrivals.open(1000, 3000);
			for (let ms = 900 + phase; !arrivals.isClosed; ms += 50) arrivals.add(ms);
			expect(arrivals.rate).toBeCloseTo(20, 9);
		}
	});

	it("has the true rate although the machine stalls at an edge", () => {
		const late = (ms: number): number =>
			(ms > 950 && ms < 1_200) || (ms > 2_950 && ms < 3_100) ? Math.ceil(ms / 250) * 250 : ms;
		const arrivals = new Arrivals();
		arrivals.open(1000, 3000);
		for (let ms = 0; !arrivals.isClosed; ms += 50) arrivals.add(late(ms + 7));
		expect(arrivals.rate).toBeCloseTo(20, 9);
	});

	it("counts snapshots that never came", () => {
		const arrivals = new Arrivals();
		arrivals.open(1000, 11_000);
		for (let ms = 0; !arrivals.isClosed; ms += 50) if (ms % 500 !== 0) arrivals.add(ms);
		expect(arrivals.rate).toBeCloseTo(18, 0);
	});

	it("counts silence at its end, and calls it a gap", () => {
		const arrivals = new Arrivals();
		arrivals.open(0, 10_000);
		for (let ms = 50; ms <= 5_000; ms += 50) arrivals.add(ms);
		const endMs = 10_000 + WINDOW_GRACE_MS;
		expect(arrivals.close(endMs)).toBe(endMs - 5_000);
		expect(arrivals.rate).toBeLessThan(10);
	});

	it("does not count the time for which the client left by itself", () => {
		const arrivals = new Arrivals();
		arrivals.open(0, 10_000);
		for (let ms = 0; ms <= 4_000; ms += 50) arrivals.add(ms);
		arrivals.leave();
		for (let ms = 7_000; !arrivals.isClosed; ms += 50) expect(arrivals.add(ms)).toBeLessThan(51);
		expect(arrivals.rate).toBeCloseTo(20, 9);
		expect(arrivals.presentMs).toBe(6_950);
	});

	it("counts silence at its start", () => {
		const arrivals = new Arrivals();
		arrivals.open(0, 10_000);
		for (let ms = 5_000; !arrivals.isClosed; ms += 50) arrivals.add(ms);
		expect(arrivals.rate).toBeLessThan(11);
	});
});

describe("a bot's input ledger", () => {
	const collect = (ledger: InputLedger, inputTick: number, nowMs: number): number[] => {
		const took: number[] = [];
		ledger.received(inputTick, nowMs, (ms) => took.push(ms));
		return took;
	};

	it("times each input up to the first snapshot that includes it, once", () => {
		const ledger = new InputLedger();
		ledger.sent(69_998, 2, 100, 100);
		ledger.sent(70_000, 3, 130, 130);
		expect(collect(ledger, 69_999, 150)).toEqual([50, 50]);
		expect(collect(ledger, 70_001, 200)).toEqual([70, 70]);
		expect(collect(ledger, 70_001, 250)).toEqual([]);
	});

	it("counts from when sending was due, over the turns that were missed", () => {
		const ledger = new InputLedger();
		ledger.sent(100, 4, 0, 80);
		expect(collect(ledger, 103, 100)).toEqual([80, 60, 40, 20]);
	});

	it("forgets nothing of a silence that is longer than it remembers single inputs", () => {
		const ledger = new InputLedger();
		// ten seconds without an answer at 60 Hz
		for (let tick = 0; tick < 600; tick++) {
			ledger.sent(1_000 + tick, 1, (tick * 1000) / 60, (tick * 1000) / 60);
		}
		const ages: number[] = [];
		ledger.overdue(10_000, (ms) => ages.push(ms));
		expect(ages).toHaveLength(540);
		const first = collect(ledger, 1_099, 10_000);
		expect(first).toHaveLength(100);
		expect(first[0]).toBeCloseTo(10_000, 6);
		const rest = collect(ledger, 1_599, 10_000);
		expect(rest).toHaveLength(500);
		expect(rest[0]).toBeCloseTo(10_000 - (100 * 1000) / 60, 6);
		expect(rest[499]).toBeCloseTo(1000 / 60, 6);
		expect(collect(ledger, 1_599, 10_000)).toEqual([]);
	});

	it("gives the age of what was never answered, when that is long ago", () => {
		const ledger = new InputLedger();
		ledger.sent(100, 1, 0, 0);
		ledger.sent(101, 1, 1_500, 1_500);
		const ages: number[] = [];
		ledger.overdue(2_000, (ms) => ages.push(ms));
		expect(ages).toEqual([2_000]);
	});
});

describe("a behaviour by the input's types", () => {
	it("stays within each type, moves everything, and repeats itself with its seed", () => {
		const spec = layoutRecord([
			["turn", "i8"],
			["level", "u8"],
			["aim", "f32"],
			["fire", "bool"],
		]);
		const play = (): Record<string, number | boolean>[] => {
			const think = genericBehaviour(spec).create(new SeededRandom(5).next);
			const input: Record<string, number | boolean> = { turn: 0, level: 0, aim: 0, fire: false };
			return Array.from({ length: 300 }, (_, i) => {
				think({ state: {}, player: 0, input, nowMs: i * 200 } as unknown as BotView);
				return { ...input };
			});
		};
		const plays = play();
		expect(play()).toEqual(plays);
		const range = (name: string) => {
			const values = plays.map((p) => Number(p[name]));
			return { least: Math.min(...values), most: Math.max(...values) };
		};
		expect(range("turn").least).toBeGreaterThanOrEqual(-128);
		expect(range("turn").most).toBeLessThanOrEqual(127);
		expect(range("level").least).toBe(0);
		expect(range("level").most).toBeLessThanOrEqual(255);
		expect(range("aim").most).toBeLessThanOrEqual(1);
		expect(range("fire")).toEqual({ least: 0, most: 1 });
		for (const name of ["turn", "level", "aim"]) expect(range(name).most).toBeGreaterThan(0);
	});
});
