import {
	ABI_MAJOR,
	COLUMN_FLAG,
	CTX,
	DESCRIPTOR,
	EFFECT,
	EFFECT_KIND,
	EVENT,
	FIELD,
	INTERPOLATION_CODES,
	MAGIC,
	QUANTISATION_CODES,
	TABLE,
	TABLE_FLAG,
} from "../../../protocol/abi/layout.ts";
import type { ColumnSpec } from "../../../protocol/schema/column.ts";
import type { EffectSpec } from "../../../protocol/schema/define-effects.ts";
import type {
	FieldSpec,
	GameSpec,
	RecordSpec,
	TableSpec,
} from "../../../protocol/schema/define-game.ts";
import { scalarBytes, scalarCode } from "../../../protocol/schema/scalar.ts";
import { type Constant, Constants, Struct, type Word } from "./static-words.ts";

function columnFlags(spec: ColumnSpec): number {
	return (
		(spec.private ? COLUMN_FLAG.private : 0) |
		(spec.owner ? COLUMN_FLAG.owner : 0) |
		(spec.axis === "x" ? COLUMN_FLAG.axisX : 0) |
		(spec.axis === "y" ? COLUMN_FLAG.axisY : 0) |
		(spec.ownerOnly ? COLUMN_FLAG.ownerOnly : 0) |
		(spec.rewound ? COLUMN_FLAG.rewound : 0) |
		(spec.jumps ? COLUMN_FLAG.jumps : 0)
	);
}

function columnWords(constants: Constants, name: string, spec: ColumnSpec, at: string): Word[] {
	const q = spec.quantisation;
	return new Struct(FIELD.size)
		.point(FIELD.name, constants.text(name))
		.point(FIELD.data, { at })
		.put(FIELD.type, "u8", scalarCode(spec.type))
		.put(FIELD.flags, "u8", columnFlags(spec))
		.put(FIELD.interpolation, "u8", INTERPOLATION_CODES.indexOf(spec.interpolation))
		.put(FIELD.quantisation, "u8", QUANTISATION_CODES.indexOf(q.kind))
		.put(FIELD.stride, "u32", scalarBytes(spec.type))
		.put(FIELD.step, "f32", q.kind === "step" ? q.step : 0)
		.put(FIELD.bits, "u32", q.kind === "angle" ? q.bits : 0)
		.put(FIELD.default, spec.type === "bool" ? "u8" : spec.type, spec.default)
		.point(FIELD.was, constants.optionalText(spec.was))
		.put(FIELD.wrapSize, "f32", spec.wrap?.size ?? 0)
		.put(FIELD.wrapFrom, "f32", spec.wrap?.from ?? 0)
		.words();
}

function fieldWords(constants: Constants, field: FieldSpec): Word[] {
	return new Struct(FIELD.size)
		.point(FIELD.name, constants.text(field.name))
		.put(FIELD.data, "u32", field.offset)
		.put(FIELD.type, "u8", scalarCode(field.type))
		.put(FIELD.stride, "u32", scalarBytes(field.type))
		.words();
}

function recordFields(constants: Constants, name: string, record: RecordSpec): Word {
	return constants.struct(
		name,
		record.fields.flatMap((field) => fieldWords(constants, field)),
	);
}

function tableFlags({ predicted, wide }: TableSpec): number {
	return (predicted ? TABLE_FLAG.predicted : 0) | (wide ? TABLE_FLAG.wide : 0);
}

function tableWords(constants: Constants, table: TableSpec): Word[] {
	const columns = constants.struct(
		`${table.name}$columns`,
		table.columns.flatMap((c) => columnWords(constants, c.name, c, `${table.name}_${c.name}`)),
	);
	return new Struct(TABLE.size)
		.point(TABLE.name, constants.text(table.name))
		.put(TABLE.capacity, "u32", table.capacity)
		.point(TABLE.gen, { at: `${table.name}_gen` })
		.point(TABLE.used, { at: `${table.name}$state` })
		.point(TABLE.columns, columns)
		.put(TABLE.columnCount, "u16", table.columns.length)
		.put(TABLE.columnStride, "u16", FIELD.size)
		.put(TABLE.flags, "u32", tableFlags(table))
		.words();
}

function eventWords(constants: Constants, event: { name: string } & RecordSpec): Word[] {
	return new Struct(EVENT.size)
		.point(EVENT.name, constants.text(event.name))
		.point(EVENT.fields, recordFields(constants, `event$${event.name}`, event))
		.put(EVENT.fieldCount, "u16", event.fields.length)
		.put(EVENT.fieldStride, "u16", FIELD.size)
		.put(EVENT.recordSize, "u32", event.size)
		.words();
}

