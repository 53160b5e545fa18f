import type { DescribedTable } from "./abi/describe-table.ts";
import type { Descriptor } from "./abi/descriptor.ts";
import { INTERPOLATION_CODES, QUANTISATION_CODES } from "./abi/layout.ts";
import { LIMITS } from "./limits.ts";
import type { Circle, Interpolation, Quantisation } from "./schema/column.ts";
import type { RecordSpec } from "./schema/define-game.ts";
import { SCALAR_NAMES, type ScalarName, scalarBytes } from "./schema/scalar.ts";

/** A column as clients know it: private ones are not among them. */
export interface WireColumn {
	readonly name: string;
	readonly type: ScalarName;
	readonly quantisation: Quantisation;
	readonly interpolation: Interpolation;
	readonly owner: boolean;
	/** Its values lie on a circle. */
	readonly wrap?: Circle | null;
	/** Counts how often the row has jumped: where two counts differ, the row was never in between. */
	readonly jumps?: boolean;
}

export interface WireTable {
	readonly name: string;
	readonly capacity: number;
	readonly columns: readonly WireColumn[];
	/** Its rows are sent by cells; rows of other tables are all in cell 0. */
	readonly spatial: boolean;
	/** Clients run the rules ahead for the rows that their player owns. */
	readonly predicted: boolean;
	/** What only a row's owner receives, exactly: every column of a predicted table. */
	readonly own: readonly OwnColumn[];
}

interface OwnColumn {
	readonly name: string;
	readonly type: ScalarName;
}

/** What a client must know about a game to read snapshots and write inputs. */
export interface WireSchema {
	readonly game: string;
	readonly version: number;
	readonly maxPlayers: number;
	readonly input: RecordSpec;
	readonly tables: readonly WireTable[];
	readonly events: readonly ({ readonly name: string } & RecordSpec)[];
}

/** Whether a table's rows are sent by cells. */
function isSpatial({ interest }: Descriptor, { wide, columns }: DescribedTable): boolean {
	const has = (axis: "x" | "y") => columns.some((c) => c.axis === axis);
	return interest !== null && !wide && has("x") && has("y");
}

/** Drops what stays on the server. */
export function wireSchemaOf(descriptor: Descriptor): WireSchema {
	return {
		game: descriptor.name,
		version: descriptor.version,
		maxPlayers: descriptor.maxPlayers,
		input: descriptor.input,
		tables: descriptor.tables.map((table) => ({
			name: table.name,
			capacity: table.capacity,
			columns: table.columns.filter((c) => !c.private),
			spatial: isSpatial(descriptor, table),
			predicted: table.predicted,
			own: table.columns
				.filter((c) => table.predicted || c.ownerOnly)
				.map(({ name, type }) => ({ name, type })),
		})),
		events: descriptor.events,
	};
}

const WIRE_COLUMN_FLAG = { owner: 1, jumps: 2 } as const;
const WIRE_TABLE_FLAG = { spatial: 1, predicted: 2 } as const;

type Packed = (string | number | Packed)[];

function packRecord({ size, fields }: RecordSpec): Packed {
	return [size, fields.map((f) => [f.name, SCALAR_NAMES.indexOf(f.type), f.offset])];
}

function packColumn(column: WireColumn): Packed {
	const { name, type, quantisation: q, interpolation, owner, wrap, jumps } = column;
	return [
		name,
		SCALAR_NAMES.indexOf(type),
		QUANTISATION_CODES.indexOf(q.kind),
		q.kind === "step" ? q.step : q.kind === "angle" ? q.bits : 0,
		INTERPOLATION_CODES.indexOf(interpolation),
		(owner ? WIRE_COLUMN_FLAG.owner : 0) | (jumps ? WIRE_COLUMN_FLAG.jumps : 0),
		...(wrap ? [wrap.size, wrap.from] : []),
	];
}

/** The schema as nested arrays, as sent in a welcome. */
export function packSchema(schema: WireSchema): Packed {
	return [
		schema.game,
		schema.version,
		schema.maxPlayers,
		packRecord(schema.input),
		schema.tables.map((t) => [
			t.name,
			t.capacity,
			t.columns.map(packColumn),
			(t.spatial ? WIRE_TABLE_FLAG.spatial : 0) | (t.predicted ? WIRE_TABLE_FLAG.predicted : 0),
			t.own.map((c) => [c.name, SCALAR_NAMES.indexOf(c.type)]),
		]),
		schema.events.map((e) => [e.name, ...packRecord(e)]),
	];
}

