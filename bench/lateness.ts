import { LATENESS_BUCKETS_MS } from "../server/room/room-counters.ts";

/**
 * An upper bound of the lateness that a share of the ticks did not exceed, ms, by the server's own
 * histogram: the edge of the bucket it falls into, or `mostMs`, the greatest there was, beyond the
 * last edge. 0 without ticks.
 */
export function latenessWithin(counts: readonly number[], share: number, mostMs: number): number {
	const total = counts.reduce((a, b) => a + b, 0);
	if (total === 0) return 0;
	let seen = 0;
	const bucket = counts.findIndex((n) => {
		seen += n;
		return seen >= total * share;
	});
	return LATENESS_BUCKETS_MS[bucket] ?? mostMs;
}

/** What came between two readings of a histogram that only grows. */
export function between(before: readonly number[], after: readonly number[]): number[] {
	return after.map((n, i) => n - before[i]);
}
