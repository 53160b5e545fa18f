import { describe, expect, it } from "vitest";
import { LinkDelay, NO_DELAY } from "../../../protocol/link-delay.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

function delayOf(conditions: Partial<typeof NO_DELAY>): LinkDelay {
	return new LinkDelay(new SeededRandom(1), { ...NO_DELAY, ...conditions }, 0);
}

describe("the delay of a simulated link", () => {
	it("is none on a line without any", () => {
		const delay = delayOf({});
		expect([0, 5, 5, 900].map((ms) => delay.arrivalMs(ms, 1_000))).toEqual([0, 5, 5, 900]);
	});

	it("keeps messages in order, however much each is held up", () => {
		const delay = delayOf({ delayMs: 50, jitterMs: 40 });
		const arrivals = Array.from({ length: 200 }, (_, i) => delay.arrivalMs(i * 5));
		expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
		for (const [i, atMs] of arrivals.entries()) expect(atMs).toBeGreaterThanOrEqual(i * 5 + 50);
	});

	it("lets nothing overtake what was sent before the line became better", () => {
		const delay = delayOf({ delayMs: 250 });
		expect(delay.arrivalMs(0)).toBe(250);
		delay.change(NO_DELAY, 10);
		expect([20, 300].map((ms) => delay.arrivalMs(ms))).toEqual([250, 300]);
	});

	it("sends bytes one after the other, as fast as the line carries them", () => {
		const delay = delayOf({ bytesPerSecond: 1_000 });
		expect([0, 0, 5_000].map((ms) => delay.arrivalMs(ms, 100))).toEqual([100, 200, 5_100]);
	});

	it("brings all that waited for a lost packet at once", () => {
		const delay = delayOf({ stallsPerSecond: 2, stallMs: 300 });
		const arrivals = Array.from({ length: 1_000 }, (_, i) => delay.arrivalMs(i * 10));
		const waits = arrivals.map((atMs, i) => atMs - i * 10);
		expect(Math.max(...waits)).toBeGreaterThan(250);
		expect(waits.filter((ms) => ms === 0).length).toBeGreaterThan(200);
		expect(new Set(arrivals).size).toBeLessThan(800);
	});
});
