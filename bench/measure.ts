const REPEATS = 5;
/** Rounds that only let the engine compile. */
const WARM_UPS = 2;

export function median(samples: readonly number[]): number {
	if (samples.length === 0) return Number.NaN;
	const sorted = [...samples].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle];
	return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] + upper) / 2;
}

/** How far samples lie apart: (most - least) / median. */
export function spreadOf(samples: readonly number[]): number {
	const middle = median(samples);
	return middle === 0 ? 0 : (Math.max(...samples) - Math.min(...samples)) / middle;
}

/** Element by element; both were measured in the same rounds. */
export function ratios(values: readonly number[], peers: readonly number[]): number[] {
	return values.map((value, i) => value / peers[i]);
}

/**
 * Runs each task once per round, in turn, so that a busy moment of the machine hits all of them, and
 * gives each one's samples. The first rounds do not count.
 */
export function interleave<K extends string>(
	tasks: Readonly<Record<K, () => number>>,
	repeats = REPEATS,
): Record<K, number[]> {
	const names = Object.keys(tasks) as K[];
	const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
		K,
		number[]
	>;
	for (let round = -WARM_UPS; round < repeats; round++) {
		for (const name of names) {
			const sample = tasks[name]();
			if (round >= 0) samples[name].push(sample);
		}
	}
	return samples;
}

/**
 * Median time of `count` like pieces of work, in ms; `prepare` comes before each and is not timed.
 * Pieces should be short: one during which the machine did something else then stands apart from the
 * others and does not count.
 */
export function timePieces(
	count: number,
	piece: (index: number) => void,
	prepare: (index: number) => void = () => {},
): number {
	const times: number[] = [];
	for (let i = 0; i < count; i++) {
		prepare(i);
		const startMs = performance.now();
		piece(i);
		times.push(performance.now() - startMs);
	}
	return median(times);
}
