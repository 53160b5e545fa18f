import { ctx } from "./context";

/*
 * State of a table beside its columns, 8 bytes:
 *   0 u32 used   rows at or above this one are free
 *   4 u32 hint   no row below this one is free
 * Both follow from `gen`, so a module that gets only its columns back behaves the same.
 */

/** Takes the lowest free row and returns it, or -1 when the table is full. */
export function spawnRow(gen: usize, state: usize, capacity: i32): i32 {
	// a host that predicts puts rows here and takes them away between two ticks
	let row = ctx.predicting ? 0 : load<i32>(state, 4);
	while (row < capacity && load<u16>(gen + (<usize>row << 1)) != 0) row++;
	store<i32>(state, row < capacity ? row + 1 : capacity, 4);
	if (row >= capacity) return -1;
	// two occupants of one row never share a tick of birth, so the tick tells them apart
	store<u16>(gen + (<usize>row << 1), <u16>(1 + (ctx.tick % 65535)));
	if (row >= load<i32>(state)) store<i32>(state, row + 1);
	return row;
}

/** Gives a row back. Freeing a free row does nothing. */
export function freeRow(gen: usize, state: usize, row: i32): void {
	store<u16>(gen + (<usize>row << 1), 0);
	if (row < load<i32>(state, 4)) store<i32>(state, row, 4);
	let used = load<i32>(state);
	while (used > 0 && load<u16>(gen + (<usize>(used - 1) << 1)) == 0) used--;
	store<i32>(state, used);
}
