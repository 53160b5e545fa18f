import {
	ABI_MAJOR,
	ABI_MINOR,
	COLUMN_FLAG,
	CTX,
	DESCRIPTOR,
	EFFECT,
	EFFECT_KIND,
	EVENT,
	FIELD,
	INTERPOLATION_CODES,
	MAGIC,
	MIN_OUTBOX_BYTES,
	minInboxBytes,
	QUANTISATION_CODES,
	TABLE,
} from "../../protocol/abi/layout.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { ColumnSpec } from "../../protocol/schema/column.ts";
import type { EffectSpec } from "../../protocol/schema/define-effects.ts";
import type { FieldSpec, RecordSpec } from "../../protocol/schema/define-game.ts";
import { scalarBytes, scalarCode, writeScalar } from "../../protocol/schema/scalar.ts";

export interface ImageTable {
	name: string;
	was: string | null;
	capacity: number;
	columns: ({ name: string } & ColumnSpec)[];
}

/** What a module would say about itself, without a module. */
export interface ImageSpec {
	name: string;
	version: number;
	tickRate: number;
	snapshotRate: number;
	maxPlayers: number;
	input: RecordSpec;
	tables: ImageTable[];
	events: ({ name: string } & RecordSpec)[];
	effects?: EffectSpec[];
	/** The least allowed unless given. */
	inboxBytes?: number;
	outboxBytes?: number;
}

const PAGE = 65_536;

/** Lays static data out in a memory, the way a compiler would. */
class Memory {
	view = new DataView(new ArrayBuffer(PAGE));
	private end = 64;

	take(bytes: number, align = 8): number {
		const at = Math.ceil(this.end / align) * align;
		this.end = at + bytes;
		if (this.end > this.view.byteLength) {
			const grown = new Uint8Array(Math.ceil(this.end / PAGE) * PAGE);
			grown.set(new Uint8Array(this.view.buffer));
			this.view = new DataView(grown.buffer);
		}
		return at;
	}

	text(text: string | null): number {
		if (text === null) return 0;
		const bytes = new TextEncoder().encode(text);
		const at = this.take(bytes.length + 1, 1);
		new Uint8Array(this.view.buffer).set(bytes, at);
		return at;
	}

	u8(at: number, value: number): void {
		this.view.setUint8(at, value);
	}

	u16(at: number, value: number): void {
		this.view.setUint16(at, value, true);
	}

	u32(at: number, value: number): void {
		this.view.setUint32(at, value, true);
	}
}

function putColumn(
	memory: Memory,
	at: number,
	column: { name: string } & ColumnSpec,
	rows: number,
) {
	const { type, quantisation: q } = column;
	memory.u32(at + FIELD.name, memory.text(column.name));
	memory.u32(at + FIELD.data, memory.take(rows * scalarBytes(type), scalarBytes(type)));
	memory.u8(at + FIELD.type, scalarCode(type));
	memory.u8(
		at + FIELD.flags,
		(column.private ? COLUMN_FLAG.private : 0) |
			(column.owner ? COLUMN_FLAG.owner : 0) |
			(column.axis === "x" ? COLUMN_FLAG.axisX : 0) |
			(column.axis === "y" ? COLUMN_FLAG.axisY : 0) |
			(column.jumps ? COLUMN_FLAG.jumps : 0),
	);
	memory.u8(at + FIELD.interpolation, INTERPOLATION_CODES.indexOf(column.interpolation));
	memory.u8(at + FIELD.quantisation, QUANTISATION_CODES.indexOf(q.kind));
	memory.u32(at + FIELD.stride, scalarBytes(type));
	memory.view.setFloat32(at + FIELD.step, q.kind === "step" ? q.step : 0, true);
	memory.u32(at + FIELD.bits, q.kind === "angle" ? q.bits : 0);
	writeScalar(memory.view, at + FIELD.default, type, column.default);
	memory.u32(at + FIELD.was, memory.text(column.was));
	memory.view.setFloat32(at + FIELD.wrapSize, column.wrap?.size ?? 0, true);
	memory.view.setFloat32(at + FIELD.wrapFrom, column.wrap?.from ?? 0, true);
}

function putFields(memory: Memory, fields: readonly FieldSpec[]): number {
	const first = memory.take(fields.length * FIELD.size);
	fields.forEach(({ name, type, offset }, i) => {
		const at = first + i * FIELD.size;
		memory.u32(at + FIELD.name, memory.text(name));
		memory.u32(at + FIELD.data, offset);
		memory.u8(at + FIELD.type, scalarCode(type));
		memory.u32(at + FIELD.stride, scalarBytes(type));
	});
	return first;
}

function putTable(memory: Memory, at: number, table: ImageTable): void {
	memory.u32(at + TABLE.name, memory.text(table.name));
	memory.u32(at + TABLE.was, memory.text(table.was));
	memory.u32(at + TABLE.capacity, table.capacity);
	memory.u32(at + TABLE.gen, memory.take(table.capacity * 2, 2));
	memory.u32(at + TABLE.used, memory.take(4, 4));
	const columns = memory.take(table.columns.length * FIELD.size);
	memory.u32(at + TABLE.columns, columns);
	memory.u16(at + TABLE.columnCount, table.columns.length);
	memory.u16(at + TABLE.columnStride, FIELD.size);
	table.columns.forEach((column, i) => {
		putColumn(memory, columns + i * FIELD.size, column, table.capacity);
	});
}

