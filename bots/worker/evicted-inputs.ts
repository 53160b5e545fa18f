/**
 * Unanswered inputs whose places in the ledger were needed for newer ones: how many, the first and the
 * last. Without them the longest silence of a server would be missing from the metrics; remembering each
 * would take more memory the longer it lasts. They count as due evenly between the first and the last.
 */
export class EvictedInputs {
	private count = 0;
	private firstTick = 0;
	private lastTick = 0;
	private firstDueMs = 0;
	private lastDueMs = 0;

	clear(): void {
		this.count = 0;
	}

	/** Adds an input that comes after all others. */
	add(tick: number, dueMs: number): void {
		if (this.count === 0) {
			this.firstTick = tick;
			this.firstDueMs = dueMs;
		}
		this.lastTick = tick;
		this.lastDueMs = dueMs;
		this.count++;
	}

	private dueOf(i: number): number {
		const share = i / Math.max(1, this.count - 1);
		return this.firstDueMs + (this.lastDueMs - this.firstDueMs) * share;
	}

	/** Calls `take` with the age of each. */
	each(nowMs: number, take: (ageMs: number) => void): void {
		for (let i = 0; i < this.count; i++) take(nowMs - this.dueOf(i));
	}

	/** Takes out all up to `tick`, with their ages. */
	take(tick: number, nowMs: number, take: (ageMs: number) => void): void {
		if (this.count === 0 || tick < this.firstTick) return;
		const ticks = this.lastTick - this.firstTick + 1;
		const share = Math.min(1, (tick - this.firstTick + 1) / ticks);
		const taken = Math.round(this.count * share);
		for (let i = 0; i < taken; i++) take(nowMs - this.dueOf(i));
		const nextDueMs = this.dueOf(taken);
		this.count -= taken;
		this.firstTick = tick + 1;
		this.firstDueMs = nextDueMs;
	}
}
