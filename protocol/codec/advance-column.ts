import { type ChainColumn, ORDER } from "./chain-state.ts";
import type { KernelMemory } from "./kernel.ts";

/**
 * What a step did to the rows of a table, by row; undefined for rows that were free before or are now.
 */
export interface StepMarks {
	/** Non-zero where a value left its guess. */
	readonly dirty: Int32Array;
	/** Non-zero where a row is not at rest. */
	readonly moved: Int32Array;
	/** Tick of the last step in which it was moved, 32 bits without a sign. */
	readonly stamp: Int32Array;
}

/**
 * Ends a step: records the tick for the rows that moved. Returns how many are dirty, possibly including
 * free ones.
 */
export function settleRows(
	{ loops }: KernelMemory,
	{ dirty, moved, stamp }: StepMarks,
	used: number,
	tick: number,
): number {
	if (loops) {
		// rows come in fours: those above are as free as any
		dirty.fill(0, used, used + 3);
		return loops.settle(dirty.byteOffset, moved.byteOffset, stamp.byteOffset, used, tick);
	}
	let count = 0;
	for (let row = 0; row < used; row++) {
		if (dirty[row] !== 0) count++;
		if (moved[row] !== 0) stamp[row] = tick;
	}
	return count;
}

/**
 * Moves the first `used` rows of a column to `now` and adds to the marks. `residual` becomes what the
 * guess was wrong by. The kernel does the same as the loops here, four rows at a time; all arrays must then
 * be its own.
 */
export function advanceColumn(
	{ loops }: KernelMemory,
	column: ChainColumn,
	now: Int32Array,
	used: number,
	order: number,
	residual: Int32Array,
	marks: StepMarks,
): void {
	const { guessed, value, step, bend, shift } = column;
	if (!loops) advancePlain(column, now, used, order, residual, marks);
	else if (guessed) {
		loops.advance(
			now.byteOffset,
			value.byteOffset,
			step.byteOffset,
			bend.byteOffset,
			residual.byteOffset,
			marks.dirty.byteOffset,
			marks.moved.byteOffset,
			used,
			shift,
			order,
		);
	} else {
		loops.replace(
			now.byteOffset,
			value.byteOffset,
			residual.byteOffset,
			marks.dirty.byteOffset,
			marks.moved.byteOffset,
			used,
			shift,
		);
	}
}

function advancePlain(
	{ guessed, value, step, bend, shift }: ChainColumn,
	now: Int32Array,
	used: number,
	order: number,
	residual: Int32Array,
	{ dirty, moved }: StepMarks,
): void {
	for (let row = 0; row < used; row++) {
		const next = now[row];
		const move = ((next - value[row]) << shift) >> shift;
		let rest = move;
		let changes = move;
		if (guessed) {
			const bent = ((move - step[row]) << shift) >> shift;
			const before = bend[row];
			if (order === ORDER.steady) rest = bent;
			else if (order === ORDER.bent) rest = ((bent - before) << shift) >> shift;
			changes |= bent | before;
			step[row] = move;
			bend[row] = bent;
		}
		value[row] = next;
		residual[row] = rest;
		dirty[row] = dirty[row] | rest;
		moved[row] = moved[row] | changes;
	}
}
