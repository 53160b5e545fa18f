import { describe, expect, it } from "vitest";
import { Histogram } from "../../../bots/metrics/histogram.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

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
