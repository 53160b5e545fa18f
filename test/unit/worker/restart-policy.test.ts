import { describe, expect, it } from "vitest";
import { type Crashes, decideRestart, NO_CRASHES } from "../../../server/worker/restart-policy.ts";
import { WORKER_LIMITS } from "../../../server/worker/worker-limits.ts";

/** Runs a worker that lives so long each time, on a clock of its own; returns when it started, ms. */
function starts(livesMs: readonly number[], others: number): { at: number[]; isLeftOut: boolean } {
	let crashes: Crashes = NO_CRASHES;
	let now = 0;
	const at = [0];
	for (const livedMs of livesMs) {
		now += livedMs;
		const next = decideRestart(crashes, livedMs, others);
		crashes = next.crashes;
		if (next.decision.kind === "leaveOut") return { at, isLeftOut: true };
		now += next.decision.afterMs;
		at.push(now);
	}
	return { at, isLeftOut: false };
}

describe("when a worker comes back", () => {
	it("is at once after one crash, and later each time in a row", () => {
		expect(starts([0, 0, 0, 0, 0, 0], 1)).toEqual({
			at: [0, 0, 500, 1_500, 3_500, 7_500, 15_500],
			isLeftOut: false,
		});
	});

	it("is never again after too many crashes in a row", () => {
		const { at, isLeftOut } = starts(Array(20).fill(100), 3);
		expect(isLeftOut).toBe(true);
		expect(at).toHaveLength(1 + WORKER_LIMITS.crashesInRow);
	});

	it("is always, as long as it is the last one", () => {
		const { at, isLeftOut } = starts(Array(100).fill(0), 0);
		expect(isLeftOut).toBe(false);
		const gaps = at.slice(-50).map((time, i, all) => time - (all[i - 1] ?? time - 10_000));
		expect(new Set(gaps)).toEqual(new Set([WORKER_LIMITS.mostBackOffMs]));
	});

	it("forgets crashes that came after a quiet time", () => {
		const hour = 3_600_000;
		const { at, isLeftOut } = starts(Array(50).fill(hour), 1);
		expect(isLeftOut).toBe(false);
		expect(at.at(-1)).toBe(50 * hour);
		expect(starts([0, 0, 0, WORKER_LIMITS.quietMs, 0], 1).at.slice(-2)).toEqual([61_500, 62_000]);
	});
});
