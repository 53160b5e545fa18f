import { LIMITS } from "../limits.ts";
import { type Circle, Column, type ColumnSpec, type ScalarType } from "./column.ts";
import { type EffectSources, type EffectSpec, readEffects } from "./define-effects.ts";
import { integerRange, is64Bit, isFloat, type ScalarName, scalarBytes } from "./scalar.ts";
import { TAKEN_BY_LANGUAGE, TAKEN_BY_LAYOUT, TAKEN_BY_TABLE } from "./taken-names.ts";

type Field = ScalarType | Column;

interface TableSource {
	/** Maximum number of rows; a row's slot number is its network id. */
	capacity: number;
	columns: Record<string, Field>;
	/** Clients run the rules ahead for the rows that their player owns. */
	predict?: boolean;
	/** All clients see all of it, even in a game with `interest`. */
	wide?: boolean;
}

/** How far players see. */
interface InterestSource {
	/**
	 * A player receives every row within this distance of its first own row, in units of the axis
	 * columns.
	 */
	radius: number;
	/** Side of the square cells in which rows are sent; default: half the radius. */
	cell?: number;
}

/** What `defineGame` takes: the declaration of a game as its author writes it. */
export interface GameSource extends EffectSources {
	name: string;
	/** Grows with every change that a running room should notice. */
	version: number;
	tickRate: number;
	snapshotRate: number;
	maxPlayers: number;
	/** Without it, all clients receive every row. */
	interest?: InterestSource;
	/** How far back shots may look at `rewind()` columns, ms, 1 to 1,000; default 250. */
	rewindMs?: number;
	input: Record<string, ScalarType>;
	tables: Record<string, TableSource>;
	events?: Record<string, Record<string, ScalarType>>;
}

export interface FieldSpec {
	readonly name: string;
	readonly type: ScalarName;
	/** Bytes from the start of the record. */
	readonly offset: number;
}

export interface RecordSpec {
	readonly fields: readonly FieldSpec[];
	/** Bytes of the record, padded to its largest field's alignment. */
	readonly size: number;
}

export interface TableSpec {
	readonly name: string;
	readonly capacity: number;
	readonly predicted: boolean;
	readonly wide: boolean;
	readonly columns: readonly ({ readonly name: string } & ColumnSpec)[];
}

/** View radius of a player and side of a cell, both in units of the axis columns. */
export interface InterestSpec {
	readonly radius: number;
	readonly cell: number;
}

/** A game's declaration, checked, as plain data. */
export interface GameSpec {
	readonly name: string;
	readonly version: number;
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly maxPlayers: number;
	readonly interest: InterestSpec | null;
	readonly rewindMs: number;
	readonly input: RecordSpec;
	readonly tables: readonly TableSpec[];
	readonly events: readonly ({ readonly name: string } & RecordSpec)[];
	/** Results and requests; an effect's number is its place. */
	readonly effects: readonly EffectSpec[];
}

/** A declared game; its type parameter carries the shape from which the client's types follow. */
export interface Game<S extends GameSource = GameSource> {
	readonly source: S;
	readonly spec: GameSpec;
}

export class SchemaError extends Error {
	override readonly name = "ERR_SCHEMA";
}

const NAME = /^[a-z][A-Za-z0-9_]*$/;
const PARTS = {
	game: "name version tickRate snapshotRate maxPlayers interest rewindMs input tables events results requests".split(
		" ",
	),
	table: "capacity columns predict wide".split(" "),
	interest: "radius cell".split(" "),
};

function check(condition: boolean, problem: string): asserts condition {
	if (!condition) throw new SchemaError(problem);
}

function checkName(name: string, where: string): void {
	check(NAME.test(name), `${where}: "${name}" must start with a-z and hold letters, digits or _`);
	check(name.length <= LIMITS.nameBytes, `${where}: "${name}" is over ${LIMITS.nameBytes} bytes`);
}

/** Checks that it is an object without unknown parts: a mistyped name would go unnoticed. */
function checkParts(source: unknown, parts: readonly string[] | null, where: string): void {
	check(typeof source === "object" && source !== null, `${where} must be an object { … }`);
	for (const part of parts ? Object.keys(source as object) : []) {
		check(parts?.includes(part) === true, `${where} has no "${part}", only ${parts?.join(", ")}`);
	}
}

function checkInteger(value: number, least: number, most: number, what: string): void {
	check(
		Number.isInteger(value) && value >= least && value <= most,
		`${what} must be a whole number from ${least} to ${most}, not ${value}`,
	);
}

