import { LIMITS } from "../../protocol/limits.ts";
import type { FieldSpec, RecordSpec } from "../../protocol/schema/define-game.ts";
import { isFloat, readScalar, scalarBytes } from "../../protocol/schema/scalar.ts";

const SLOTS = LIMITS.inputsQueued;

interface NumberField {
	readonly offset: number;
	readonly end: number;
}

/** What happened to an input on arrival. */
type InputFate = "queued" | "late" | "dropped";

/** What a ring holds between two ticks, in plain data. */
export interface SavedInputs {
	readonly ticks: Float64Array;
	readonly viewAges: Uint16Array;
	readonly bytes: Uint8Array;
	readonly current: Uint8Array;
	readonly pressed: Uint8Array;
	readonly rest: Uint8Array;
	readonly pulses: Uint8Array;
	readonly hasPulse: Uint8Array;
	readonly taken: Uint8Array;
	readonly hasLate: boolean;
	readonly queued: number;
	readonly isSettled: boolean;
	readonly viewAge: number;
	readonly inputTick: number;
	readonly slack: number;
	readonly late: number;
	readonly repeated: number;
	readonly dropped: number;
}

/** The arrays of a ring, by name: their lengths follow from the game's input. */
const SAVED_ARRAYS = [
	"ticks",
	"viewAges",
	"bytes",
	"current",
	"pressed",
	"rest",
	"pulses",
	"hasPulse",
	"taken",
] as const;

/**
 * One player's inputs, by the tick they are meant for. Exactly one is taken per tick, so sending more
 * gains nothing. A missing one is replaced by the last; buttons (bool fields) that came too late are
 * pressed in the next tick, and so is another value that was set and set back too late, so that nothing
 * short is ever lost.
 */
export class InputRing {
	private readonly size: number;
	private readonly buttons: readonly number[];
	private readonly floats: readonly FieldSpec[];
	private readonly ticks = new Float64Array(SLOTS).fill(-1);
	private readonly viewAges = new Uint16Array(SLOTS);
	private readonly bytes: Uint8Array;
	/** The input in force: the one to repeat. */
	private readonly current: Uint8Array;
	private readonly pressed: Uint8Array;
	private readonly numbers: readonly NumberField[];
	/** The input of the last tick, without late values. */
	private readonly rest: Uint8Array;
	/** For each number, the last late value that differs from that; none where `hasPulse` is 0. */
	private readonly pulses: Uint8Array;
	private readonly hasPulse: Uint8Array;
	/** The result of `take`. */
	readonly taken: Uint8Array;
	private hasLate = false;
	/** Inputs that wait in the ring. */
	private queued = 0;
	/** `taken` is the input in force. */
	private isSettled = false;
	/** How far the player's view lies before the tick just taken, 1/256 ticks. */
	viewAge = 0;
	/** Stamp of the newest input used, 0 for none. */
	inputTick = 0;
	/** Ticks between the newest arrival's stamp and the tick it could have entered. */
	slack = 0;
	late = 0;
	repeated = 0;
	dropped = 0;

	constructor(input: RecordSpec) {
		this.size = input.size;
		this.buttons = input.fields.filter((f) => f.type === "bool").map((f) => f.offset);
		this.floats = input.fields.filter((f) => isFloat(f.type));
		this.numbers = input.fields
			.filter((f) => f.type !== "bool")
			.map(({ offset, type }) => ({ offset, end: offset + scalarBytes(type) }));
		this.bytes = new Uint8Array(SLOTS * input.size);
		this.current = new Uint8Array(input.size);
		this.pressed = new Uint8Array(input.size);
		this.taken = new Uint8Array(input.size);
		this.rest = new Uint8Array(input.size);
		this.pulses = new Uint8Array(input.size);
		this.hasPulse = new Uint8Array(this.numbers.length);
	}

	/** Files `inputs[offset…]` under `tick`; `nextTick` is the next one that the room computes. */
	put(tick: number, nextTick: number, inputs: Uint8Array, offset: number, viewAge = 0): InputFate {
		const slack = tick - nextTick;
		this.slack = Math.max(-128, Math.min(127, slack));
		if (slack >= SLOTS) {
			this.dropped++;
			return "dropped";
		}
		if (slack < 0) {
			this.late++;
			this.keepLate(tick, inputs, offset);
			return "late";
		}
		const slot = tick % SLOTS;
		if (this.ticks[slot] === tick) {
			// the first one counts: a second one for the same tick cannot replace it
			this.dropped++;
			return "dropped";
		}
		if (this.ticks[slot] === -1) this.queued++;
		this.ticks[slot] = tick;
		this.accept(inputs, offset, this.bytes, slot * this.size);
		this.viewAges[slot] = viewAge;
		return "queued";
	}

