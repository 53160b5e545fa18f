/** Shares of an offset that remain after 1/60 s: of a small one, and of a large one. */
const SMALL_KEEPS = 0.95;
const LARGE_KEEPS = 0.85;
/** Bounds of small and large, metres (or radians). */
const SMALL = 0.25;
const LARGE = 1;

/**
 * What is left after `seconds` of the distance between where something was shown and where it is.
 * `metre` is what counts as one in the units of the value (after Gaffer On Games, State Synchronization:
 * 5 % of a small error and 15 % of a large one go in each frame of 60 Hz).
 */
export function decayed(offset: number, metre: number, seconds: number): number {
	const size = Math.abs(offset) / metre;
	// too small to see
	if (size < 1e-4) return 0;
	const large = Math.min(1, Math.max(0, (size - SMALL) / (LARGE - SMALL)));
	const keeps = SMALL_KEEPS + (LARGE_KEEPS - SMALL_KEEPS) * large;
	return offset * keeps ** (seconds * 60);
}
