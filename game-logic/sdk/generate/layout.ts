import {
	ABI_MAJOR,
	COLUMN_FLAG,
	CTX,
	DESCRIPTOR,
	EVENT,
	FIELD,
	INTERPOLATION_CODES,
	inputRecordBytes,
	MAGIC,
	NEAR_BYTES,
	pad4,
	QUANTISATION_CODES,
	RECORD,
	TABLE,
	TABLE_FLAG,
	VIEW_AGE_PER_TICK,
} from "../../../protocol/abi/layout.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { ColumnSpec } from "../../../protocol/schema/column.ts";
import type {
	FieldSpec,
	GameSpec,
	RecordSpec,
	TableSpec,
} from "../../../protocol/schema/define-game.ts";
import { type ScalarName, scalarBytes, scalarCode } from "../../../protocol/schema/scalar.ts";
import { jumpMember } from "./jumps.ts";
import { pastData, pastMembers, rememberFunction, rewindSlots } from "./rewind.ts";
import { StaticData, Struct, type Words } from "./static-data.ts";

const OUTBOX_BYTES = 16_384;

function columnWords(data: StaticData, name: string, spec: ColumnSpec, address: string): Words {
	const q = spec.quantisation;
	const flags =
		(spec.private ? COLUMN_FLAG.private : 0) |
		(spec.owner ? COLUMN_FLAG.owner : 0) |
		(spec.axis === "x" ? COLUMN_FLAG.axisX : 0) |
		(spec.axis === "y" ? COLUMN_FLAG.axisY : 0) |
		(spec.ownerOnly ? COLUMN_FLAG.ownerOnly : 0) |
		(spec.rewound ? COLUMN_FLAG.rewound : 0) |
		(spec.jumps ? COLUMN_FLAG.jumps : 0);
	return new Struct(FIELD.size)
		.point(FIELD.name, data.text(name))
		.point(FIELD.data, `<u32>${address}`)
		.put(FIELD.type, "u8", scalarCode(spec.type))
		.put(FIELD.flags, "u8", flags)
		.put(FIELD.interpolation, "u8", INTERPOLATION_CODES.indexOf(spec.interpolation))
		.put(FIELD.quantisation, "u8", QUANTISATION_CODES.indexOf(q.kind))
		.put(FIELD.stride, "u32", scalarBytes(spec.type))
		.put(FIELD.step, "f32", q.kind === "step" ? q.step : 0)
		.put(FIELD.bits, "u32", q.kind === "angle" ? q.bits : 0)
		.put(FIELD.default, spec.type === "bool" ? "u8" : spec.type, spec.default)
		.point(FIELD.was, data.optionalText(spec.was))
		.put(FIELD.wrapSize, "f32", spec.wrap?.size ?? 0)
		.put(FIELD.wrapFrom, "f32", spec.wrap?.from ?? 0)
		.words();
}

function fieldWords(data: StaticData, field: FieldSpec): Words {
	return new Struct(FIELD.size)
		.point(FIELD.name, data.text(field.name))
		.put(FIELD.data, "u32", field.offset)
		.put(FIELD.type, "u8", scalarCode(field.type))
		.put(FIELD.stride, "u32", scalarBytes(field.type))
		.words();
}

function recordFields(data: StaticData, name: string, record: RecordSpec): string {
	return data.struct(
		name,
		record.fields.flatMap((field) => fieldWords(data, field)),
	);
}

function tableFlags({ predicted, wide }: TableSpec): number {
	return (predicted ? TABLE_FLAG.predicted : 0) | (wide ? TABLE_FLAG.wide : 0);
}

function columnMember(table: string, name: string, type: ScalarName): string {
	return `\t@lazy static readonly ${name}: Column<${type}> = changetype<Column<${type}>>(${table}_${name});`;
}

function tableClass(table: TableSpec, slots: number): string {
	const { name, capacity, columns } = table;
	const defaults = columns.map((c) => {
		const value = c.type === "bool" ? String(c.default !== 0) : `<${c.type}>${c.default}`;
		return `\t\t\tstore<${c.type}>(${name}_${c.name} + <usize>row * ${scalarBytes(c.type)}, ${value});`;
	});
	return `export class ${name} {
\t@lazy static readonly capacity: i32 = ${capacity};
\t@lazy static readonly gen: Column<u16> = changetype<Column<u16>>(${name}_gen);
${columns.map((c) => columnMember(name, c.name, c.type)).join("\n")}

\t/** Rows at or above this one are free. */
\t@inline static get used(): i32 {
\t\treturn load<i32>(${name}$state);
\t}

\t@inline static alive(row: i32): bool {
\t\treturn load<u16>(${name}_gen + (<usize>row << 1)) != 0;
\t}

\t/** The lowest free row with every column at its default, or -1 when the table is full. */
\tstatic spawn(): i32 {
\t\tconst row = spawnRow(${name}_gen, ${name}$state, ${capacity});
\t\tif (row >= 0) {
${defaults.join("\n")}
\t\t}
\t\treturn row;
\t}

\t@inline static free(row: i32): void {
\t\tfreeRow(${name}_gen, ${name}$state, row);
\t}

${jumpMember(table)}
${pastMembers(table, slots)}}`;
}

