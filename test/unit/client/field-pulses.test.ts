import { describe, expect, it } from "vitest";
import { FieldPulses } from "../../../client/input/field-pulses.ts";

type Value = number | boolean;

/** The values of the ticks that follow after `sets`, each `stepMs` after the one before. */
function ticksAfter(from: Value, sets: readonly Value[], count: number, stepMs = 1): Value[] {
	let nowMs = 100;
	const pulses = new FieldPulses(from, () => nowMs);
	for (const value of sets) {
		pulses.set(value);
		nowMs += stepMs;
	}
	return Array.from({ length: count }, () => pulses.next());
}

describe("what is set and set back between two ticks", () => {
	it.each<[Value, Value[], Value[]]>([
		[0, [7, 0], [7, 0]],
		[3, [5, 3], [5, 3]],
		[0, [7, 0, 7, 0], [7, 0, 7, 0]],
		[0, [7, 0, 8, 0], [7, 8, 0]],
		[0, [3, 5], [5, 5]],
		[0, [3, 0, 5], [3, 5, 5]],
		[0.5, [-1.25, 0.5], [-1.25, 0.5]],
		[false, [true, false], [true, false]],
		[false, [true, false, true, false], [true, false, true, false]],
		[true, [false, true], [false, true]],
		[0, [0, 0], [0, 0]],
	])("from %j set to %j is %j", (from, sets, ticks) => {
		expect(ticksAfter(from, sets, ticks.length)).toEqual(ticks);
	});

	it("is nothing when it was a step of a sum, but a button is pressed however short", () => {
		expect(ticksAfter(-1, [0, -1], 2, 0)).toEqual([-1, -1]);
		expect(ticksAfter(0, [-1, 0], 2, 0)).toEqual([0, 0]);
		expect(ticksAfter(false, [true, false], 2, 0)).toEqual([true, false]);
		expect(ticksAfter(true, [false, true], 2, 0)).toEqual([true, true]);
	});

	it("waits in bounded number, and the end is what it was set to last", () => {
		const sets = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 + (i % 9) : 0));
		const ticks = ticksAfter(0, [...sets, 42], 12);
		expect(ticks.slice(8)).toEqual([42, 42, 42, 42]);
	});
});
