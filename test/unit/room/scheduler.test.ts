import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Room } from "../../../server/room/room.ts";
import { Scheduler } from "../../../server/room/scheduler.ts";

describe("the scheduler", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	/** A room that counts its calls. */
	function room(calls: number[], now: () => number): Room {
		let deadlineMs = 0;
		return {
			tickMs: 16,
			fault: null,
			start(atMs: number) {
				deadlineMs = atMs;
			},
			get deadlineMs() {
				return deadlineMs;
			},
			runDue() {
				calls.push(now());
			},
		} as unknown as Room;
	}

	it("runs what is overdue when it is poked, though no timer had a turn, and nothing else", () => {
		let ms = 0;
		const now = (): number => ms;
		const scheduler = new Scheduler({ now });
		const calls: number[] = [];
		scheduler.add(room(calls, now));
		for (; ms < 200; ms += 1) scheduler.poke();
		// 200 ms without a timer: a call for each tick
		expect(calls.length).toBeGreaterThanOrEqual(9);
		expect(calls.length).toBeLessThanOrEqual(13);
		scheduler.poke();
		const before = calls.length;
		scheduler.poke();
		expect(calls.length).toBe(before);
		scheduler.stop();
		ms += 1_000;
		scheduler.poke();
		expect(calls.length).toBe(before);
	});
});