function tableData({ name, capacity, columns }: TableSpec): string[] {
	return [
		// a "$" keeps these names apart from those of columns
		`const ${name}$state = memory.data(8, 4);`,
		`const ${name}_gen = memory.data(${capacity * 2}, 16);`,
		...columns.map(
			(c) => `const ${name}_${c.name} = memory.data(${capacity * scalarBytes(c.type)}, 16);`,
		),
	];
}

function eventFunctions(event: { name: string } & RecordSpec, id: number): string {
	const parameters = event.fields.map((f) => `${f.name}: ${f.type}`);
	// a "$" where a field of the event has that name already
	const free = (name: string): string =>
		event.fields.some((f) => f.name === name) ? `${name}$` : name;
	const [at, player, x, y, radius] = ["at", "player", "centreX", "centreY", "radius"].map(free);
	const stores = (shift: number) =>
		event.fields
			.map((f) => `\t\tstore<${f.type}>(${at}, ${f.name}, ${f.offset + shift});`)
			.join("\n");
	const one = (suffix: string, extra: string[], target: string, to: string, shift: number) =>
		`\tstatic ${event.name}${suffix}(${[...extra, ...parameters].join(", ")}): void {
\t\tconst ${at} = appendEvent(${target}, ${event.size + shift}, ${to}, ${id});
\t\tif (${at} == 0) return;
${shift > 0 ? `\t\tstore<f32>(${at}, ${x});\n\t\tstore<f32>(${at}, ${y}, 4);\n\t\tstore<f32>(${at}, ${radius}, 8);\n` : ""}${stores(shift)}
\t}`;
	return [
		one("", [], "TO_ALL", "0", 0),
		one("To", [`${player}: i32`], "TO_PLAYER", `<u16>${player}`, 0),
		one("Near", [`${x}: f32`, `${y}: f32`, `${radius}: f32`], "TO_NEAR", "0", NEAR_BYTES),
	].join("\n\n");
}

function inboxBytes(spec: GameSpec): number {
	const join = RECORD.size + pad4(LIMITS.joinNameBytes);
	return spec.maxPlayers * (inputRecordBytes(spec.input.size) + join + RECORD.size) + 8 * join;
}

function inputClass(spec: GameSpec): string {
	const members = spec.input.fields.map((f) => columnMember("input", f.name, f.type));
	members.push(
		"\t/** Ticks before this one that the moment lies which the player saw; 0 if unknown. */",
		columnMember("input", "viewAge", "f32"),
	);
	const copies = spec.input.fields.map(
		(f) =>
			`\tstore<${f.type}>(input_${f.name} + <usize>player * ${scalarBytes(f.type)}, load<${f.type}>(at, ${f.offset}));`,
	);
	const clears = spec.input.fields.map(
		(f) =>
			`\tstore<${f.type}>(input_${f.name} + <usize>player * ${scalarBytes(f.type)}, ${f.type === "bool" ? "false" : "0"});`,
	);
	return `/** The input of each player in this tick: \`input.name[player]\`. */
export class input {
${members.join("\n")}
}

/** Copies an input record, its payload at \`at\`, to the player's columns. */
export function applyInput(player: i32, at: usize): void {
${copies.join("\n")}
	store<f32>(input_viewAge + (<usize>player << 2), <f32>load<u16>(at - 2) * <f32>${1 / VIEW_AGE_PER_TICK});
}

export function clearInput(player: i32): void {
${clears.join("\n")}
	store<f32>(input_viewAge + (<usize>player << 2), 0);
}`;
}

/** The least minor version that has all that the game uses, so that older hosts take it too. */
function minorOf({ tables }: GameSpec): number {
	return tables.some(({ columns }) => columns.some((c) => c.jumps || c.wrap !== null)) ? 2 : 1;
}