	/** Fills `taken` with the input for `tick`; true when it is only the last one again. */
	take(tick: number): boolean {
		// most ticks of a client that seldom sends take this path, and touch next to no memory
		if (this.queued === 0 && this.isSettled) {
			this.repeated++;
			return true;
		}
		const slot = tick % SLOTS;
		const repeated = this.ticks[slot] !== tick;
		if (repeated) this.repeated++;
		else {
			this.copy(this.bytes, slot * this.size, this.current, 0);
			this.inputTick = tick;
			this.viewAge = this.viewAges[slot];
			this.ticks[slot] = -1;
			this.queued--;
		}
		this.copy(this.current, 0, this.taken, 0);
		this.isSettled = !this.hasLate;
		if (this.hasLate) this.addLate();
		this.copy(this.current, 0, this.rest, 0);
		return repeated;
	}

	/** A copy of all that it holds. */
	save(): SavedInputs {
		const { hasLate, queued, isSettled, viewAge, inputTick, slack, late, repeated, dropped } = this;
		return {
			ticks: this.ticks.slice(),
			viewAges: this.viewAges.slice(),
			bytes: this.bytes.slice(),
			current: this.current.slice(),
			pressed: this.pressed.slice(),
			rest: this.rest.slice(),
			pulses: this.pulses.slice(),
			hasPulse: this.hasPulse.slice(),
			taken: this.taken.slice(),
			...{ hasLate, queued, isSettled, viewAge, inputTick, slack, late, repeated, dropped },
		};
	}

	/** Takes up what another ring held. @throws RangeError when that was of another input */
	load(saved: SavedInputs): void {
		for (const name of SAVED_ARRAYS) {
			if (saved[name].length !== this[name].length) {
				throw new RangeError(`inputs of ${saved[name].length} bytes, not ${this[name].length}`);
			}
			this[name].set(saved[name]);
		}
		const { hasLate, queued, isSettled, viewAge, inputTick, slack, late, repeated, dropped } =
			saved;
		Object.assign(this, { hasLate, queued, isSettled, viewAge, inputTick, slack });
		Object.assign(this, { late, repeated, dropped });
	}

	/** The player is gone: the last input must not repeat forever. */
	release(): void {
		this.ticks.fill(-1);
		this.queued = 0;
		this.isSettled = false;
		this.current.fill(0);
		this.rest.fill(0);
		this.forgetLate();
	}

	private addLate(): void {
		const { taken, rest, pulses } = this;
		for (const at of this.buttons) taken[at] = taken[at] | this.pressed[at];
		this.numbers.forEach(({ offset, end }, i) => {
			// a value that is new takes precedence over one that was set back
			if (this.hasPulse[i] === 0 || !areEqual(taken, rest, offset, end)) return;
			for (let at = offset; at < end; at++) taken[at] = pulses[at];
		});
		this.forgetLate();
	}

	private forgetLate(): void {
		this.pressed.fill(0);
		this.hasPulse.fill(0);
		this.hasLate = false;
	}

	private keepLate(tick: number, inputs: Uint8Array, offset: number): void {
		for (const at of this.buttons) {
			if (inputs[offset + at] === 0) continue;
			this.pressed[at] = 1;
			this.hasLate = true;
		}
		this.isSettled = false;
		if (tick <= this.inputTick) return;
		this.inputTick = tick;
		this.accept(inputs, offset, this.current, 0);
		this.numbers.forEach(({ offset: at, end }, i) => {
			if (areEqual(this.current, this.rest, at, end)) return;
			this.pulses.set(this.current.subarray(at, end), at);
			this.hasPulse[i] = 1;
			this.hasLate = true;
		});
	}

	/** Copies what a client sent: a button is 0 or 1, and no NaN or infinity reaches a module. */
	private accept(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
		this.copy(from, fromAt, to, toAt);
		for (const at of this.buttons) if (to[toAt + at] !== 0) to[toAt + at] = 1;
		if (this.floats.length === 0) return;
		const view = new DataView(to.buffer, to.byteOffset + toAt, this.size);
		for (const { type, offset } of this.floats) {
			if (Number.isFinite(readScalar(view, offset, type))) continue;
			to.fill(0, toAt + offset, toAt + offset + scalarBytes(type));
		}
	}

	private copy(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
		for (let i = 0; i < this.size; i++) to[toAt + i] = from[fromAt + i];
	}
}

function areEqual(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
	for (let at = from; at < to; at++) if (a[at] !== b[at]) return false;
	return true;
}
