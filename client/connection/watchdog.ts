/** After this long without a message while an answer is due, the connection is given up. */
const SILENCE_MS = 5_000;
/**
 * The same when there is a reason for doubt: the machine slept, the network changed, the page came
 * back.
 */
const DOUBT_MS = 2_500;
/**
 * The most that a connection with long gaps gets: the seat must be resumed well before the server's
 * grace period ends.
 */
const MOST_SILENCE_MS = 10_000;
/** How long a gap counts as typical of the connection. */
const REMEMBERED_MS = 60_000;
/**
 * The most that one check counts. A page or a machine that was suspended heard nothing because it did
 * not listen; that time says nothing about the connection.
 */
const MOST_STEP_MS = 1_500;
/** Longer than all but the slowest throttled timers: this client was suspended. */
const STOOD_STILL_MS = 3_000;

/**
 * Detects a connection that is dead without having been closed: a laptop was shut, Wi-Fi changed to
 * mobile, a NAT dropped its entry. It only counts while an answer is due, so a paused room raises no
 * alarm.
 */
export class Watchdog {
	private isWaiting = false;
	private waitedMs = 0;
	private isDoubted = false;
	private lookedMs = -1;
	private longestGapMs = 0;
	private longestGapAtMs = 0;

	/** A new connection: nothing is due on it yet. */
	start(nowMs: number): void {
		this.isWaiting = false;
		this.isDoubted = false;
		this.waitedMs = 0;
		this.lookedMs = nowMs;
	}

	/** Something was sent that the server answers. */
	asked(): void {
		this.isWaiting = true;
	}

	/** Something came. */
	heard(nowMs: number): void {
		const isOld = nowMs - this.longestGapAtMs > REMEMBERED_MS;
		if (isOld || this.waitedMs > this.longestGapMs) {
			this.longestGapMs = this.waitedMs;
			this.longestGapAtMs = nowMs;
		}
		this.isWaiting = false;
		this.isDoubted = false;
		this.waitedMs = 0;
	}

	/** There is a reason to doubt the connection: an answer is wanted soon. */
	doubt(): void {
		this.isDoubted = true;
	}

	/** True while an answer is wanted and none is due yet: ask for one. */
	get wantsAnswer(): boolean {
		return this.isDoubted && !this.isWaiting;
	}

	/** Checks the connection, as often as timers allow; true if it is dead. */
	look(nowMs: number): boolean {
		const elapsedMs = nowMs - this.lookedMs;
		this.lookedMs = nowMs;
		if (elapsedMs > STOOD_STILL_MS) this.doubt();
		if (!this.isWaiting) return false;
		this.waitedMs += Math.min(elapsedMs, MOST_STEP_MS);
		return this.waitedMs > this.limitMs;
	}

	private get limitMs(): number {
		const usual = this.isDoubted ? DOUBT_MS : SILENCE_MS;
		return Math.max(usual, Math.min(MOST_SILENCE_MS, 2 * this.longestGapMs));
	}
}
