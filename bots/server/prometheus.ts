/** Samples of one metric: labels as written, and the value. */
interface PrometheusSample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the Prometheus text format; lines that are none are passed over. */
export function parsePrometheus(text: string): Map<string, PrometheusSample[]> {
	const samples = new Map<string, PrometheusSample[]>();
	for (const line of text.split("\n")) {
		const [, name, inside = "", number = ""] = LINE.exec(line.trim()) ?? [];
		if (name === undefined) continue;
		const labels = Object.fromEntries(
			[...inside.matchAll(LABEL)].map(([, label, value]) => [label, value]),
		);
		const value = number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number);
		const all = samples.get(name) ?? [];
		all.push({ labels, value });
		samples.set(name, all);
	}
	return samples;
}

/** A cumulative histogram summed over all labels but `le`: how many were at most each bound. */
export type Buckets = Map<number, number>;

export function bucketsOf(samples: readonly PrometheusSample[] | undefined): Buckets | null {
	if (samples === undefined || samples.length === 0) return null;
	const buckets: Buckets = new Map();
	for (const { labels, value } of samples) {
		const bound = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
		buckets.set(bound, (buckets.get(bound) ?? 0) + value);
	}
	return buckets;
}

/**
 * The value that a share of what was recorded between two readings does not exceed, interpolated
 * within its bucket as Prometheus' `histogram_quantile` does; null when nothing was recorded.
 */
export function quantileBetween(before: Buckets, after: Buckets, share: number): number | null {
	const bounds = [...after.keys()].sort((a, b) => a - b);
	const counts = bounds.map((bound) => (after.get(bound) ?? 0) - (before.get(bound) ?? 0));
	const total = counts.at(-1) ?? 0;
	if (!(total > 0)) return null;
	const rank = share * total;
	const i = counts.findIndex((count) => count >= rank);
	const least = i > 0 ? bounds[i - 1] : 0;
	const most = bounds[i];
	if (most === Number.POSITIVE_INFINITY) return least;
	const below = i > 0 ? counts[i - 1] : 0;
	const within = counts[i] - below;
	return least + (most - least) * (within > 0 ? (rank - below) / within : 1);
}