/** Lays fields out in declared order, each at its natural alignment. */
export function layoutRecord(fields: readonly (readonly [string, ScalarName])[]): RecordSpec {
	let offset = 0;
	let alignment = 1;
	const laid = fields.map(([name, type]) => {
		const size = scalarBytes(type);
		alignment = Math.max(alignment, size);
		offset = Math.ceil(offset / size) * size;
		const field = { name, type, offset };
		offset += size;
		return field;
	});
	return { fields: laid, size: Math.ceil(offset / alignment) * alignment };
}

function readRecord(source: Record<string, ScalarType>, where: string): RecordSpec {
	checkParts(source, null, where);
	const entries = Object.entries(source);
	check(entries.length <= LIMITS.fields, `${where} has over ${LIMITS.fields} fields`);
	for (const [name, field] of entries) {
		checkName(name, where);
		check(
			typeof field === "function" && typeof field.type === "string",
			`${where}.${name} must be a type as it is, such as u8, without ()`,
		);
	}
	return layoutRecord(entries.map(([name, field]) => [name, field.type] as const));
}

function checkCircle({ type, wrap, quantisation, interpolation }: ColumnSpec, where: string): void {
	const { size, from } = wrap as Circle;
	check(isFloat(type), `${where}: only f32 and f64 can wrap`);
	// the circle is sent as f32
	check(Math.fround(size) > 0, `${where}: wrap takes a size above 0, not ${size}`);
	check(Number.isFinite(Math.fround(size)), `${where}: wrap takes a size above 0, not ${size}`);
	check(
		Number.isFinite(Math.fround(from)),
		`${where}: the circle must begin at a number, not ${from}`,
	);
	check(
		quantisation.kind !== "angle" && interpolation !== "angle",
		`${where}: an angle is a circle already, without wrap`,
	);
}

function readColumn(name: string, field: Field, where: string): { name: string } & ColumnSpec {
	checkName(name, where);
	check(
		!TAKEN_BY_TABLE.has(name),
		`${where}: the column name "${name}" is taken by the table itself`,
	);
	const column = field instanceof Column ? field : typeof field === "function" ? field() : null;
	check(column instanceof Column, `${where}.${name} must be a column, such as u8 or f32()`);
	const { spec } = column;
	const { quantisation: q } = spec;
	if (q.kind !== "exact") {
		check(spec.type === "f32", `${where}.${name}: only f32 can be quantised`);
	}
	if (q.kind === "step") {
		check(q.step > 0 && Number.isFinite(q.step), `${where}.${name}: the step must be above 0`);
	}
	if (q.kind === "angle") {
		checkInteger(q.bits, 2, LIMITS.angleBits, `${where}.${name}: the bits of an angle`);
	}
	check(
		spec.private || !is64Bit(spec.type),
		`${where}.${name}: a 64-bit column must be private(), the wire carries 32 bits`,
	);
	check(!spec.owner || !isFloat(spec.type), `${where}.${name}: an owner is a whole number`);
	check(spec.axis === null || spec.type === "f32", `${where}.${name}: an axis must be f32`);
	check(
		[null, "x", "y"].includes(spec.axis),
		`${where}.${name}: the axis must be "x" or "y", not "${spec.axis}"`,
	);
	check(
		["step", "linear", "angle"].includes(spec.interpolation),
		`${where}.${name}: interpolate takes "step", "linear" or "angle", not "${spec.interpolation}"`,
	);
	if (spec.wrap !== null) checkCircle(spec, `${where}.${name}`);
	check(Number.isFinite(spec.default), `${where}.${name}: the default must be a number`);
	const range = integerRange(spec.type);
	if (range) checkInteger(spec.default, ...range, `${where}.${name}: the default of ${spec.type}`);
	if (spec.was !== null) checkName(spec.was, `${where}.${name}.was`);
	return { name, ...spec };
}