/** A memory with a valid descriptor for `spec`, and the descriptor's address. */
export function moduleImage(spec: ImageSpec): {
	bytes: Uint8Array<ArrayBuffer>;
	descriptor: number;
} {
	const memory = new Memory();
	const at = memory.take(DESCRIPTOR.size);
	const { maxPlayers, input } = spec;
	const inbox = spec.inboxBytes ?? minInboxBytes(maxPlayers, input.size, LIMITS.joinNameBytes);
	const outbox = spec.outboxBytes ?? MIN_OUTBOX_BYTES;
	const u16 = (field: keyof typeof DESCRIPTOR, value: number) =>
		memory.u16(at + DESCRIPTOR[field], value);
	const u32 = (field: keyof typeof DESCRIPTOR, value: number) =>
		memory.u32(at + DESCRIPTOR[field], value);
	u32("magic", MAGIC);
	u16("major", ABI_MAJOR);
	u16("minor", ABI_MINOR);
	u32("headerSize", DESCRIPTOR.size);
	u32("version", spec.version);
	u32("name", memory.text(spec.name));
	u32("ctx", memory.take(CTX.size));
	u32("ctxSize", CTX.size);
	u32("inbox", memory.take(inbox));
	u32("inboxCapacity", inbox);
	u32("outbox", memory.take(outbox));
	u32("outboxCapacity", outbox);
	const tables = memory.take(spec.tables.length * TABLE.size);
	u32("tables", tables);
	u16("tableCount", spec.tables.length);
	u16("tableStride", TABLE.size);
	spec.tables.forEach((table, i) => {
		putTable(memory, tables + i * TABLE.size, table);
	});
	u32("inputFields", putFields(memory, input.fields));
	u16("inputFieldCount", input.fields.length);
	u16("inputFieldStride", FIELD.size);
	u32("inputSize", input.size);
	const events = memory.take(spec.events.length * EVENT.size);
	u32("events", events);
	u16("eventCount", spec.events.length);
	u16("eventStride", EVENT.size);
	spec.events.forEach(({ name, fields, size }, i) => {
		const p = events + i * EVENT.size;
		memory.u32(p + EVENT.name, memory.text(name));
		memory.u32(p + EVENT.fields, putFields(memory, fields));
		memory.u16(p + EVENT.fieldCount, fields.length);
		memory.u16(p + EVENT.fieldStride, FIELD.size);
		memory.u32(p + EVENT.recordSize, size);
	});
	putEffects(memory, at, spec.effects ?? []);
	u16("tickRate", spec.tickRate);
	u16("snapshotRate", spec.snapshotRate);
	u16("maxPlayers", maxPlayers);
	return { bytes: new Uint8Array(memory.view.buffer as ArrayBuffer), descriptor: at };
}

function putEffects(memory: Memory, descriptor: number, effects: readonly EffectSpec[]): void {
	const first = memory.take(effects.length * EFFECT.size);
	memory.u32(descriptor + DESCRIPTOR.effects, first);
	memory.u16(descriptor + DESCRIPTOR.effectCount, effects.length);
	memory.u16(descriptor + DESCRIPTOR.effectStride, EFFECT.size);
	effects.forEach(({ name, fields, size, answer }, i) => {
		const p = first + i * EFFECT.size;
		memory.u32(p + EFFECT.name, memory.text(name));
		memory.u32(p + EFFECT.fields, putFields(memory, fields));
		memory.u16(p + EFFECT.fieldCount, fields.length);
		memory.u16(p + EFFECT.fieldStride, FIELD.size);
		memory.u32(p + EFFECT.recordSize, size);
		memory.u8(p + EFFECT.kind, answer ? EFFECT_KIND.request : EFFECT_KIND.result);
		if (!answer) return;
		memory.u32(p + EFFECT.answerFields, putFields(memory, answer.fields));
		memory.u16(p + EFFECT.answerFieldCount, answer.fields.length);
		memory.u16(p + EFFECT.answerFieldStride, FIELD.size);
		memory.u32(p + EFFECT.answerSize, answer.size);
	});
}

/** A module that describes itself as `spec` says; its functions are given as WebAssembly text. */
export function imageModule(
	spec: ImageSpec,
	{ tick = "", init = "", more = "" }: { tick?: string; init?: string; more?: string } = {},
): string {
	const { bytes, descriptor } = moduleImage(spec);
	const last = bytes.findLastIndex((byte) => byte !== 0);
	const escaped = [...bytes.subarray(0, last + 1)]
		.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`)
		.join("");
	const pages = bytes.length / PAGE;
	return `(module
		(memory (export "memory") ${pages} ${pages + 4})
		(data (i32.const 0) "${escaped}")
		${more}
		(func (export "hs_describe") (result i32) (i32.const ${descriptor}))
		(func (export "hs_init") (result i32) ${init} (i32.const 0))
		(func (export "hs_tick") (result i32) ${tick} (i32.const 0)))`;
}