function effectWords(constants: Constants, effect: EffectSpec): Word[] {
	const { name, answer } = effect;
	const { result, request } = EFFECT_KIND;
	return new Struct(EFFECT.size)
		.point(EFFECT.name, constants.text(name))
		.point(EFFECT.fields, recordFields(constants, `effect$${name}`, effect))
		.put(EFFECT.fieldCount, "u16", effect.fields.length)
		.put(EFFECT.fieldStride, "u16", FIELD.size)
		.put(EFFECT.recordSize, "u32", effect.size)
		.put(EFFECT.kind, "u8", answer ? request : result)
		.point(EFFECT.answerFields, answer ? recordFields(constants, `answer$${name}`, answer) : 0)
		.put(EFFECT.answerFieldCount, "u16", answer?.fields.length ?? 0)
		.put(EFFECT.answerFieldStride, "u16", answer ? FIELD.size : 0)
		.put(EFFECT.answerSize, "u32", answer?.size ?? 0)
		.words();
}

/** The least minor version that has all that the game uses, so that older hosts take it too. */
function minorOf({ tables, effects }: GameSpec): number {
	if (effects.length > 0) return 3;
	return tables.some(({ columns }) => columns.some((c) => c.jumps || c.wrap !== null)) ? 2 : 1;
}

/** The constants that describe a game; the last one, `descriptor$`, is what `hs_describe` points to. */
export function describeGame(spec: GameSpec, inboxBytes: number, outboxBytes: number): Constant[] {
	const constants = new Constants();
	const tables = constants.struct(
		"tables$",
		spec.tables.flatMap((table) => tableWords(constants, table)),
	);
	const inputFields = recordFields(constants, "input$fields", spec.input);
	const events = constants.struct(
		"events$",
		spec.events.flatMap((event) => eventWords(constants, event)),
	);
	const effects = constants.struct(
		"effects$",
		spec.effects.flatMap((effect) => effectWords(constants, effect)),
	);
	const descriptor = new Struct(DESCRIPTOR.size)
		.put(DESCRIPTOR.magic, "u32", MAGIC)
		.put(DESCRIPTOR.major, "u16", ABI_MAJOR)
		.put(DESCRIPTOR.minor, "u16", minorOf(spec))
		.put(DESCRIPTOR.headerSize, "u32", DESCRIPTOR.size)
		.put(DESCRIPTOR.version, "u32", spec.version)
		.point(DESCRIPTOR.name, constants.text(spec.name))
		.point(DESCRIPTOR.ctx, { at: "CTX" })
		.put(DESCRIPTOR.ctxSize, "u32", CTX.size)
		.point(DESCRIPTOR.inbox, { at: "INBOX" })
		.put(DESCRIPTOR.inboxCapacity, "u32", inboxBytes)
		.point(DESCRIPTOR.outbox, { at: "OUTBOX" })
		.put(DESCRIPTOR.outboxCapacity, "u32", outboxBytes)
		.point(DESCRIPTOR.tables, tables)
		.put(DESCRIPTOR.tableCount, "u16", spec.tables.length)
		.put(DESCRIPTOR.tableStride, "u16", TABLE.size)
		.point(DESCRIPTOR.inputFields, inputFields)
		.put(DESCRIPTOR.inputFieldCount, "u16", spec.input.fields.length)
		.put(DESCRIPTOR.inputFieldStride, "u16", FIELD.size)
		.put(DESCRIPTOR.inputSize, "u32", spec.input.size)
		.point(DESCRIPTOR.events, events)
		.put(DESCRIPTOR.eventCount, "u16", spec.events.length)
		.put(DESCRIPTOR.eventStride, "u16", EVENT.size)
		.put(DESCRIPTOR.tickRate, "u16", spec.tickRate)
		.put(DESCRIPTOR.snapshotRate, "u16", spec.snapshotRate)
		.put(DESCRIPTOR.maxPlayers, "u16", spec.maxPlayers)
		.put(DESCRIPTOR.rewindMs, "u16", spec.rewindMs)
		.put(DESCRIPTOR.interestRadius, "f32", spec.interest?.radius ?? 0)
		.put(DESCRIPTOR.interestCell, "f32", spec.interest?.cell ?? 0)
		.point(DESCRIPTOR.effects, effects)
		.put(DESCRIPTOR.effectCount, "u16", spec.effects.length)
		.put(DESCRIPTOR.effectStride, "u16", spec.effects.length > 0 ? EFFECT.size : 0);
	constants.struct("descriptor$", descriptor.words());
	return constants.list;
}
