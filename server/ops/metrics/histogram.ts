/** Counts of observations by upper bound, as Prometheus wants them: nothing is allocated to observe. */
export class Histogram {
	/** Upper bounds, ascending; one more bucket is open. */
	readonly bounds: readonly number[];
	readonly counts: Float64Array;
	sum = 0;

	constructor(bounds: readonly number[]) {
		this.bounds = bounds;
		this.counts = new Float64Array(bounds.length + 1);
	}

	observe(value: number): void {
		const { bounds, counts } = this;
		let bucket = 0;
		while (bucket < bounds.length && value > bounds[bucket]) bucket++;
		counts[bucket] = counts[bucket] + 1;
		this.sum += value;
	}

	get count(): number {
		let count = 0;
		for (const n of this.counts) count += n;
		return count;
	}
}
