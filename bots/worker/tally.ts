import { Histogram } from "../metrics/histogram.ts";

/** What is measured both over the whole window and for each second. */
class WindowCounters {
	snapshots = 0;
	snapshotBytes = 0;
	receivedBytes = 0;
	sentBytes = 0;
	decoded = 0;
	readonly gaps = new Histogram();
	readonly latencies = new Histogram();
	/** How late this tool's own timer was. */
	readonly lateness = new Histogram();

	clear(): void {
		this.snapshots = 0;
		this.snapshotBytes = 0;
		this.receivedBytes = 0;
		this.sentBytes = 0;
		this.decoded = 0;
		this.gaps.clear();
		this.latencies.clear();
		this.lateness.clear();
	}
}

/** What the bots of one worker count together. */
export class Tally {
	/** Connections lost without the bot's doing. */
	disconnects = 0;
	reconnects = 0;
	refused = 0;
	decodeErrors = 0;
	/** Bots that left by plan, that a storm cut off, and that did not read for a while. */
	churned = 0;
	stormed = 0;
	pauses = 0;
	/** Connections of slow readers that the server ended. */
	slowDrops = 0;
	readonly errorsByName: Record<string, number> = {};
	readonly rooms = new Set<string>();
	/** Hashes of the rules that those rooms ran. */
	readonly modules = new Set<string>();
	/** From when a join was due to its first snapshot. */
	readonly joins = new Histogram();
	/** The same for those who come back after a break. */
	readonly rejoins = new Histogram();
	/** Since the first join, for whoever watches. */
	snapshotsEver = 0;
	readonly window = new WindowCounters();
	/** The present second. */
	readonly second = new WindowCounters();
	/** Whether the window is open: what happens outside it does not count. */
	isMeasuring = false;

	countError(name: string): void {
		this.errorsByName[name] = (this.errorsByName[name] ?? 0) + 1;
	}

	snapshot(bytes: number): void {
		this.snapshotsEver++;
		this.second.snapshots++;
		this.second.snapshotBytes += bytes;
		if (!this.isMeasuring) return;
		this.window.snapshots++;
		this.window.snapshotBytes += bytes;
	}

	decoded(): void {
		this.second.decoded++;
		if (this.isMeasuring) this.window.decoded++;
	}

	received(bytes: number): void {
		this.second.receivedBytes += bytes;
		if (this.isMeasuring) this.window.receivedBytes += bytes;
	}

	sent(bytes: number): void {
		this.second.sentBytes += bytes;
		if (this.isMeasuring) this.window.sentBytes += bytes;
	}

	/** A silence in a client's snapshots, which are due every `everyMs`. */
	gap(ms: number, everyMs: number, isInWindow: boolean): void {
		if (ms < 0) return;
		this.second.gaps.recordDue(ms, everyMs);
		if (isInWindow) this.window.gaps.recordDue(ms, everyMs);
	}

	readonly latency = (ms: number): void => {
		this.second.latencies.recordMs(ms);
		if (this.isMeasuring) this.window.latencies.recordMs(ms);
	};

	late(ms: number, everyMs: number): void {
		this.second.lateness.recordDue(ms, everyMs);
		if (this.isMeasuring) this.window.lateness.recordDue(ms, everyMs);
	}

	/** Starts to measure; errors and disconnects from before stay. */
	open(): void {
		this.window.clear();
		this.isMeasuring = true;
	}
}
