import type { RecordSpec } from "../../protocol/schema/define-game.ts";
import {
	integerRange,
	is64Bit,
	readScalar,
	type ScalarName,
	writeScalar,
} from "../../protocol/schema/scalar.ts";

/** Fields of a record in plain data, as they travel in JSON: 64-bit numbers are decimal text. */
export type PlainFields = Readonly<Record<string, number | boolean | string | null>>;

/** Whom an effect is about. */
interface EffectPlayer {
	readonly number: number;
	readonly name: string;
}

/**
 * What rules have said to the world outside in one tick: a result, or a request for an answer. Room, epoch, tick and
 * `n` are its key: whoever is told of the same key twice was told of the same thing.
 */
export interface Effect {
	readonly kind: "result" | "request";
	readonly room: string;
	readonly game: string;
	/** Version of the rules. */
	readonly version: number;
	readonly epoch: number;
	readonly tick: number;
	/** Its place among the effects of the tick. */
	readonly n: number;
	readonly name: string;
	readonly player: EffectPlayer | null;
	readonly fields: PlainFields;
}

function plainValue(view: DataView, at: number, type: ScalarName): PlainFields[string] {
	if (type === "u64") return String(view.getBigUint64(at, true));
	if (type === "i64") return String(view.getBigInt64(at, true));
	const value = readScalar(view, at, type);
	if (type === "bool") return value !== 0;
	// JSON has no other numbers
	return Number.isFinite(value) ? value : null;
}

/** A record's bytes as plain fields. */
export function plainFields({ fields }: RecordSpec, bytes: Uint8Array): PlainFields {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return Object.fromEntries(
		fields.map(({ name, type, offset }) => [name, plainValue(view, offset, type)]),
	);
}

function writeField(view: DataView, at: number, type: ScalarName, value: unknown): boolean {
	if (is64Bit(type) && type !== "f64") {
		const isWhole =
			typeof value === "string" ? /^-?\d{1,20}$/.test(value) : Number.isSafeInteger(value);
		if (!isWhole) return false;
		const big = BigInt(value as string | number);
		const fits = type === "u64" ? BigInt.asUintN(64, big) === big : BigInt.asIntN(64, big) === big;
		if (fits) view.setBigUint64(at, BigInt.asUintN(64, big), true);
		return fits;
	}
	if (type === "bool") {
		if (typeof value === "boolean") view.setUint8(at, value ? 1 : 0);
		return typeof value === "boolean";
	}
	if (typeof value !== "number" || !Number.isFinite(value)) return false;
	const range = integerRange(type);
	if (range && (!Number.isInteger(value) || value < range[0] || value > range[1])) return false;
	writeScalar(view, at, type, value);
	return true;
}

/** A record of what somebody outside has answered, or what is wrong with it. */
export function recordOf({ fields, size }: RecordSpec, answer: unknown): Uint8Array | string {
	const bytes = new Uint8Array(size);
	const view = new DataView(bytes.buffer);
	if (typeof answer !== "object" || answer === null) {
		return fields.length === 0 && answer === undefined ? bytes : "it is no object";
	}
	for (const { name, type, offset } of fields) {
		const value = Object.hasOwn(answer, name)
			? (answer as Record<string, unknown>)[name]
			: undefined;
		if (!writeField(view, offset, type, value)) return `its ${name} is no ${type}`;
	}
	return bytes;
}