function readTable(name: string, table: TableSource, maxPlayers: number): TableSpec {
	checkName(name, "tables");
	check(!TAKEN_BY_LAYOUT.has(name), `tables: the name "${name}" is taken, choose another`);
	const where = `tables.${name}`;
	checkParts(table, PARTS.table, where);
	checkParts(table.columns, null, `${where}.columns`);
	checkInteger(table.capacity, 1, LIMITS.rows, `${where}.capacity`);
	const columns = Object.entries(table.columns).map(([n, c]) => readColumn(n, c, where));
	check(columns.length > 0, `${where} has no column`);
	check(columns.length <= LIMITS.columns, `${where} has over ${LIMITS.columns} columns`);
	for (const axis of ["x", "y"] as const) {
		check(columns.filter((c) => c.axis === axis).length <= 1, `${where} has two ${axis} axes`);
	}
	check(columns.filter((c) => c.owner).length <= 1, `${where} has two owner columns`);
	for (const { name: column, owner, rewound, type } of columns) {
		const [, most] = integerRange(type) ?? [0, 0];
		check(
			!owner || most >= maxPlayers - 1,
			`${where}.${column}: ${type} is too small to hold the numbers of ${maxPlayers} players`,
		);
		check(
			!rewound || !columns.some((c) => c.name === `${column}At`),
			`${where}: the column name "${column}At" is taken by the rewind() of "${column}"`,
		);
	}
	const { predict: predicted = false, wide = false } = table;
	check(
		(!predicted && !columns.some((c) => c.ownerOnly)) || columns.some((c) => c.owner),
		`${where}: predict and ownerOnly() need a column that is the owner()`,
	);
	return { name, capacity: table.capacity, predicted, wide, columns };
}

function readInterest(source: InterestSource | undefined): InterestSpec | null {
	if (source === undefined) return null;
	checkParts(source, PARTS.interest, "interest");
	const { radius, cell = radius / 2 } = source;
	check(radius > 0 && Number.isFinite(radius), `interest.radius must be above 0, not ${radius}`);
	check(cell > 0 && Number.isFinite(cell), `interest.cell must be above 0, not ${cell}`);
	check(
		radius / cell <= LIMITS.interestReachCells,
		`interest.radius is ${radius / cell} cells, at most ${LIMITS.interestReachCells}`,
	);
	return { radius, cell };
}

/**
 * Declares a game: its tables, inputs and events. The result is what `hotstep build` reads, and its
 * type is what types a client's view.
 *
 * @throws SchemaError (ERR_SCHEMA) naming the declaration that is wrong
 */
export function defineGame<const S extends GameSource>(source: S): Game<S> {
	checkParts(source, PARTS.game, "the game");
	check(
		/^[a-z][a-z0-9-]*$/.test(source.name),
		`the game's name "${source.name}" must start with a-z and hold a-z, 0-9 or -`,
	);
	check(source.name.length <= LIMITS.nameBytes, "the game's name is too long");
	checkInteger(source.version, 1, 0x7fffffff, "version");
	checkInteger(source.tickRate, 1, LIMITS.tickRateHz, "tickRate");
	checkInteger(source.snapshotRate, 1, source.tickRate, "snapshotRate");
	checkInteger(source.maxPlayers, 1, LIMITS.players, "maxPlayers");
	checkParts(source.tables, null, "tables");
	const tables = Object.entries(source.tables).map(([name, table]) =>
		readTable(name, table, source.maxPlayers),
	);
	check(tables.length > 0, "a game needs at least one table");
	check(tables.length <= LIMITS.tables, `a game has at most ${LIMITS.tables} tables`);
	const input = readRecord(source.input, "input");
	check(input.size <= LIMITS.inputBytes, `the input is over ${LIMITS.inputBytes} bytes`);
	check(!("viewAge" in source.input), 'input: the name "viewAge" is taken, choose another');
	const events = Object.entries(source.events ?? {}).map(([name, fields]) => {
		checkName(name, "events");
		check(name !== "constructor", 'events: the name "constructor" is taken, choose another');
		for (const field of Object.keys(fields ?? {})) {
			check(
				!TAKEN_BY_LANGUAGE.has(field),
				`events.${name}: the name "${field}" is taken, choose another`,
			);
		}
		return { name, ...readRecord(fields, `events.${name}`) };
	});
	for (const { name } of events) {
		for (const own of [`${name}To`, `${name}Near`]) {
			check(!events.some((e) => e.name === own), `events: the name "${own}" is taken by "${name}"`);
		}
	}
	check(events.length <= LIMITS.events, `a game has at most ${LIMITS.events} events`);
	const effects = readEffects(source, tables, {
		...{ check, checkName, checkParts, readRecord },
		taken: TAKEN_BY_LANGUAGE,
	});
	const { name, version, tickRate, snapshotRate, maxPlayers } = source;
	const interest = readInterest(source.interest);
	const { rewindMs = LIMITS.rewindMs } = source;
	checkInteger(rewindMs, 1, LIMITS.mostRewindMs, "rewindMs");
	return {
		source,
		spec: {
			name,
			version,
			tickRate,
			snapshotRate,
			maxPlayers,
			interest,
			rewindMs,
			input,
			tables,
			events,
			effects,
		},
	};
}
