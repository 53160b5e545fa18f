/** Bytes that one client may be sent: `perSecond` on average, a second's worth at once. */
export class ByteBudget {
	private readonly perMs: number;
	private readonly most: number;
	private lastMs: number;
	/** Below 0 after a message that could not be split. */
	available: number;

	constructor(perSecond: number, nowMs: number) {
		this.perMs = perSecond / 1000;
		this.most = perSecond;
		this.available = perSecond;
		this.lastMs = nowMs;
	}

	/** Adds what has come together since the last call; false while nothing may be sent. */
	refill(nowMs: number): boolean {
		this.available = Math.min(this.most, this.available + (nowMs - this.lastMs) * this.perMs);
		this.lastMs = nowMs;
		return this.available > 0;
	}

	spend(bytes: number): void {
		this.available -= bytes;
	}
}
