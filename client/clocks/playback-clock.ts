/** Offsets kept: a second of them, within these bounds. */
const MIN_KEPT = 8;
const MAX_KEPT = 64;
const MAX_PACE = 0.1;
const SNAP_MS = 500;
/** The delay shrinks by this share a second when the network calms down. */
const SHRINK_PER_SECOND = 0.02;
/** Extrapolation beyond the newest snapshot stops here. */
const MAX_EXTRAPOLATION_MS = 200;
/** This long after a silence, and at least this many intervals, its cause is clear. */
const VERDICT_MS = 400;
const VERDICT_INTERVALS = 4;
/** A client that has done nothing for longer was stalled itself. */
const AWAY_MS = 100;

/** A moment with nothing to show, until it is clear whether the network or the room stalled. */
interface Silence {
	/** Arrival time minus room time before the silence, ms. */
	readonly promptMs: number;
	/** For how long there was nothing to show, ms. */
	readonly shortMs: number;
	readonly deviationMs: number;
	readonly verdictAtMs: number;
}

/**
 * Picks the moment of the room to show: slightly in the past, so that there is a snapshot on either
 * side. The delay follows from the jitter of arriving snapshots.
 *
 * After a moment with nothing to show, earlier arrivals stop counting until such timing is seen again.
 * If it is, the network was late, and the delay grows. If not, the room has dropped time (or the path
 * has become longer): everything is later by the same amount, and the delay stays right.
 */
export class PlaybackClock {
	private readonly tickMs: number;
	private readonly intervalMs: number;
	private readonly kept: number;
	/** Arrival time minus room time of the last snapshots, ms; the lowest is the most prompt. */
	private readonly offsets: number[] = [];
	private deviationMs = 0;
	private lastArrivalMs = -1;
	private newestTick = -1;
	private shownTick = -1;
	private lastMs = 0;
	/** When this client last ran, and when it last resumed after a stall of its own. */
	private seenMs = -1;
	private backMs = -AWAY_MS;
	private silence: Silence | null = null;
	delayMs: number;

	constructor(tickRate: number, snapshotRate: number) {
		this.tickMs = 1000 / tickRate;
		this.intervalMs = 1000 / snapshotRate;
		this.kept = Math.max(MIN_KEPT, Math.min(MAX_KEPT, snapshotRate));
		this.delayMs = 2 * this.intervalMs;
	}

	/**
	 * Notes that the client is running: while it is not, late snapshots say nothing about the network.
	 */
	markSeen(nowMs: number): void {
		if (this.seenMs >= 0 && nowMs - this.seenMs > AWAY_MS) this.backMs = nowMs;
		this.seenMs = nowMs;
	}

	/** Takes the arrival of a snapshot; true if there was nothing left to show. */
	addSnapshot(tick: number, nowMs: number): boolean {
		const isJudging = this.lastArrivalMs >= 0 && !this.isAway(nowMs);
		const shortMs = (this.targetAt(nowMs) - this.newestTick) * this.tickMs;
		const wasSilent = isJudging && shortMs > 0;
		if (wasSilent) this.begin(shortMs, nowMs);
		if (isJudging) {
			// a stall is not jitter: no playable delay would hide it
			const gap = Math.min(nowMs - this.lastArrivalMs, SNAP_MS);
			this.deviationMs += (Math.abs(gap - this.intervalMs) - this.deviationMs) / 16;
		}
		this.lastArrivalMs = nowMs;
		this.newestTick = tick;
		this.offsets.push(nowMs - tick * this.tickMs);
		if (this.offsets.length > this.kept) this.offsets.shift();
		if (this.silence && nowMs >= this.silence.verdictAtMs) this.judge(this.silence);
		return wasSilent;
	}

	/** The tick to show at `nowMs`, with a fraction; -1 before the first snapshot. */
	advance(nowMs: number): number {
		if (this.newestTick < 0) return -1;
		const elapsedMs = nowMs - this.lastMs;
		this.adaptDelay(elapsedMs);
		const target = this.targetAt(nowMs);
		const expected = this.shownTick + elapsedMs / this.tickMs;
		const error = target - expected;
		if (this.shownTick < 0 || this.isJumpDue(error, expected)) this.shownTick = target;
		else {
			const most = Math.min(MAX_PACE, Math.abs(error) * 0.05) * (elapsedMs / this.tickMs);
			this.shownTick = expected + Math.sign(error) * Math.min(most, Math.abs(error));
		}
		this.lastMs = nowMs;
		this.markSeen(nowMs);
		const most = this.newestTick + MAX_EXTRAPOLATION_MS / this.tickMs;
		return Math.max(0, Math.min(this.shownTick, most));
	}

	/** The tick shown at `nowMs` if everything continues as at the last `advance`; -1 for none. */
	shownAt(nowMs: number): number {
		return this.shownTick < 0 ? -1 : this.shownTick + (nowMs - this.lastMs) / this.tickMs;
	}

	private targetAt(nowMs: number): number {
		return (nowMs - Math.min(...this.offsets) - this.delayMs) / this.tickMs;
	}

	/** After a silence, nothing is extrapolated further, and nothing that has arrived is held back. */
	private isJumpDue(error: number, expected: number): boolean {
		const errorMs = Math.abs(error) * this.tickMs;
		if (errorMs > SNAP_MS) return true;
		if (this.silence === null || errorMs <= 2 * this.tickMs) return false;
		return error < 0 ? expected > this.newestTick : errorMs > 2 * this.intervalMs;
	}

	/** Whatever arrives during or right after this client's own stall is late for that reason alone. */
	private isAway(nowMs: number): boolean {
		if (this.seenMs < 0) return false;
		return nowMs - this.seenMs > AWAY_MS || nowMs - this.backMs < AWAY_MS;
	}

	private begin(shortMs: number, nowMs: number): void {
		if (this.silence) this.judge(this.silence);
		this.silence = {
			promptMs: Math.min(...this.offsets),
			shortMs,
			deviationMs: this.deviationMs,
			verdictAtMs: nowMs + Math.max(VERDICT_MS, VERDICT_INTERVALS * this.intervalMs),
		};
		this.offsets.length = 0;
	}

	private judge({ promptMs, shortMs, deviationMs }: Silence): void {
		this.silence = null;
		const riseMs = Math.min(...this.offsets) - promptMs;
		if (riseMs > Math.max(this.tickMs / 2, 2 * deviationMs)) {
			this.deviationMs = deviationMs;
			const target = this.targetAt(this.lastMs);
			if (this.shownTick > target) this.shownTick = target;
		} else if (shortMs <= MAX_EXTRAPOLATION_MS) {
			this.delayMs = Math.max(this.delayMs, Math.min(this.wantedMs + shortMs, SNAP_MS));
		}
	}

	private get wantedMs(): number {
		return Math.max(2 * this.intervalMs, this.intervalMs + 2.5 * this.deviationMs);
	}

	private adaptDelay(elapsedMs: number): void {
		const wanted = this.wantedMs;
		// until it is clear what a silence was, it says nothing
		if (this.silence) return;
		if (wanted > this.delayMs) this.delayMs = wanted;
		else {
			const share = Math.min(1, (SHRINK_PER_SECOND * elapsedMs) / 1000);
			this.delayMs += (wanted - this.delayMs) * share;
		}
	}
}
