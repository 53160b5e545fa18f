/** A token bucket: `perSecond` on average, and at most `burst` at once. */
export class TokenBucket {
	/** Tokens as of the last refill; below 0 after more was spent than there was. */
	available: number;
	private readonly perMs: number;
	private readonly burst: number;
	private lastMs: number;

	/** It is full at `nowMs`. */
	constructor(perSecond: number, burst: number, nowMs: number) {
		this.perMs = perSecond / 1000;
		this.burst = burst;
		this.available = burst;
		this.lastMs = nowMs;
	}

	/** Adds the tokens since the last call; returns the current number. */
	refill(nowMs: number): number {
		this.available = Math.min(this.burst, this.available + (nowMs - this.lastMs) * this.perMs);
		this.lastMs = nowMs;
		return this.available;
	}

	/** Whether a token is available. */
	has(nowMs: number): boolean {
		return this.refill(nowMs) >= 1;
	}

	/** Takes one; false when there is none. */
	take(nowMs: number): boolean {
		if (!this.has(nowMs)) return false;
		this.available--;
		return true;
	}

	/** Takes `count`, even if there are fewer: later ones then wait longer. */
	spend(count: number): void {
		this.available -= count;
	}
}
