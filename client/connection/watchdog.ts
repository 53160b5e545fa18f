/** Nothing heard for so long, though an answer is due, and the line is given up. */
const SILENCE_MS = 5_000;
/** The same where there is a reason to doubt: the machine slept, the network changed, the page came back. */
const DOUBT_MS = 2_500;
/** Most that a line with long gaps gets: its seat must be back well before the server's grace is over. */
const MOST_SILENCE_MS = 10_000;
/** For how long a gap says what the line is like. */
const REMEMBERED_MS = 60_000;
/**
 * What one look counts at most. A page or a machine that stood still heard nothing because it did not
 * listen: what it slept through says nothing about the line.
 */
const MOST_STEP_MS = 1_500;
/** Longer than any throttled timer but the slowest: this client stood still. */
const STOOD_STILL_MS = 3_000;

/**
 * Tells when a line is dead that nobody has said is closed: a lid that was shut, Wi-Fi that became mobile,
 * a NAT that forgot. It only waits while an answer is due, so a room that is paused is no alarm.
 */
export class Watchdog {
	private isWaiting = false;
	private waitedMs = 0;
	private isDoubted = false;
	private lookedMs = -1;
	private longestGapMs = 0;
	private longestGapAtMs = 0;

	/** A new line: nothing is due on it yet. */
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

	/** There is a reason to doubt the line: an answer is wanted soon. */
	doubt(): void {
		this.isDoubted = true;
	}

	/** True while an answer is wanted and none is due yet: ask for one. */
	get wantsAnswer(): boolean {
		return this.isDoubted && !this.isWaiting;
	}

	/** Looks at the line, as often as timers allow; true when it is dead. */
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
