import type { Value } from "./msgpack.ts";

export interface Field {
	name: string;
	type: string;
	offset: number;
}

export interface RecordShape {
	bytes: number;
	fields: Field[];
}

export interface ColumnShape {
	name: string;
	type: string;
	quantisation: "exact" | "step" | "angle";
	parameter: number;
	/** Guessed to keep moving as it did. */
	isGuessed: boolean;
	isOwner: boolean;
	/** Where two of its values differ, the row was never in between. */
	countsJumps?: boolean;
	circle?: { size: number; from: number } | null;
}

export interface TableShape {
	name: string;
	capacity: number;
	columns: ColumnShape[];
	isSpatial: boolean;
	isPredicted: boolean;
	/** What only a row's owner gets. */
	own: { name: string; type: string }[];
}

export interface Schema {
	game: string;
	version: number;
	maxPlayers: number;
	input: RecordShape;
	tables: TableShape[];
	events: (RecordShape & { name: string })[];
}

const TYPES = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "bool"];
const BYTES = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];
const QUANTISATIONS = ["exact", "step", "angle"] as const;

export function array(value: Value | undefined): Value[] {
	if (!Array.isArray(value)) throw new Error(`expected an array, not ${String(value)}`);
	return value;
}

export function text(value: Value | undefined): string {
	if (typeof value !== "string") throw new Error(`expected text, not ${String(value)}`);
	return value;
}

export function number(value: Value | undefined): number {
	if (typeof value !== "number") throw new Error(`expected a number, not ${String(value)}`);
	return value;
}

function record(bytes: Value | undefined, fields: Value | undefined): RecordShape {
	return {
		bytes: number(bytes),
		fields: array(fields).map((field) => {
			const [name, type, offset] = array(field);
			return { name: text(name), type: TYPES[number(type)] ?? "?", offset: number(offset) };
		}),
	};
}

function column(packed: Value): ColumnShape {
	const [name, type, kind, parameter, interpolation, flags, size, from] = array(packed);
	const quantisation = QUANTISATIONS[number(kind)];
	if (quantisation === undefined) throw new Error(`quantisation ${kind}`);
	return {
		name: text(name),
		type: TYPES[number(type)] ?? "?",
		quantisation,
		parameter: number(parameter),
		isGuessed: quantisation !== "exact" && number(interpolation) !== 0,
		isOwner: (number(flags) & 1) !== 0,
		countsJumps: (number(flags) & 2) !== 0,
		circle: size === undefined ? null : { size: number(size), from: number(from) },
	};
}

/** PROTOCOL.md §3. */
export function readSchema(packed: Value | undefined): Schema {
	const [game, version, maxPlayers, input, tables, events] = array(packed);
	const [bytes, fields] = array(input);
	return {
		game: text(game),
		version: number(version),
		maxPlayers: number(maxPlayers),
		input: record(bytes, fields),
		tables: array(tables).map((table) => {
			const [name, capacity, columns, flags, own] = array(table);
			if (number(flags) > 3) throw new Error(`table flags ${flags}`);
			return {
				name: text(name),
				capacity: number(capacity),
				columns: array(columns).map(column),
				isSpatial: (number(flags) & 1) !== 0,
				isPredicted: (number(flags) & 2) !== 0,
				own: array(own).map((packed) => {
					const [ownName, type] = array(packed);
					return { name: text(ownName), type: TYPES[number(type)] ?? "?" };
				}),
			};
		}),
		events: array(events).map((event) => {
			const [name, size, eventFields] = array(event);
			return { name: text(name), ...record(size, eventFields) };
		}),
	};
}

/** Bytes of a value. */
export function sizeOf(type: string): number {
	const size = BYTES[TYPES.indexOf(type)];
	if (size === undefined) throw new Error(`type ${type}`);
	return size;
}

/** One field of a record, PROTOCOL.md §3. */
export function readField(bytes: Uint8Array, at: number, { type, offset }: Field): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset + at + offset);
	const readers: Record<string, () => number> = {
		u8: () => view.getUint8(0),
		bool: () => view.getUint8(0),
		i8: () => view.getInt8(0),
		u16: () => view.getUint16(0, true),
		i16: () => view.getInt16(0, true),
		u32: () => view.getUint32(0, true),
		i32: () => view.getInt32(0, true),
		u64: () => Number(view.getBigUint64(0, true)),
		i64: () => Number(view.getBigInt64(0, true)),
		f32: () => view.getFloat32(0, true),
		f64: () => view.getFloat64(0, true),
	};
	const read = readers[type];
	if (!read) throw new Error(`field type ${type}`);
	return read();
}
