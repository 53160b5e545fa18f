import { type ChainColumn, ORDER } from "./chain-state.ts";

/** Adds the residual to the value; step and bend were off by the same amount. */
export function correct(
	{ guessed, value, step, bend, mask, shift }: ChainColumn,
	rows: Int32Array,
	rests: Int32Array,
	n: number,
): void {
	for (let i = 0; i < n; i++) {
		const row = rows[i];
		const rest = rests[i];
		value[row] = (value[row] + rest) & mask;
		if (!guessed) continue;
		step[row] = ((step[row] + rest) << shift) >> shift;
		bend[row] = ((bend[row] + rest) << shift) >> shift;
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
		const row = rows[i];
		const before = step[row];
		let move = 0;
		if (order === ORDER.steady) move = before;
		else if (order === ORDER.bent) move = ((before + bend[row]) << shift) >> shift;
		value[row] = (value[row] + move) & mask;
		step[row] = move;
		bend[row] = ((move - before) << shift) >> shift;
	}
}

/** Both at once: `rests` holds the residual of each row. */
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
		const row = rows[i];
		const before = step[row];
		const guessedMove = (before & steps) + (bend[row] & bends);
		const move = ((guessedMove + rests[i]) << shift) >> shift;
		value[row] = (value[row] + move) & mask;
		step[row] = move;
		bend[row] = ((move - before) << shift) >> shift;
	}
}
