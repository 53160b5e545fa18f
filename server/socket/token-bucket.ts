/** Allows `perSecond` on average and `burst` at once. */
export class TokenBucket {
	private readonly perMs: number;
	private readonly burst: number;
	private tokens: number;
	private lastMs: number;

	constructor(perSecond: number, burst: number, nowMs: number) {
		this.perMs = perSecond / 1000;
		this.burst = burst;
		this.tokens = burst;
		this.lastMs = nowMs;
	}

	/** Takes one; false when there is none. */
	take(nowMs: number): boolean {
		if (!this.has(nowMs)) return false;
		this.tokens--;
		return true;
	}

	/** Whether there is one to take. */
	has(nowMs: number): boolean {
		this.tokens = Math.min(this.burst, this.tokens + (nowMs - this.lastMs) * this.perMs);
		this.lastMs = nowMs;
		return this.tokens >= 1;
	}
}
