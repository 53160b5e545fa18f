import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import {
	integerRange,
	readScalar,
	type ScalarName,
	writeScalar,
} from "../../protocol/schema/scalar.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { FieldPulses } from "./field-pulses.ts";

const REMEMBERED = 256;

/**
 * Turns `room.input` into the bytes of each tick, and keeps them: to send them, to run the rules on
 * them again, and to measure how long they took.
 */
export class InputSender {
	private schema: WireSchema["input"];
	private readonly recordedTick = new Float64Array(REMEMBERED).fill(-1);
	private bytes: Uint8Array;
	private view: DataView;
	/** How far in the past the screen was when an input was made, ticks. */
	private readonly viewAges = new Float64Array(REMEMBERED);
	private readonly sentAtMs = new Float64Array(REMEMBERED);
	private readonly sentTick = new Float64Array(REMEMBERED).fill(-1);
	private readonly pulses = new Map<string, FieldPulses>();
	/** By a field's offset, the value carried over from ticks that are skipped. */
	private readonly folded = new Map<number, number>();
	/** Newest tick with an input. */
	private newest = -1;
	/** Newest tick whose input was sent. */
	lastTick = -1;

	private readonly now: () => number;

	/** `now` serves to tell intended values from intermediate steps. */
	constructor(schema: WireSchema, now: () => number) {
		this.now = now;
		this.schema = schema.input;
		this.bytes = new Uint8Array(REMEMBERED * schema.input.size);
		this.view = new DataView(this.bytes.buffer);
	}

	/** Continues under other rules; if the fields differ, waiting inputs are not sent. */
	swap({ input }: WireSchema): void {
		const isSame = JSON.stringify(input) === JSON.stringify(this.schema);
		this.schema = input;
		if (isSame) return;
		this.bytes = new Uint8Array(REMEMBERED * input.size);
		this.view = new DataView(this.bytes.buffer);
		this.recordedTick.fill(-1);
		this.lastTick = this.newest;
	}

	/**
	 * Adds missing fields to `input`, at rest, and observes them: a value that is set and set back
	 * between two ticks, as on a slow page, still counts in the next.
	 */
	attach(input: Record<string, number | boolean>): void {
		for (const { name, type } of this.schema.fields) {
			const held = input[name] ?? (type === "bool" ? false : 0);
			const pulses = this.pulses.get(name) ?? new FieldPulses(held, this.now);
			this.pulses.set(name, pulses);
			Object.defineProperty(input, name, {
				configurable: true,
				enumerable: true,
				get: () => pulses.held,
				set: (value: number | boolean) => pulses.set(value),
			});
		}
	}

	/**
	 * Takes `input` for every tick up to `tick` that has none yet. The bytes are as the server will read
	 * them: buttons are 0 or 1, NaN is 0, and integers are clamped to their type.
	 */
	record(tick: number, input: Readonly<Record<string, number | boolean>>, viewAge = 0): void {
		const { size, fields } = this.schema;
		// the clock was set back far: inputs for those ticks are recorded again
		if (tick < this.newest - LIMITS.inputsPerMessage) {
			this.newest = tick - 1;
			this.lastTick = Math.min(this.lastTick, tick - 1);
		}
		for (let t = Math.max(this.newest + 1, tick - LIMITS.inputsPerMessage + 1); t <= tick; t++) {
			const slot = t % REMEMBERED;
			for (const { name, type, offset } of fields) {
				const pulses = this.pulses.get(name);
				let value = Number((pulses?.held === input[name] ? pulses?.next() : input[name]) ?? 0);
				const range = integerRange(type);
				if (type === "bool") value = value ? 1 : 0;
				else if (range) value = Math.min(Math.max(value, range[0]), range[1]);
				else if (!Number.isFinite(Math.fround(value))) value = 0;
				writeScalar(this.view, slot * size + offset, type, value);
			}
			this.recordedTick[slot] = t;
			this.viewAges[slot] = Math.max(0, viewAge - (tick - t));
		}
		this.newest = Math.max(this.newest, tick);
	}

	/** The message for every tick recorded and not yet sent, or null if there is none. */
	message(ackTick: number, nowMs: number): Uint8Array<ArrayBuffer> | null {
		const { newest } = this;
		if (newest <= this.lastTick) return null;
		const first = Math.max(this.lastTick + 1, newest - LIMITS.inputsPerMessage + 1);
		this.foldUnsent(this.lastTick + 1, first);
		const { size } = this.schema;
		const inputs = new Uint8Array(size * (newest - first + 1));
		for (let t = first; t <= newest; t++) {
			const slot = t % REMEMBERED;
			inputs.set(this.bytes.subarray(slot * size, (slot + 1) * size), (t - first) * size);
			this.sentAtMs[slot] = nowMs;
			this.sentTick[slot] = t;
		}
		this.lastTick = newest;
		const age = Math.round(this.viewAges[first % REMEMBERED] * VIEW_AGE_PER_TICK);
		const viewAge = Math.min(0xffff, age);
		return encodeClientMessage({ type: "input", ackTick, tick: first, inputs, viewAge });
	}

	/**
	 * Ticks from `from` up to `first` no longer fit the message, as after a stall: values that were set
	 * and set back in them move to `first`, the last of each field.
	 */
	private foldUnsent(from: number, first: number): void {
		// before the first input sent, there is no value to return to
		if (this.recordedTick[(from - 1) % REMEMBERED] !== from - 1) return;
		const { size, fields } = this.schema;
		const start = (tick: number): number => (tick % REMEMBERED) * size;
		for (let t = Math.max(from, first - REMEMBERED + LIMITS.inputsPerMessage); t < first; t++) {
			if (this.recordedTick[t % REMEMBERED] !== t) continue;
			for (const { type, offset } of fields) {
				const [old, rest] = [start(t) + offset, start(from - 1) + offset];
				const at = start(first) + offset;
				const isBack = this.isSame(at, rest, type);
				if (isBack && !this.isSame(old, rest, type))
					this.folded.set(offset, readScalar(this.view, old, type));
			}
		}
		for (const { type, offset } of fields) {
			const value = this.folded.get(offset);
			if (value !== undefined) writeScalar(this.view, start(first) + offset, type, value);
		}
		this.folded.clear();
	}

	private isSame(a: number, b: number, type: ScalarName): boolean {
		return readScalar(this.view, a, type) === readScalar(this.view, b, type);
	}

	/**
	 * Fills `into` with the input for `tick`; otherwise returns false and fills in the last one before
	 * it.
	 */
	take(tick: number, into: Uint8Array): boolean {
		const { size } = this.schema;
		for (let t = tick; t >= 0 && t > tick - REMEMBERED; t--) {
			const slot = t % REMEMBERED;
			if (this.recordedTick[slot] !== t) continue;
			for (let i = 0; i < size; i++) into[i] = this.bytes[slot * size + i];
			return t === tick;
		}
		into.fill(0);
		return false;
	}

	/** When the input for `tick` was sent, or -1 if no longer known. */
	sentAt(tick: number): number {
		const slot = tick % REMEMBERED;
		return this.sentTick[slot] === tick ? this.sentAtMs[slot] : -1;
	}
}