/** Writes the AssemblyScript module that lays out a game's state in static memory and describes it. */
export function generateLayout(spec: GameSpec): string {
	const data = new StaticData();
	const slots = rewindSlots(spec);
	const tableWords = spec.tables.flatMap((table) => {
		const columns = data.struct(
			`${table.name}$columns`,
			table.columns.flatMap((c) => columnWords(data, c.name, c, `${table.name}_${c.name}`)),
		);
		return new Struct(TABLE.size)
			.point(TABLE.name, data.text(table.name))
			.put(TABLE.capacity, "u32", table.capacity)
			.point(TABLE.gen, `<u32>${table.name}_gen`)
			.point(TABLE.used, `<u32>${table.name}$state`)
			.point(TABLE.columns, columns)
			.put(TABLE.columnCount, "u16", table.columns.length)
			.put(TABLE.columnStride, "u16", FIELD.size)
			.put(TABLE.flags, "u32", tableFlags(table))
			.words();
	});
	const tables = data.struct("tables$", tableWords);
	const inputFields = recordFields(data, "input$fields", spec.input);
	const eventWords = spec.events.flatMap((event) =>
		new Struct(EVENT.size)
			.point(EVENT.name, data.text(event.name))
			.point(EVENT.fields, recordFields(data, `event$${event.name}`, event))
			.put(EVENT.fieldCount, "u16", event.fields.length)
			.put(EVENT.fieldStride, "u16", FIELD.size)
			.put(EVENT.recordSize, "u32", event.size)
			.words(),
	);
	const events = data.struct("events$", eventWords);
	const pointer = (text: string) => (text === "0" ? 0 : text);
	const inbox = inboxBytes(spec);
	const descriptor = new Struct(DESCRIPTOR.size)
		.put(DESCRIPTOR.magic, "u32", MAGIC)
		.put(DESCRIPTOR.major, "u16", ABI_MAJOR)
		.put(DESCRIPTOR.minor, "u16", minorOf(spec))
		.put(DESCRIPTOR.headerSize, "u32", DESCRIPTOR.size)
		.put(DESCRIPTOR.version, "u32", spec.version)
		.point(DESCRIPTOR.name, data.text(spec.name))
		.point(DESCRIPTOR.ctx, "<u32>CTX")
		.put(DESCRIPTOR.ctxSize, "u32", CTX.size)
		.point(DESCRIPTOR.inbox, "<u32>INBOX")
		.put(DESCRIPTOR.inboxCapacity, "u32", inbox)
		.point(DESCRIPTOR.outbox, "<u32>OUTBOX")
		.put(DESCRIPTOR.outboxCapacity, "u32", OUTBOX_BYTES)
		.point(DESCRIPTOR.tables, tables)
		.put(DESCRIPTOR.tableCount, "u16", spec.tables.length)
		.put(DESCRIPTOR.tableStride, "u16", TABLE.size)
		.point(DESCRIPTOR.inputFields, pointer(inputFields))
		.put(DESCRIPTOR.inputFieldCount, "u16", spec.input.fields.length)
		.put(DESCRIPTOR.inputFieldStride, "u16", FIELD.size)
		.put(DESCRIPTOR.inputSize, "u32", spec.input.size)
		.point(DESCRIPTOR.events, pointer(events))
		.put(DESCRIPTOR.eventCount, "u16", spec.events.length)
		.put(DESCRIPTOR.eventStride, "u16", EVENT.size)
		.put(DESCRIPTOR.tickRate, "u16", spec.tickRate)
		.put(DESCRIPTOR.snapshotRate, "u16", spec.snapshotRate)
		.put(DESCRIPTOR.maxPlayers, "u16", spec.maxPlayers)
		.put(DESCRIPTOR.rewindMs, "u16", spec.rewindMs)
		.put(DESCRIPTOR.interestRadius, "f32", spec.interest?.radius ?? 0)
		.put(DESCRIPTOR.interestCell, "f32", spec.interest?.cell ?? 0);
	data.struct("descriptor$", descriptor.words());

	return `// Generated by \`hotstep build\` from schema.ts: change that file, not this one.
import { Column } from "hotstep/assembly";
import { CTX, ctx } from "hotstep/assembly/context";
import { appendEvent, TO_ALL, TO_NEAR, TO_PLAYER } from "hotstep/assembly/outbox";
import { angleAt, lineAt, openSlot, stepAt, wrapAt } from "hotstep/assembly/rewind";
import { freeRow, spawnRow } from "hotstep/assembly/table";

export const MAX_PLAYERS: i32 = ${spec.maxPlayers};
@lazy export const INBOX: usize = memory.data(${inbox}, 16);
@lazy export const OUTBOX: usize = memory.data(${OUTBOX_BYTES}, 16);
@lazy export const OUTBOX_BYTES: u32 = ${OUTBOX_BYTES};

${spec.input.fields.map((f) => `const input_${f.name} = memory.data(${spec.maxPlayers * scalarBytes(f.type)}, 16);`).join("\n")}
const input_viewAge = memory.data(${spec.maxPlayers * 4}, 16);
${spec.tables.flatMap((table) => [...tableData(table), ...pastData(table, slots)]).join("\n")}

${spec.tables.map((table) => tableClass(table, slots)).join("\n\n")}

${inputClass(spec)}

/** Sends an event: to all, to one player (\`…To\`), or to those near a point (\`…Near\`). */
export class emit {
${spec.events.map(eventFunctions).join("\n\n")}
}

/** Forgets where free rows were last found: the host has put other rows here. */
export function forgetFreeRows(): void {
${spec.tables.map(({ name }) => `\tstore<u32>(${name}$state, 0, 4);`).join("\n")}
}

${rememberFunction(spec.tables, slots)}

${data.lines.join("\n")}

export function describe(): usize {
	return descriptor$;
}
`;
}
