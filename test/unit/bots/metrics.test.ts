import { describe, expect, it } from "vitest";
import { Histogram } from "../../../bots/metrics/histogram.ts";
import { Series, type Slice } from "../../../bots/metrics/series.ts";
import { stepFor } from "../../../bots/report/plot.ts";
import { bucketsOf, parsePrometheus, quantileBetween } from "../../../bots/server/prometheus.ts";

const TEXT = `# HELP hotstep_tick_lateness_seconds how late
# TYPE hotstep_tick_lateness_seconds histogram
hotstep_tick_lateness_seconds_bucket{game="arena",le="0.001"} 90
hotstep_tick_lateness_seconds_bucket{game="arena",le="0.002"} 99
hotstep_tick_lateness_seconds_bucket{game="arena",le="+Inf"} 100
hotstep_tick_lateness_seconds_bucket{game="a\\"b,}",le="0.001"} 100
hotstep_tick_lateness_seconds_bucket{game="a\\"b,}",le="0.002"} 100
hotstep_tick_lateness_seconds_bucket{game="a\\"b,}",le="+Inf"} 100
process_cpu_seconds_total 12.5 1700000000000
not a line
`;

describe("a server's metrics", () => {
	it("are read with labels and all, and other lines passed over", () => {
		const samples = parsePrometheus(TEXT);
		expect(samples.get("process_cpu_seconds_total")).toEqual([{ labels: {}, value: 12.5 }]);
		const buckets = samples.get("hotstep_tick_lateness_seconds_bucket");
		expect(buckets).toHaveLength(6);
		expect(buckets?.[3]?.labels.le).toBe("0.001");
		expect(samples.size).toBe(2);
	});

	it("give a quantile of what was added between two readings", () => {
		const after = bucketsOf(parsePrometheus(TEXT).get("hotstep_tick_lateness_seconds_bucket"));
		expect(after).toEqual(
			new Map([
				[0.001, 190],
				[0.002, 199],
				[Number.POSITIVE_INFINITY, 200],
			]),
		);
		if (after === null) return;
		expect(quantileBetween(new Map(), after, 0.95)).toBeCloseTo(0.001, 9);
		expect(quantileBetween(new Map(), after, 0.99)).toBeCloseTo(0.001 + 0.001 * (8 / 9), 9);
		expect(quantileBetween(new Map(), after, 1)).toBe(0.002);
		expect(quantileBetween(after, after, 0.99)).toBeNull();
		expect(bucketsOf(undefined)).toBeNull();
	});
});

describe("a run over time", () => {
	const slice = (second: number, playing: number): Slice => {
		const histogram = new Histogram();
		histogram.recordMs(50);
		const data = histogram.copy();
		return {
			second,
			playing,
			clients: 10,
			snapshots: 20,
			receivedBytes: 100,
			sentBytes: 10,
			refused: 0,
			disconnects: 0,
			gaps: data,
			latencies: data,
			lateness: data,
			busy: 0.5,
		};
	};

	it("adds up the workers of a second", () => {
		const series = new Series();
		series.add(slice(0, 3));
		series.add(slice(0, 4));
		expect(series.points).toHaveLength(1);
		expect(series.points[0]).toMatchObject({ playing: 7, workers: 2, snapshots: 40, busy: 0.5 });
		expect(series.points[0]?.gaps.total).toBe(2);
	});

	it("keeps a bounded number of points, and loses nothing that it counted", () => {
		const series = new Series();
		for (let second = 0; second < 5_000; second++) series.add(slice(second, 1));
		expect(series.points.length).toBeLessThanOrEqual(600);
		const sum = series.points.reduce((n, point) => n + point.gaps.total, 0);
		expect(sum).toBe(5_000);
		expect(series.points.reduce((n, { snapshots }) => n + snapshots, 0)).toBe(100_000);
		expect(series.points.every(({ playing, workers }) => playing === 1 && workers === 1)).toBe(
			true,
		);
	});

	it("gives every second of a long run the same weight in its means", () => {
		const series = new Series();
		const cpu = (second: number): number => (second % 8 === 0 ? 0.8 : 0);
		for (let second = 0; second < 4_800; second++) {
			series.addOutside(second, cpu(second), { cpu: cpu(second), tickLatenessP99Ms: 1 });
		}
		expect(series.points[0]?.seconds).toBe(8);
		for (const { toolCpu, serverCpu } of series.points) {
			expect(toolCpu.value).toBeCloseTo(0.1, 9);
			expect(serverCpu.value).toBeCloseTo(0.1, 9);
		}
	});
});

describe("a plot's axis", () => {
	it.each([
		[10, 4, 5],
		[100, 4, 50],
		[0.7, 4, 0.2],
		[3, 4, 1],
	])("goes up to %d in at most %d steps of %d", (range, most, step) => {
		expect(stepFor(range, most)).toBeCloseTo(step, 9);
	});
});
