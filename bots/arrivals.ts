/** A window stays open so much longer than its end, for the snapshot that closes it. */
export const WINDOW_GRACE_MS = 250;

/**
 * One client's snapshots within a window. The window is moved to arrivals at both ends, so that its
 * rate is not rounded to whole snapshots; one that hears nothing at its end is counted to the end.
 */
export class Arrivals {
	private firstMs = -1;
	private endMs = Number.POSITIVE_INFINITY;
	private closedMs = -1;
	private lastMs = -1;
	private count = 0;

	/** Forgets the past; a window begins with the next snapshot and ends after `endMs`. */
	open(endMs: number): void {
		this.endMs = endMs;
		this.firstMs = -1;
		this.closedMs = -1;
		this.lastMs = -1;
		this.count = 0;
	}

	/** Takes a snapshot's arrival; returns the gap since the one before, -1 outside the window. */
	add(nowMs: number): number {
		if (this.closedMs >= 0 || this.endMs === Number.POSITIVE_INFINITY) return -1;
		const gap = this.lastMs < 0 ? -1 : nowMs - this.lastMs;
		this.lastMs = nowMs;
		if (this.firstMs < 0) {
			this.firstMs = nowMs;
			return -1;
		}
		this.count++;
		if (nowMs >= this.endMs) this.closedMs = nowMs;
		return gap;
	}

	/** Snapshots per second; 0 for a client that got fewer than two. */
	get rate(): number {
		if (this.count === 0) return 0;
		const toMs = this.closedMs >= 0 ? this.closedMs : this.endMs + WINDOW_GRACE_MS;
		return (this.count * 1000) / (toMs - this.firstMs);
	}

	/** Whether the window has ended for this client. */
	get isClosed(): boolean {
		return this.closedMs >= 0;
	}
}
