import { Column } from "./column";

/*
 * What lies before each column of a draft, 16 bytes:
 *   0 u32 rows   of its table
 *   4 u32 name   address of a text, "ship.x"
 */
export const CHECK_BYTES: usize = 16;

/** Says how many rows a column has, and what it is called; runs once, before anything else. */
export function describeColumn(column: usize, rows: i32, name: string): void {
	store<u32>(column - CHECK_BYTES, rows);
	store<usize>(column - CHECK_BYTES, changetype<usize>(name), 4);
}

function outside(column: usize, row: i32): void {
	const name = changetype<string>(load<usize>(column - CHECK_BYTES, 4));
	const rows = load<u32>(column - CHECK_BYTES);
	abort(`row ${row} is outside of ${name}, which has rows 0 to ${rows - 1}`);
}

/** A column of a draft: an index that is no row of its table ends the tick, which says so. */
@unmanaged
export class CheckedColumn<T> extends Column<T> {
	@inline @operator("[]") checkedGet(row: i32): T {
		const column = changetype<usize>(this);
		if (<u32>row >= load<u32>(column - CHECK_BYTES)) outside(column, row);
		return load<T>(column + <usize>row * sizeof<T>());
	}

	@inline @operator("[]=") checkedSet(row: i32, value: T): void {
		const column = changetype<usize>(this);
		if (<u32>row >= load<u32>(column - CHECK_BYTES)) outside(column, row);
		store<T>(column + <usize>row * sizeof<T>(), value);
	}
}
