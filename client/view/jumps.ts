import type { WireTable } from "../../protocol/wire-schema.ts";
import { ColumnPath } from "./column-path.ts";
import type { TableFrame } from "./snapshot-buffer.ts";

/** How a row came to where a snapshot has it. */
export const MOVED = 0;
/** It jumped there: the rules say so. */
export const JUMPED = 1;
/** It apparently jumped there: its last step says nothing about how it moves. */
export const LEAPT = 2;
/** It was not there before. */
export const CAME = 3;

/**
 * This many quantisation steps away from the prediction is not motion: as with own rows, 16 "metres".
 */
const LEAP_STEPS = 16 * 512;
/** It is not a leap if the row was already moving at a fair share of that speed. */
const PACES = 8;

/** Distinguishes rows of one table that moved from rows that jumped. */
export class JumpFinder {
	/** The column that counts jumps, or -1. */
	private readonly count: number;
	private readonly paths: readonly ColumnPath[];

	constructor({ columns }: WireTable) {
		this.count = columns.findIndex(({ jumps }) => jumps === true);
		this.paths = columns.map((column) => new ColumnPath(column));
	}

	/** Fills `to.arrival`; `intervals` is the time since `from`, in intervals between snapshots. */
	find(from: TableFrame, to: TableFrame, intervals: number): void {
		const { arrival } = to;
		for (let row = 0; row < to.used; row++) {
			arrival[row] = row < from.used && from.gen[row] === to.gen[row] ? MOVED : CAME;
		}
		this.paths.forEach((path, c) => {
			if (path.isPlace) this.guess(path, c, from, to, intervals);
		});
		if (this.count < 0) return;
		const before = from.values[this.count];
		const now = to.values[this.count];
		const both = Math.min(from.used, to.used);
		for (let row = 0; row < both; row++) {
			if (arrival[row] !== CAME && before[row] !== now[row]) arrival[row] = JUMPED;
		}
	}

	private guess(
		path: ColumnPath,
		c: number,
		from: TableFrame,
		to: TableFrame,
		intervals: number,
	): void {
		const before = from.values[c];
		const now = to.values[c];
		const steps = from.steps[c];
		const most = LEAP_STEPS * intervals;
		const both = Math.min(from.used, to.used);
		for (let row = 0; row < both; row++) {
			// a row that has just appeared may move at any speed, like a bullet
			if (to.arrival[row] === CAME || from.arrival[row] === CAME) continue;
			const way = path.way(before[row], now[row]);
			const expected = path.way(0, steps[row]) * intervals;
			if (Math.abs(way - expected) <= most) continue;
			// its step is a leap too, not a speed
			const isPace = from.arrival[row] !== LEAPT && Math.abs(way) <= PACES * Math.abs(expected);
			if (!isPace) to.arrival[row] = LEAPT;
		}
	}
}
