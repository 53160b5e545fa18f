import { bucketTopUs, type HistogramData } from "./histogram.ts";
import type { Totals } from "./totals.ts";

type Counts = Readonly<Record<string, number>>;

function countsSince(before: Counts, now: Counts): Record<string, number> {
	const added = Object.entries(now).map(([name, n]) => [name, n - (before[name] ?? 0)] as const);
	return Object.fromEntries(added.filter(([, n]) => n > 0));
}

/** What was recorded since; its maximum is that of its last bucket, unless it is the greatest of all. */
function recordedSince(before: HistogramData, now: HistogramData): HistogramData {
	const counts = now.counts.map((n, i) => n - before.counts[i]);
	const last = counts.findLastIndex((n) => n > 0);
	const isGreatest = now.maxUs > before.maxUs;
	const maxUs = last < 0 ? 0 : isGreatest ? now.maxUs : Math.min(now.maxUs, bucketTopUs(last));
	return { counts, maxUs };
}

/**
 * A stage of a search by itself: a worker's counters run on from stage to stage. What joining brought
 * belongs to the stage from its `beginning` on, all else from when everybody had `joined`.
 */
export function stageOf(beginning: Totals, joined: Totals, now: Totals): Totals {
	return {
		...now,
		refused: now.clients - now.connected,
		disconnects: now.disconnects - joined.disconnects,
		reconnects: now.reconnects - joined.reconnects,
		decodeErrors: now.decodeErrors - joined.decodeErrors,
		churned: now.churned - joined.churned,
		stormed: now.stormed - joined.stormed,
		pauses: now.pauses - joined.pauses,
		slowDrops: now.slowDrops - joined.slowDrops,
		errorsByName: countsSince(beginning.errorsByName, now.errorsByName),
		joins: recordedSince(beginning.joins, now.joins),
		rejoins: recordedSince(joined.rejoins, now.rejoins),
	};
}
