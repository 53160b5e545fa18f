import { describe, expect, it } from "vitest";
import { Arrivals, WINDOW_GRACE_MS } from "../../../bots/worker/arrivals.ts";

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
