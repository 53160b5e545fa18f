const KEPT = 32;
const MAX_PACE = 0.1;
const SNAP_MS = 500;
/** The delay shrinks by this share a second when the network calms down. */
const SHRINK_PER_SECOND = 0.02;
/** Extrapolation beyond the newest snapshot stops here (Source's default). */
const MAX_EXTRAPOLATION_MS = 250;

/**
 * Says which moment of the room to show: a little in the past, so that two snapshots lie around it.
 * How much is worked out from how unevenly snapshots arrive.
 */
export class PlaybackClock {
	private readonly tickMs: number;
	private readonly intervalMs: number;
	/** Arrival time minus room time of the last snapshots, ms: the least is the promptest. */
	private readonly offsets: number[] = [];
	private deviationMs = 0;
	private lastArrivalMs = -1;
	private newestTick = -1;
	private shownTick = -1;
	private lastMs = 0;
	delayMs: number;
	/** The delay when there last was something to show. */
	private calmDelayMs: number;

	constructor(tickRate: number, snapshotRate: number) {
		this.tickMs = 1000 / tickRate;
		this.intervalMs = 1000 / snapshotRate;
		this.delayMs = 2 * this.intervalMs;
		this.calmDelayMs = this.delayMs;
	}

	addSnapshot(tick: number, nowMs: number): void {
		if (this.lastArrivalMs >= 0) {
			// a stall is no unevenness: no delay that anybody could play with would hide it
			const gap = Math.min(nowMs - this.lastArrivalMs, SNAP_MS);
			this.deviationMs += (Math.abs(gap - this.intervalMs) - this.deviationMs) / 16;
		}
		this.lastArrivalMs = nowMs;
		this.newestTick = tick;
		this.offsets.push(nowMs - tick * this.tickMs);
		if (this.offsets.length > KEPT) this.offsets.shift();
	}

	/** The tick to show at `nowMs`, with a fraction; -1 before the first snapshot. */
	advance(nowMs: number): number {
		if (this.newestTick < 0) return -1;
		const elapsedMs = nowMs - this.lastMs;
		this.adaptDelay(elapsedMs);
		const prompt = Math.min(...this.offsets);
		const target = (nowMs - prompt - this.delayMs) / this.tickMs;
		const expected = this.shownTick + elapsedMs / this.tickMs;
		const error = target - expected;
		if (this.shownTick < 0 || Math.abs(error) * this.tickMs > SNAP_MS) this.shownTick = target;
		else {
			const pace = Math.max(-MAX_PACE, Math.min(MAX_PACE, error * 0.05));
			this.shownTick = expected + (elapsedMs / this.tickMs) * pace;
		}
		this.lastMs = nowMs;
		const most = this.newestTick + MAX_EXTRAPOLATION_MS / this.tickMs;
		return Math.max(0, Math.min(this.shownTick, most));
	}

	/** The tick shown at `nowMs` if everything goes on as it was at the last `advance`; -1 for none. */
	shownAt(nowMs: number): number {
		return this.shownTick < 0 ? -1 : this.shownTick + (nowMs - this.lastMs) / this.tickMs;
	}

	private adaptDelay(elapsedMs: number): void {
		const wanted = Math.max(2 * this.intervalMs, this.intervalMs + 2.5 * this.deviationMs);
		const short = (this.shownTick - this.newestTick) * this.tickMs;
		if (short <= 0) this.calmDelayMs = this.delayMs;
		else if (short > MAX_EXTRAPOLATION_MS) this.delayMs = this.calmDelayMs;
		else this.delayMs = Math.max(this.delayMs, Math.min(wanted + short, SNAP_MS));
		if (wanted > this.delayMs) this.delayMs = wanted;
		else {
			const share = Math.min(1, (SHRINK_PER_SECOND * elapsedMs) / 1000);
			this.delayMs += (wanted - this.delayMs) * share;
		}
	}
}
