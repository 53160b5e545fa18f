import { LIMITS } from "../limits.ts";
import type { EffectSpec } from "../schema/define-effects.ts";
import type { FieldSpec, RecordSpec } from "../schema/define-game.ts";
import { scalarBytes } from "../schema/scalar.ts";
import { checkUnique } from "./check-names.ts";
import { type DescriptorReader, refuse } from "./descriptor-reader.ts";
import { EFFECT, EFFECT_KIND, EVENT, FIELD } from "./layout.ts";

export interface DescribedEvent extends RecordSpec {
	readonly name: string;
}

/** Reads the fields of an input or an event of `size` bytes. */
export function readRecord(
	r: DescriptorReader,
	at: number,
	n: number,
	stride: number,
	size: number,
	what: string,
): RecordSpec {
	const fields: FieldSpec[] = [];
	let end = 0;
	for (const p of r.structs(at, n, stride, FIELD.size, LIMITS.fields, `${what} fields`)) {
		const name = r.name(r.u32(p + FIELD.name), `a field of ${what}`);
		const type = r.scalar(p + FIELD.type, `${what}.${name}`);
		const offset = r.u32(p + FIELD.data);
		const bytes = scalarBytes(type);
		if (offset % bytes !== 0 || offset < end || offset + bytes > size) {
			refuse("ERR_DESCRIPTOR_POINTER", `${what}.${name} lies at ${offset} of ${size} bytes`);
		}
		end = offset + bytes;
		fields.push({ name, type, offset });
	}
	checkUnique(fields, `${what} field`);
	return { fields, size };
}

/** Reads one event struct at `p`. */
export function readEvent(r: DescriptorReader, p: number, what = "event"): DescribedEvent {
	const name = r.name(r.u32(p + EVENT.name), `an ${what}`);
	const size = r.u32(p + EVENT.recordSize);
	checkSize(size, `${what} ${name}`);
	const [fields, n, stride] = [
		r.u32(p + EVENT.fields),
		r.u16(p + EVENT.fieldCount),
		r.u16(p + EVENT.fieldStride),
	];
	return { name, ...readRecord(r, fields, n, stride, size, `${what} ${name}`) };
}

function checkSize(size: number, what: string): void {
	if (size > LIMITS.fields * 8) refuse("ERR_DESCRIPTOR_CAPACITY", `${what}: ${size} bytes`);
}

/** Reads one effect struct at `p`. */
export function readEffect(r: DescriptorReader, p: number): EffectSpec {
	const record = readEvent(r, p, "effect");
	const kind = r.u8(p + EFFECT.kind);
	if (kind === EFFECT_KIND.result) return { ...record, answer: null };
	const what = `the answer to ${record.name}`;
	if (kind !== EFFECT_KIND.request) refuse("ERR_DESCRIPTOR_TYPE", `effect ${record.name}: ${kind}`);
	const size = r.u32(p + EFFECT.answerSize);
	checkSize(size, what);
	const [fields, n, stride] = [
		r.u32(p + EFFECT.answerFields),
		r.u16(p + EFFECT.answerFieldCount),
		r.u16(p + EFFECT.answerFieldStride),
	];
	return { ...record, answer: readRecord(r, fields, n, stride, size, what) };
}
