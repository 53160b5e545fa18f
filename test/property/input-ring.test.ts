import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { layoutRecord } from "../../protocol/schema/define-game.ts";
import { InputRing } from "../../server/input/input-ring.ts";
import { holds } from "../support/holds.ts";

const shape = layoutRecord([
	["turn", "i8"],
	["fire", "bool"],
	["aim", "f32"],
]);

/** Bytes of the fields that are numbers. */
const NUMBERS = [
	[0, 1],
	[4, 8],
] as const;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}

/** PROTOCOL.md §7, word for word: a map of ticks. */
class Model {
	private readonly waiting = new Map<number, Uint8Array>();
	private current: Uint8Array = new Uint8Array(shape.size);
	private pressed = false;
	/** What the last tick had, and numbers that came too late and were others than that, by their first byte. */
	private rest: Uint8Array = new Uint8Array(shape.size);
	private readonly pulses = new Map<number, Uint8Array>();
	inputTick = 0;
	slack = 0;

	put(tick: number, nextTick: number, input: Uint8Array): void {
		this.slack = Math.max(-128, Math.min(127, tick - nextTick));
		if (tick - nextTick >= LIMITS.inputsQueued) return;
		if (tick < nextTick) {
			if (input[1] !== 0) this.pressed = true;
			if (tick > this.inputTick) {
				this.inputTick = tick;
				this.current = clean(input);
				for (const [from, to] of NUMBERS) {
					const value = this.current.slice(from, to);
					if (!isSame(value, this.rest.slice(from, to))) this.pulses.set(from, value);
				}
			}
		} else if (!this.waiting.has(tick)) this.waiting.set(tick, clean(input));
	}

	take(tick: number): { input: Uint8Array; repeated: boolean } {
		const own = this.waiting.get(tick);
		if (own) {
			this.current = own;
			this.inputTick = tick;
		}
		const input = this.current.slice();
		if (this.pressed) input[1] = 1;
		this.pressed = false;
		for (const [from, to] of NUMBERS) {
			const pulse = this.pulses.get(from);
			const isAtRest = isSame(input.slice(from, to), this.rest.slice(from, to));
			if (pulse && isAtRest) input.set(pulse, from);
		}
		this.pulses.clear();
		this.rest = this.current.slice();
		return { input, repeated: own === undefined };
	}
}

/** A button is 0 or 1, a float is finite. */
function clean(input: Uint8Array): Uint8Array {
	const copy = input.slice();
	copy[1] = copy[1] === 0 ? 0 : 1;
	const view = new DataView(copy.buffer);
	if (!Number.isFinite(view.getFloat32(4, true))) view.setUint32(4, 0, true);
	return copy;
}

describe("InputRing", () => {
	it("uses, repeats, drops and presses as PROTOCOL.md says, in whatever order inputs come", () => {
		const inputs = fc.oneof(
			fc.uint8Array({ minLength: 8, maxLength: 8 }),
			fc.constant(Uint8Array.of(1, 1, 0, 0, 0, 0, 0xc0, 0x7f)),
			fc.constant(new Uint8Array(8)),
		);
		const arrivals = fc.array(fc.tuple(fc.integer({ min: -70, max: 40 }), inputs), {
			maxLength: 4,
		});
		holds(
			fc.property(
				fc.array(arrivals, { maxLength: 80 }),
				fc.constantFrom(0, 1000),
				(ticks, start) => {
					const ring = new InputRing(shape);
					const model = new Model();
					ticks.forEach((list, i) => {
						const nextTick = start + i;
						for (const [offset, input] of list) {
							const tick = Math.max(0, nextTick + offset);
							ring.put(tick, nextTick, input, 0);
							model.put(tick, nextTick, input);
						}
						const repeated = ring.take(nextTick);
						expect({ input: ring.taken, repeated }).toEqual(model.take(nextTick));
						expect([ring.inputTick, ring.slack]).toEqual([model.inputTick, model.slack]);
					});
				},
			),
			300,
		);
	});
});
