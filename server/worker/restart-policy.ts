import { WORKER_LIMITS } from "./worker-limits.ts";

/** What becomes of a worker whose process has ended without being asked to. */
type Restart = { kind: "restart"; afterMs: number } | { kind: "leaveOut" };

/** The crashes of one worker's place, as far as they matter. */
export interface Crashes {
	/** Crashes in a row, none of which came after a quiet time. */
	inRow: number;
}

export const NO_CRASHES: Crashes = { inRow: 0 };

/**
 * Decides about a worker that has crashed after `livedMs`. The first time it comes back at once, then after twice as
 * long each time; one that never lives long is left out, unless it is the last: a server that comes back every few
 * seconds is better than none.
 *
 * `others`: workers besides it that run, or will.
 */
export function decideRestart(
	crashes: Crashes,
	livedMs: number,
	others: number,
): { crashes: Crashes; decision: Restart } {
	const { quietMs, crashesInRow, backOffMs, mostBackOffMs } = WORKER_LIMITS;
	const inRow = livedMs >= quietMs ? 1 : crashes.inRow + 1;
	const now: Crashes = { inRow };
	if (inRow > crashesInRow && others > 0) return { crashes: now, decision: { kind: "leaveOut" } };
	const afterMs = inRow === 1 ? 0 : Math.min(mostBackOffMs, backOffMs * 2 ** (inRow - 2));
	return { crashes: now, decision: { kind: "restart", afterMs } };
}
