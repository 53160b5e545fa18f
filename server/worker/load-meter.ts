import { LATENESS_BUCKETS_MS } from "../room/room-counters.ts";

/** A share of everything that was observed lies at or below this, ms: the bound of its bucket. */
export function percentileMs(counts: readonly number[], share: number): number {
	const all = counts.reduce((sum, count) => sum + count, 0);
	if (all === 0) return 0;
	let below = 0;
	for (const [bucket, count] of counts.entries()) {
		below += count;
		if (below >= all * share)
			return LATENESS_BUCKETS_MS[bucket] ?? 2 * LATENESS_BUCKETS_MS[LATENESS_BUCKETS_MS.length - 1];
	}
	return 0;
}

/** Measures what a worker uses between two looks. */
export class LoadMeter {
	private cpuSeconds: number;
	private atMs: number;
	/** By room, how often its ticks were how late, as of the last look. */
	private seen = new Map<object, Float64Array>();

	constructor(nowMs: number, cpuSeconds: number) {
		this.atMs = nowMs;
		this.cpuSeconds = cpuSeconds;
	}

	/** Cores used since the last look. */
	cpu(nowMs: number, cpuSeconds: number): number {
		const passed = (nowMs - this.atMs) / 1000;
		const used = cpuSeconds - this.cpuSeconds;
		this.atMs = nowMs;
		this.cpuSeconds = cpuSeconds;
		return passed > 0 ? Math.max(0, used / passed) : 0;
	}

	/** How late the ticks of these rooms were since the last look, the latest hundredth left out, ms. */
	latenessP99Ms(rooms: Iterable<{ counters: { lateness: Float64Array } }>): number {
		const since: number[] = Array(LATENESS_BUCKETS_MS.length + 1).fill(0);
		const seen = new Map<object, Float64Array>();
		for (const room of rooms) {
			const { lateness } = room.counters;
			const before = this.seen.get(room);
			lateness.forEach((count, bucket) => {
				since[bucket] += count - (before?.[bucket] ?? 0);
			});
			seen.set(room, lateness.slice());
		}
		this.seen = seen;
		return percentileMs(since, 0.99);
	}
}
