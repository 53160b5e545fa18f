import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../protocol/limits.ts";
import { layoutRecord } from "../../../protocol/schema/define-game.ts";
import { InputRing } from "../../../server/input/input-ring.ts";

const schema = layoutRecord([
	["turn", "i8"],
	["fire", "bool"],
]);

function input(turn: number, fire = 0): Uint8Array {
	return new Uint8Array([turn & 0xff, fire]);
}

function takeAll(ring: InputRing, from: number, to: number): number[][] {
	const taken: number[][] = [];
	for (let tick = from; tick < to; tick++) {
		ring.take(tick);
		taken.push([...ring.taken]);
	}
	return taken;
}

describe("InputRing", () => {
	it("gives each tick the input that was meant for it", () => {
		const ring = new InputRing(schema);
		ring.put(11, 10, input(2), 0);
		ring.put(10, 10, input(1), 0);
		expect(takeAll(ring, 10, 12)).toEqual([
			[1, 0],
			[2, 0],
		]);
		expect(ring.inputTick).toBe(11);
	});

	it("repeats the last input when one is missing, and says so", () => {
		const ring = new InputRing(schema);
		ring.put(10, 10, input(5), 0);
		expect(ring.take(10)).toBe(false);
		expect(ring.take(11)).toBe(true);
		expect([...ring.taken]).toEqual([5, 0]);
		expect(ring.repeated).toBe(1);
	});

	it("consumes one input per tick however many are sent", () => {
		const ring = new InputRing(schema);
		for (let tick = 10; tick < 10 + LIMITS.inputsQueued; tick++) ring.put(tick, 10, input(tick), 0);
		expect(ring.put(10 + LIMITS.inputsQueued, 10, input(99), 0)).toBe("dropped");
		expect(takeAll(ring, 10, 13).map(([turn]) => turn)).toEqual([10, 11, 12]);
	});

	it("keeps the first word for a tick: a second input cannot take it back", () => {
		const ring = new InputRing(schema);
		ring.put(10, 10, input(1), 0);
		expect(ring.put(10, 10, input(2), 0)).toBe("dropped");
		ring.take(10);
		expect(ring.taken[0]).toBe(1);
	});

	it("presses a button that came too late in the next tick, once", () => {
		const ring = new InputRing(schema);
		ring.put(20, 20, input(0), 0);
		ring.take(20);
		expect(ring.put(15, 21, input(0, 1), 0)).toBe("late");
		expect(takeAll(ring, 21, 23)).toEqual([
			[0, 1],
			[0, 0],
		]);
	});

	it("goes on with the newest late input, never with an older one", () => {
		const ring = new InputRing(schema);
		ring.put(10, 10, input(1), 0);
		ring.take(10);
		ring.put(12, 20, input(7), 0);
		ring.put(11, 20, input(3), 0);
		ring.take(20);
		expect(ring.taken[0]).toBe(7);
		expect(ring.inputTick).toBe(12);
	});

	it("drops inputs for absurd ticks and stays within its size", () => {
		const ring = new InputRing(schema);
		expect(ring.put(0xffffffff, 10, input(1), 0)).toBe("dropped");
		expect(ring.put(0, 0xfffffff0, input(1), 0)).toBe("late");
		expect(ring.slack).toBe(-128);
	});

	it("lets no NaN, infinity or odd button value through to a module", () => {
		const floats = layoutRecord([
			["aim", "f32"],
			["fire", "bool"],
		]);
		const ring = new InputRing(floats);
		const bytes = new Uint8Array(floats.size);
		new DataView(bytes.buffer).setFloat32(0, Number.NaN, true);
		bytes[4] = 200;
		ring.put(1, 1, bytes, 0);
		ring.take(1);
		expect(new DataView(ring.taken.buffer).getFloat32(0, true)).toBe(0);
		expect(ring.taken[4]).toBe(1);
	});
});

describe("a number that came too late", () => {
	it("is in the next tick, once, though it was set back since", () => {
		const ring = new InputRing(schema);
		ring.put(10, 10, input(1), 0);
		ring.take(10);
		ring.put(11, 13, input(7), 0);
		ring.put(12, 13, input(1), 0);
		expect(takeAll(ring, 13, 15)).toEqual([
			[7, 0],
			[1, 0],
		]);
	});

	it("gives way to a new value, and is no other than what was held all along", () => {
		const ring = new InputRing(schema);
		ring.put(10, 10, input(1), 0);
		ring.take(10);
		ring.put(11, 12, input(7), 0);
		ring.put(12, 12, input(3), 0);
		expect(takeAll(ring, 12, 14)).toEqual([
			[3, 0],
			[3, 0],
		]);
		for (const tick of [14, 15]) ring.put(tick, 17, input(3), 0);
		expect(takeAll(ring, 17, 19)).toEqual([
			[3, 0],
			[3, 0],
		]);
	});

	it("is forgotten when nobody steers any more", () => {
		const ring = new InputRing(schema);
		ring.put(10, 12, input(7), 0);
		ring.put(11, 12, input(0), 0);
		ring.release();
		expect(takeAll(ring, 12, 13)).toEqual([[0, 0]]);
	});
});
