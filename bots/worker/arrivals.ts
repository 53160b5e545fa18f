/** A client may hear the snapshots that bound its window so much later than the window's edges. */
export const WINDOW_GRACE_MS = 500;
/** A snapshot is on time when its gap differs from the usual one by no more than this share. */
const ON_TIME = 0.2;

/**
 * One client's snapshots within a window. The window is moved to arrivals at both ends, so that its
 * rate is not rounded to whole snapshots, and to such as were on time, so that a stall of the machine
 * at an edge does not bend the rate. Where none arrives, silence counts as such. A client that leaves
 * by itself is not counted until it is back.
 */
export class Arrivals {
	private startMs = Number.POSITIVE_INFINITY;
	private endMs = Number.POSITIVE_INFINITY;
	private firstMs = -1;
	private lastMs = -1;
	private closedMs = -1;
	private usualGapMs = -1;
	private count = 0;
	/** Of the stretches before the present one. */
	private countBefore = 0;
	private msBefore = 0;
	private isBack = false;
	private isAway = false;
	/** Silence before the last snapshot, in or out of the window; -1 for a client's first. */
	gapMs = -1;

	/** The window begins with the next snapshot on time and ends with the first one after `endMs`. */
	open(startMs: number, endMs: number): void {
		this.startMs = startMs;
		this.endMs = endMs;
		this.firstMs = -1;
		this.closedMs = -1;
		this.count = 0;
		this.countBefore = 0;
		this.msBefore = 0;
		this.isBack = false;
	}

	/** Takes a snapshot's arrival; returns the gap since the one before, -1 outside the window. */
	add(nowMs: number): number {
		const gapMs = this.lastMs < 0 ? -1 : nowMs - this.lastMs;
		this.gapMs = gapMs;
		const isOnTime = this.isUsual(gapMs) || this.isBack;
		this.lastMs = nowMs;
		this.isAway = false;
		if (this.isClosed || nowMs < this.startMs) return -1;
		if (this.firstMs >= 0) this.count++;
		else if (isOnTime || nowMs > this.startMs + WINDOW_GRACE_MS) this.firstMs = nowMs;
		const latestMs = this.endMs + WINDOW_GRACE_MS;
		if (nowMs > latestMs || (isOnTime && nowMs >= this.endMs)) this.closedMs = nowMs;
		return gapMs;
	}

	private isUsual(gapMs: number): boolean {
		if (gapMs < 0) return false;
		if (this.usualGapMs < 0) this.usualGapMs = gapMs;
		const differs = Math.abs(gapMs - this.usualGapMs);
		this.usualGapMs += (gapMs - this.usualGapMs) / 16;
		return differs <= ON_TIME * this.usualGapMs;
	}

	/** The client goes by itself; what it misses until its next snapshot is nobody's fault. */
	leave(): void {
		if (!this.isClosed && this.firstMs >= 0) {
			this.countBefore += this.count;
			this.msBefore += this.lastMs - this.firstMs;
		}
		this.count = 0;
		this.firstMs = -1;
		this.lastMs = -1;
		this.usualGapMs = -1;
		this.isBack = true;
		this.isAway = true;
	}

	/** Ends the window at `nowMs`; returns the silence up to then, -1 when the last snapshot came. */
	close(nowMs: number): number {
		if (this.isClosed) return -1;
		this.closedMs = nowMs;
		if (this.isAway) return -1;
		return nowMs - Math.max(this.lastMs, this.startMs);
	}

	get isClosed(): boolean {
		return this.closedMs >= 0;
	}

	/** Time within the window in which the client should have had snapshots, ms. */
	get presentMs(): number {
		if (this.isAway) return this.msBefore;
		const latestMs = this.isBack ? Number.POSITIVE_INFINITY : this.startMs + WINDOW_GRACE_MS;
		const hasAny = this.firstMs >= 0;
		const fromMs = hasAny ? Math.min(this.firstMs, latestMs) : this.startMs;
		if (this.isBack && !hasAny) return this.msBefore;
		return this.msBefore + Math.max(0, this.closedMs - fromMs);
	}

	/** Snapshots per second; 0 for a client that got fewer than two. */
	get rate(): number {
		const count = this.count + this.countBefore;
		return count === 0 ? 0 : (count * 1000) / this.presentMs;
	}
}
