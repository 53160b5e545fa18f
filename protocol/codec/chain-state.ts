import type { WireColumn, WireTable } from "../wire-schema.ts";

/**
 * What both ends of a delta chain remember of a column: the integer that was last sent per row and, if
 * the column is guessed to keep moving, its last step and by how much that step differed from the one before.
 */
export interface ChainColumn {
	/**
	 * The next value is guessed, in one of the ways of `ORDER`; otherwise each change is sent in full.
	 */
	readonly guessed: boolean;
	/** 32 - bits: differences are taken modulo 2^bits, so that an angle turns the short way. */
	readonly shift: number;
	readonly mask: number;
	readonly value: Int32Array;
	readonly step: Int32Array;
	readonly bend: Int32Array;
}

/**
 * The guess for the next value of a guessed column: the value, value + step, or value + step + bend.
 * One of them holds for all rows of a chunk.
 */
export const ORDER = { still: 0, steady: 1, bent: 2 } as const;

export interface ChainTable {
	readonly capacity: number;
	readonly gen: Uint16Array;
	/** The cell of each live row. */
	readonly cell: Uint16Array;
	readonly columns: readonly ChainColumn[];
	/** Rows at or above it are free. */
	used: number;
}

function chainColumn(
	{ quantisation: q, interpolation }: WireColumn,
	rows: () => Int32Array,
): ChainColumn {
	const bits = q.kind === "angle" ? q.bits : 32;
	return {
		guessed: q.kind !== "exact" && interpolation !== "step",
		shift: 32 - bits,
		mask: bits === 32 ? -1 : (1 << bits) - 1,
		value: rows(),
		step: rows(),
		bend: rows(),
	};
}

/** An empty chain for a table's wire columns; `rows` makes its arrays. */
export function createChain(
	{ capacity, columns }: WireTable,
	rows: () => Int32Array = () => new Int32Array(capacity),
	gen: Uint16Array = new Uint16Array(capacity),
): ChainTable {
	return {
		capacity,
		gen,
		cell: new Uint16Array(capacity),
		columns: columns.map((column) => chainColumn(column, rows)),
		used: 0,
	};
}
