import type { Tally } from "./tally.ts";

/** A join that takes longer counts with its age when a window ends before it does. */
const OVERDUE_MS = 1_000;

/**
 * How long a bot takes to its first snapshot, from when its join was due, or from when its connection
 * broke. A join that is still under way when a window ends counts too: the times of those who arrived
 * would be best where most did not.
 */
export class JoinTimer {
	/** The bot had a seat, has tried to come back, and could not so far. */
	hasFailed = false;
	private dueMs = -1;
	private isBack = false;

	/** A player joins who is due at `dueMs`. */
	join(dueMs: number): void {
		this.dueMs = dueMs;
		this.isBack = false;
		this.hasFailed = false;
	}

	/** The connection has just broken. */
	comeBack(): void {
		this.dueMs = performance.now();
		this.isBack = true;
		this.hasFailed = false;
	}

	/** The bot has a seat. */
	seated(tally: Tally): void {
		if (this.isBack) tally.reconnects++;
		this.hasFailed = false;
	}

	/** A snapshot is there: the first one ends the join. */
	arrived(nowMs: number, tally: Tally): void {
		if (this.dueMs < 0) return;
		(this.isBack ? tally.rejoins : tally.joins).recordMs(nowMs - this.dueMs);
		this.dueMs = -1;
	}

	/** At the end of a window: counts a join that should have been over long ago. */
	countOverdue(nowMs: number, tally: Tally): void {
		const ageMs = nowMs - this.dueMs;
		if (this.dueMs < 0 || ageMs <= OVERDUE_MS) return;
		(this.isBack ? tally.rejoins : tally.joins).recordMs(ageMs);
	}
}
