/** Upper bounds of the lateness buckets, ms; the last one is open. */
export const LATENESS_BUCKETS_MS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128] as const;

/** What a room counts while it runs. Only ever grows; readers take differences. */
export class RoomCounters {
	ticks = 0;
	droppedTicks = 0;
	abortedTicks = 0;
	swaps = 0;
	rollbacks = 0;
	snapshots = 0;
	snapshotBytes = 0;
	keyframes = 0;
	skippedSnapshots = 0;
	inputsLate = 0;
	inputsRepeated = 0;
	inputsDropped = 0;
	logLinesDropped = 0;
	readonly lateness = new Float64Array(LATENESS_BUCKETS_MS.length + 1);
	latenessMaxMs = 0;

	recordLateness(lateMs: number): void {
		let bucket = 0;
		while (
			bucket < LATENESS_BUCKETS_MS.length &&
			lateMs > (LATENESS_BUCKETS_MS[bucket] as number)
		) {
			bucket++;
		}
		this.lateness[bucket] = (this.lateness[bucket] as number) + 1;
		if (lateMs > this.latenessMaxMs) this.latenessMaxMs = lateMs;
	}
}