class BadSchema extends Error {}

function list(value: unknown, most: number): unknown[] {
	if (!Array.isArray(value) || value.length > most) throw new BadSchema("expected a short array");
	return value;
}

function text(value: unknown): string {
	if (typeof value !== "string" || value.length > LIMITS.nameBytes) throw new BadSchema("no name");
	return value;
}

function whole(value: unknown, most: number): number {
	if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > most) {
		throw new BadSchema(`expected a whole number up to ${most}`);
	}
	return value as number;
}

function pick<T>(names: readonly T[], value: unknown): T {
	return names[whole(value, names.length - 1)];
}

function unpackRecord(size: unknown, fields: unknown): RecordSpec {
	const bytes = whole(size, LIMITS.fields * 8);
	return {
		size: bytes,
		fields: list(fields, LIMITS.fields).map((packed) => {
			const [name, code, offset] = list(packed, 3);
			const type = pick(SCALAR_NAMES, code);
			return { name: text(name), type, offset: whole(offset, bytes - scalarBytes(type)) };
		}),
	};
}

function unpackCircle([size, from]: unknown[]): Circle {
	if (typeof size !== "number" || !(size > 0 && Number.isFinite(size)))
		throw new BadSchema("no size");
	if (typeof from !== "number" || !Number.isFinite(from)) throw new BadSchema("no beginning");
	return { size, from };
}

function unpackColumn(packed: unknown): WireColumn {
	const [name, type, kindCode, parameter, interpolation, bits, ...circle] = list(packed, 8);
	const flags = whole(bits, 3);
	const kind = pick(QUANTISATION_CODES, kindCode);
	let quantisation: Quantisation = { kind: "exact" };
	if (kind === "angle")
		quantisation = { kind, bits: Math.max(2, whole(parameter, LIMITS.angleBits)) };
	if (kind === "step") {
		if (typeof parameter !== "number" || !(parameter > 0 && Number.isFinite(parameter)))
			throw new BadSchema("no step");
		quantisation = { kind, step: parameter };
	}
	return {
		name: text(name),
		type: pick(SCALAR_NAMES, type),
		quantisation,
		interpolation: pick(INTERPOLATION_CODES, interpolation),
		owner: (flags & WIRE_COLUMN_FLAG.owner) !== 0,
		wrap: circle.length > 0 ? unpackCircle(circle) : null,
		jumps: (flags & WIRE_COLUMN_FLAG.jumps) !== 0,
	};
}

/** Reads a schema from a welcome; null when it is not one. */
export function unpackSchema(packed: unknown): WireSchema | null {
	try {
		const [game, version, maxPlayers, input, tables, events] = list(packed, 6);
		const [inputSize, inputFields] = list(input, 2);
		return {
			game: text(game),
			version: whole(version, 0xffffffff),
			maxPlayers: whole(maxPlayers, LIMITS.players),
			input: unpackRecord(inputSize, inputFields),
			tables: list(tables, LIMITS.tables).map((table) => {
				const [name, capacity, columns, bits, own] = list(table, 5);
				const flags = whole(bits, 3);
				return {
					name: text(name),
					capacity: whole(capacity, LIMITS.rows),
					columns: list(columns, LIMITS.columns).map(unpackColumn),
					spatial: (flags & WIRE_TABLE_FLAG.spatial) !== 0,
					predicted: (flags & WIRE_TABLE_FLAG.predicted) !== 0,
					own: list(own, LIMITS.columns).map((packed) => {
						const [ownName, type] = list(packed, 2);
						return { name: text(ownName), type: pick(SCALAR_NAMES, type) };
					}),
				};
			}),
			events: list(events, LIMITS.events).map((event) => {
				const [name, size, fields] = list(event, 3);
				return { name: text(name), ...unpackRecord(size, fields) };
			}),
		};
	} catch (thrown) {
		if (thrown instanceof BadSchema) return null;
		throw thrown;
	}
}
