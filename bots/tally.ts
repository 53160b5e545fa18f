import { Histogram } from "./histogram.ts";

/** What the bots of one worker count together. */
export class Tally {
	disconnects = 0;
	reconnects = 0;
	readonly errorsByName: Record<string, number> = {};
	readonly rooms = new Set<string>();
	/** Since the first join, for the live line. */
	snapshotsEver = 0;
	snapshots = 0;
	snapshotBytes = 0;
	receivedBytes = 0;
	sentBytes = 0;
	readonly gaps = new Histogram();
	readonly latencies = new Histogram();
	/** Whether the window is open: times and bytes outside it do not count. */
	isMeasuring = false;

	countError(name: string): void {
		this.errorsByName[name] = (this.errorsByName[name] ?? 0) + 1;
	}

	/** Starts to measure; errors and disconnects from before stay. */
	open(): void {
		this.snapshots = 0;
		this.snapshotBytes = 0;
		this.receivedBytes = 0;
		this.sentBytes = 0;
		this.gaps.clear();
		this.latencies.clear();
		this.isMeasuring = true;
	}
}
