/*
 * A log-linear histogram of times in whole microseconds, after HdrHistogram (Tene). Below 128 µs each
 * value has a bucket of its own; above, every doubling is split into 64:
 *
 *     value  0 … 127 | 128 … 255 | 256 … 511 | …
 *     width     1    |     2     |     4     | …        so a bucket is at most 1/64 of its value
 */
const SPLITS = 64;
const SPLIT_BITS = 6;
/** Times beyond this (71 minutes) count as this. */
const MOST_US = 0xffffffff;
const BUCKETS = (31 - SPLIT_BITS) * SPLITS + 2 * SPLITS;

/** A histogram as plain data that may cross threads. */
export interface HistogramData {
	readonly counts: Float64Array;
	readonly maxUs: number;
}

function bucketOf(us: number): number {
	const shift = Math.max(0, 31 - SPLIT_BITS - Math.clz32(us));
	return shift * SPLITS + (us >>> shift);
}

/** The greatest value that falls into a bucket. */
export function bucketTopUs(bucket: number): number {
	if (bucket < 2 * SPLITS) return bucket;
	const shift = Math.floor(bucket / SPLITS) - 1;
	return (bucket - shift * SPLITS + 1) * 2 ** shift - 1;
}

/** Percentiles are right to 1/64 of their value, the maximum is exact, and merging loses nothing. */
export class Histogram {
	private readonly counts = new Float64Array(BUCKETS);
	private maxUs = 0;

	recordMs(ms: number): void {
		const us = Math.min(MOST_US, Math.max(0, Math.round(ms * 1000)));
		this.counts[bucketOf(us)]++;
		if (us > this.maxUs) this.maxUs = us;
	}

	/**
	 * Records the time since a thing that is due every `everyMs`. A silence of ten periods is not one
	 * late thing but ten: the second was due a period later and came nine late, and so on (the
	 * correction for coordinated omission of HdrHistogram).
	 */
	recordDue(ms: number, everyMs: number): void {
		this.recordMs(ms);
		if (!(everyMs > 0)) return;
		const most = Math.min(ms, MOST_US / 1000);
		for (let rest = most - everyMs; rest >= everyMs; rest -= everyMs) this.recordMs(rest);
	}

	merge({ counts, maxUs }: HistogramData): void {
		for (let i = 0; i < BUCKETS; i++) this.counts[i] += counts[i];
		if (maxUs > this.maxUs) this.maxUs = maxUs;
	}

	clear(): void {
		this.counts.fill(0);
		this.maxUs = 0;
	}

	/** The same as plain data of its own, to be sent elsewhere. */
	copy(): HistogramData {
		return { counts: this.counts.slice(), maxUs: this.maxUs };
	}

	/** What it holds itself. */
	get data(): HistogramData {
		return { counts: this.counts, maxUs: this.maxUs };
	}

	get total(): number {
		return this.counts.reduce((sum, n) => sum + n, 0);
	}

	get maxMs(): number {
		return this.maxUs / 1000;
	}

	/** The time that a share (0 to 1) of all recorded ones does not exceed; 0 when there are none. */
	percentileMs(share: number): number {
		const rank = Math.max(1, Math.ceil(share * this.total));
		let seen = 0;
		for (let bucket = 0; bucket < BUCKETS; bucket++) {
			seen += this.counts[bucket];
			if (seen >= rank) return Math.min(bucketTopUs(bucket), this.maxUs) / 1000;
		}
		return 0;
	}
}
