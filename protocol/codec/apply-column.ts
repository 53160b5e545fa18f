import { type ChainColumn, ORDER } from "./chain-state.ts";

/** Adds what the guess was wrong by; the step was wrong by as much, and so was the bend. */
export function correct(
	{ guessed, value, step, bend, mask, shift }: ChainColumn,
	rows: Int32Array,
	rests: Int32Array,
	n: number,
): void {
	for (let i = 0; i < n; i++) {
		const row = rows[i] as number;
		const rest = rests[i] as number;
		value[row] = ((value[row] as number) + rest) & mask;
		if (!guessed) continue;
		step[row] = (((step[row] as number) + rest) << shift) >> shift;
		bend[row] = (((bend[row] as number) + rest) << shift) >> shift;
	}
}

/** Moves the rows on by their column's order; step and bend become those of the guessed move. */
export function guess(
	{ value, step, bend, mask, shift }: ChainColumn,
	order: number,
	rows: Int32Array,
	n: number,
): void {
	for (let i = 0; i < n; i++) {
		const row = rows[i] as number;
		const before = step[row] as number;
		let move = 0;
		if (order === ORDER.steady) move = before;
		else if (order === ORDER.bent) move = ((before + (bend[row] as number)) << shift) >> shift;
		value[row] = ((value[row] as number) + move) & mask;
		step[row] = move;
		bend[row] = ((move - before) << shift) >> shift;
	}
}

/** Both at once: `rests` has what the guess was wrong by for each row. */
export function advance(
	column: ChainColumn,
	order: number,
	rows: Int32Array,
	rests: Int32Array,
	n: number,
): void {
	const { guessed, value, step, bend, mask, shift } = column;
	if (!guessed) {
		correct(column, rows, rests, n);
		return;
	}
	const steps = order === ORDER.still ? 0 : -1;
	const bends = order === ORDER.bent ? -1 : 0;
	for (let i = 0; i < n; i++) {
		const row = rows[i] as number;
		const before = step[row] as number;
		const guessedMove = (before & steps) + ((bend[row] as number) & bends);
		const move = ((guessedMove + (rests[i] as number)) << shift) >> shift;
		value[row] = ((value[row] as number) + move) & mask;
		step[row] = move;
		bend[row] = ((move - before) << shift) >> shift;
	}
}
