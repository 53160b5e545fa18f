import { ctx } from "./context";

/*
 * The memory of a table's rewind() columns: a ring of copies of whole columns, one for each of the
 * last ticks, and of the generations that tell who was in a row.
 *
 *   u32 stamps[slots]   tick + 1 of the copy in that slot, 0 for none
 *   u16 gens[slots][capacity]
 *   T   values[slots][capacity]   for each column
 *
 * It is written at the end of each tick and read within the next ones. It is no state that lasts: a
 * swap leaves it behind, and rows are then taken to have been where they are.
 */

/** Ticks of `age` that reach back at most; what is no number counts as 0. */
@inline function within(age: f32, slots: i32): f32 {
	return age > 0 ? min(age, <f32>slots) : 0;
}

/** Whether the copy of `tick` exists and had the occupant `gen` in `row`. */
function knows(stamps: usize, gens: usize, slots: i32, capacity: i32, row: i32, gen: u16, tick: u32): bool {
	const slot = <i32>(tick % <u32>slots);
	if (load<u32>(stamps + (<usize>slot << 2)) != tick + 1) return false;
	return load<u16>(gens + ((<usize>(slot * capacity + row)) << 1)) == gen;
}

/** Slot of the copy to read for `tick`, or of the first one after it that knows the row; -1 for none. */
function slotAt(stamps: usize, gens: usize, slots: i32, capacity: i32, row: i32, gen: u16, tick: i32): i32 {
	const now = <i32>ctx.tick;
	for (let t = max(tick, 0); t < now; t++) {
		if (knows(stamps, gens, slots, capacity, row, gen, <u32>t)) return t % slots;
	}
	return -1;
}

/** Marks where this tick's copies go and returns the slot. */
export function openSlot(stamps: usize, slots: i32): i32 {
	const slot = <i32>(ctx.tick % <u32>slots);
	store<u32>(stamps + (<usize>slot << 2), ctx.tick + 1);
	return slot;
}

/**
 * A column's value `age` ticks before this one: age 1 is the end of the last tick, age 0 the value that
 * the column holds now. Between two ticks it takes the value before (T of any kind).
 */
@inline export function stepAt<T>(
	stamps: usize, gens: usize, values: usize, slots: i32, capacity: i32, row: i32, gen: u16, age: f32, now: T,
): T {
	const before = <i32>ceil<f32>(within(age, slots));
	const slot = before == 0 ? -1 : slotAt(stamps, gens, slots, capacity, row, gen, <i32>ctx.tick - before);
	return slot < 0 ? now : load<T>(values + <usize>(slot * capacity + row) * sizeof<T>());
}

/** The same, on the line between the two ticks around that moment. */
@inline export function lineAt<T>(
	stamps: usize, gens: usize, values: usize, slots: i32, capacity: i32, row: i32, gen: u16, age: f32, now: T,
): T {
	const back = within(age, slots);
	const from = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, ceil<f32>(back), now);
	const to = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, floor<f32>(back), now);
	return from + (to - from) * <T>(ceil<f32>(back) - back);
}

/** The same on a circle, the short way round: from `begin` up to but not including `begin + size`. */
@inline export function wrapAt<T>(
	stamps: usize, gens: usize, values: usize, slots: i32, capacity: i32, row: i32, gen: u16, age: f32, now: T,
	size: T, begin: T,
): T {
	const back = within(age, slots);
	const from = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, ceil<f32>(back), now);
	const to = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, floor<f32>(back), now);
	const way = to - from;
	const at = from + (way - size * nearest<T>(way / size)) * <T>(ceil<f32>(back) - back);
	const inside = at - size * floor<T>((at - begin) / size);
	// a hair below the beginning rounds to the end, which is the same place
	return inside < begin + size ? inside : begin;
}

const TURN: f64 = 6.283185307179586;

/** The same for radians, the short way round. */
@inline export function angleAt<T>(
	stamps: usize, gens: usize, values: usize, slots: i32, capacity: i32, row: i32, gen: u16, age: f32, now: T,
): T {
	const back = within(age, slots);
	const from = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, ceil<f32>(back), now);
	const to = stepAt<T>(stamps, gens, values, slots, capacity, row, gen, floor<f32>(back), now);
	const way = to - from;
	return from + (way - <T>TURN * nearest<T>(way / <T>TURN)) * <T>(ceil<f32>(back) - back);
}
