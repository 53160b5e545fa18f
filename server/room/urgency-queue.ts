import type { Lag } from "./viewer.ts";

/** A cell that could be sent, and how urgent that is. */
export interface Candidate extends Lag {
	cell: number;
}

const mostUrgentFirst = (a: Candidate, b: Candidate): number => b.priority - a.priority;

/** Orders the cells that one viewer waits for. Serves viewers one after the other with the same objects. */
export class UrgencyQueue {
	private readonly made: Candidate[] = [];
	private readonly waiting: Candidate[] = [];

	/** Adds a cell of which the viewer has the emission at `from`, -1 for none. */
	add(cell: number, from: number, priority: number): void {
		const { made, waiting } = this;
		let candidate = made[waiting.length];
		if (candidate === undefined) {
			candidate = { cell, from, priority };
			made.push(candidate);
		}
		candidate.cell = cell;
		candidate.from = from;
		candidate.priority = priority;
		waiting.push(candidate);
	}

	/** The cells added, the most urgent first; of two that are alike, the one added first. */
	ordered(): readonly Candidate[] {
		return this.waiting.sort(mostUrgentFirst);
	}

	clear(): void {
		this.waiting.length = 0;
	}
}
