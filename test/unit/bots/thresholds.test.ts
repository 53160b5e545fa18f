import { describe, expect, it } from "vitest";
import { Histogram } from "../../../bots/metrics/histogram.ts";
import { type Summary, summarise, withoutEmpty } from "../../../bots/metrics/summary.ts";
import { judge, readThreshold } from "../../../bots/metrics/thresholds.ts";
import { mergeTotals, type Totals } from "../../../bots/metrics/totals.ts";

const setting = { game: "dots", url: "ws://127.0.0.1", seed: 1, sendRate: 30, workers: 1 };
const server = {
	cpu: null,
	tickLatenessP50Ms: null,
	tickLatenessP99Ms: null,
	droppedTicks: null,
	rooms: null,
	version: null,
	missing: "there is no server",
};

function summaryOf(totals: Partial<Totals>): Summary {
	const all = { ...mergeTotals([]), ...totals };
	return summarise(setting, { totals: all, server, toolCpu: 0, seconds: 1 });
}

function fails(expression: string, summary: Summary): boolean {
	return judge([readThreshold(expression)], summary).some(({ failed }) => failed);
}

describe("a threshold", () => {
	it("fails on times of which none was measured, as it does on any metric without a value", () => {
		const nothing = summaryOf({});
		for (const times of ["snapshotGapMs", "inputLatencyMs", "joinMs", "rejoinMs"]) {
			for (const stat of ["p50", "p99", "max"]) {
				const expression = `${times}.${stat}>75`;
				expect(fails(expression, nothing), expression).toBe(true);
			}
			expect(fails(`${times}.count>0`, nothing)).toBe(false);
		}
	});

	it("has null in JSON where none was measured", () => {
		const gaps = new Histogram();
		gaps.recordMs(80);
		const summary = summaryOf({ gaps: gaps.data });
		const json = JSON.parse(JSON.stringify({ summary }, withoutEmpty)) as { summary: Summary };
		expect(json.summary.rejoinMs).toMatchObject({ p50: null, p99: null, max: null, count: 0 });
		expect(json.summary.snapshotGapMs).toEqual(summary.snapshotGapMs);
	});

	it("holds or not by the value that was measured", () => {
		const gaps = new Histogram();
		gaps.recordMs(80);
		const measured = summaryOf({ gaps: gaps.data });
		expect(fails("snapshotGapMs.p99>75", measured)).toBe(true);
		expect(fails("snapshotGapMs.p99>100", measured)).toBe(false);
	});
});
