import type { WireColumn, WireTable } from "../wire-schema.ts";

/**
 * What both ends of a delta chain remember of a column: the integer that was last sent per row, and
 * its last step if the column is predicted to keep moving.
 */
export interface ChainColumn {
	/** Next value is guessed as `value + step`; else as `value`. */
	readonly predicted: boolean;
	/** 32 - bits: differences are taken modulo 2^bits, so that an angle turns the short way. */
	readonly shift: number;
	readonly mask: number;
	readonly value: Int32Array;
	readonly step: Int32Array;
}

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
	capacity: number,
): ChainColumn {
	const bits = q.kind === "angle" ? q.bits : 32;
	return {
		predicted: q.kind !== "exact" && interpolation !== "step",
		shift: 32 - bits,
		mask: bits === 32 ? -1 : (1 << bits) - 1,
		value: new Int32Array(capacity),
		step: new Int32Array(capacity),
	};
}

/** An empty chain for a table's wire columns. */
export function createChain({ capacity, columns }: WireTable): ChainTable {
	return {
		capacity,
		gen: new Uint16Array(capacity),
		cell: new Uint16Array(capacity),
		columns: columns.map((column) => chainColumn(column, capacity)),
		used: 0,
	};
}
