import { describe, expect, it } from "vitest";
import { Histogram, type HistogramData } from "../../../bots/metrics/histogram.ts";
import { stageOf } from "../../../bots/metrics/stage-of.ts";
import { mergeTotals, type Totals } from "../../../bots/metrics/totals.ts";

function times(...each: readonly number[]): HistogramData {
	const histogram = new Histogram();
	for (const ms of each) histogram.recordMs(ms);
	return histogram.data;
}

function totals(some: Partial<Totals>): Totals {
	return { ...mergeTotals([]), ...some };
}

function p99(data: HistogramData): number {
	const histogram = new Histogram();
	histogram.merge(data);
	return histogram.percentileMs(0.99);
}

describe("a stage of a search", () => {
	it("has only the joins and the ways back of its own", () => {
		const beginning = totals({ joins: times(5_000, 5_000), rejoins: times(9_000) });
		const joined = totals({ joins: times(5_000, 5_000, 20), rejoins: times(9_000) });
		const now = totals({ joins: times(5_000, 5_000, 20, 30), rejoins: times(9_000, 40) });
		const stage = stageOf(beginning, joined, now);
		expect(stage.joins).toEqual({ counts: times(20, 30).counts, maxUs: expect.any(Number) });
		expect(p99(stage.joins)).toBeLessThan(31);
		expect(p99(stage.rejoins)).toBeLessThan(41);
	});

	it("keeps a maximum that is its own exactly, and has none without times", () => {
		const before = totals({ joins: times(10) });
		const now = totals({ joins: times(10, 5_001) });
		expect(stageOf(before, before, now).joins.maxUs).toBe(5_001_000);
		expect(stageOf(now, now, now).joins.maxUs).toBe(0);
	});

	it("is not failed by what an earlier one was", () => {
		const before = totals({
			slowDrops: 3,
			disconnects: 4,
			churned: 2,
			errorsByName: { A: 4, B: 1 },
		});
		const now = totals({ ...before, slowDrops: 4, errorsByName: { A: 4, B: 3 } });
		const stage = stageOf(before, before, now);
		expect(stage).toMatchObject({ slowDrops: 1, disconnects: 0, churned: 0 });
		expect(stage.errorsByName).toEqual({ B: 2 });
	});
});
