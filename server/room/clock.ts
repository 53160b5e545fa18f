import { LIMITS } from "../../protocol/limits.ts";

/** Where time comes from. Milliseconds, monotonic, from any origin. */
export interface Clock {
	now(): number;
}

/**
 * The machine's time less that for which this process stood still: a stopped process, a machine that
 * slept, a host that was moved. Nothing was read meanwhile, so nobody is to be judged by it: no seat
 * runs out, no player counts as silent, no room has ticks to catch up. It is to be read every second;
 * `stoodStill` hears of what it leaves out, ms.
 */
export function runningClock(
	stoodStill: (ms: number) => void = () => {},
	machine: Clock = { now: () => performance.now() },
): Clock {
	let readMs = machine.now();
	let leftOutMs = 0;
	return {
		now() {
			const nowMs = machine.now();
			const overMs = nowMs - readMs - LIMITS.standstillMs;
			readMs = nowMs;
			if (overMs > 0) {
				leftOutMs += overMs;
				stoodStill(overMs);
			}
			return nowMs - leftOutMs;
		},
	};
}
