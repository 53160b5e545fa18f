import { SERVER_LIMITS } from "../limits.ts";

/** Where time comes from. Milliseconds, monotonic, from any origin. */
export interface Clock {
	now(): number;
}

/**
 * The machine's time, minus the time for which this process was suspended: stopped, on a sleeping
 * machine, or on a host being moved. Nothing was read during that time, so it must not count: no seat
 * expires, no player counts as silent, no room has ticks to catch up. Read it every second;
 * `stoodStill` is told the time left out, ms.
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
			const overMs = nowMs - readMs - SERVER_LIMITS.standstillMs;
			readMs = nowMs;
			if (overMs > 0) {
				leftOutMs += overMs;
				stoodStill(overMs);
			}
			return nowMs - leftOutMs;
		},
	};
}
