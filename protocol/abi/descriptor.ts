import { LIMITS } from "../limits.ts";
import type { ColumnSpec } from "../schema/column.ts";
import type { FieldSpec, RecordSpec } from "../schema/define-game.ts";
import { is64Bit, isFloat, SCALAR_NAMES, type ScalarName, scalarBytes } from "../schema/scalar.ts";
import {
	ABI_MAJOR,
	ABI_MINOR,
	COLUMN_FLAG,
	CTX,
	DESCRIPTOR,
	EVENT,
	FIELD,
	INTERPOLATION_CODES,
	MAGIC,
	MIN_OUTBOX_BYTES,
	minInboxBytes,
	QUANTISATION_CODES,
	TABLE,
} from "./layout.ts";

export interface DescribedColumn extends ColumnSpec {
	readonly name: string;
	/** Address of row 0. */
	readonly address: number;
}

export interface DescribedTable {
	readonly name: string;
	readonly was: string | null;
	readonly capacity: number;
	/** Address of the u16 generation per row. */
	readonly gen: number;
	/** Address of the u32 "rows at or above this are free". */
	readonly used: number;
	readonly columns: readonly DescribedColumn[];
}

export interface Region {
	readonly address: number;
	readonly bytes: number;
}

/** What a module says about itself, copied out of its memory and checked. */
export interface Descriptor {
	readonly name: string;
	readonly version: number;
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly maxPlayers: number;
	readonly ctx: number;
	readonly inbox: Region;
	readonly outbox: Region;
	readonly input: RecordSpec;
	readonly tables: readonly DescribedTable[];
	readonly events: readonly ({ readonly name: string } & RecordSpec)[];
}

export type DescriptorErrorName =
	| "ERR_DESCRIPTOR_MAGIC"
	| "ERR_DESCRIPTOR_VERSION"
	| "ERR_DESCRIPTOR_POINTER"
	| "ERR_DESCRIPTOR_STRIDE"
	| "ERR_DESCRIPTOR_COUNT"
	| "ERR_DESCRIPTOR_NAME"
	| "ERR_DESCRIPTOR_TYPE"
	| "ERR_DESCRIPTOR_OVERLAP"
	| "ERR_DESCRIPTOR_RENAME"
	| "ERR_DESCRIPTOR_CAPACITY";

/** Thrown inside this file only; `readDescriptor` returns it as a value. */
class Refusal extends Error {
	readonly error: DescriptorErrorName;
	constructor(error: DescriptorErrorName, detail: string) {
		super(detail);
		this.error = error;
	}
}

function refuse(error: DescriptorErrorName, detail: string): never {
	throw new Refusal(error, detail);
}

const NAME = /^[a-z][A-Za-z0-9_-]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

class Reader {
	private readonly view: DataView;
	private readonly taken: { from: number; to: number; what: string }[] = [];

	constructor(buffer: ArrayBufferLike) {
		this.view = new DataView(buffer);
	}

	/** Checks that `bytes` at `address` lie in memory at the given alignment. */
	range(address: number, bytes: number, align: number, what: string): number {
		if (address === 0 || address % align !== 0 || address + bytes > this.view.byteLength) {
			refuse(
				"ERR_DESCRIPTOR_POINTER",
				`${what}: ${bytes} bytes at ${address} are outside memory (${this.view.byteLength}) or not aligned to ${align}`,
			);
		}
		return address;
	}

	/** A range that the host or the module writes: no two may overlap. */
	claim(address: number, bytes: number, align: number, what: string): number {
		this.range(address, bytes, align, what);
		this.taken.push({ from: address, to: address + bytes, what });
		return address;
	}

	checkOverlaps(): void {
		this.taken.sort((a, b) => a.from - b.from);
		for (let i = 1; i < this.taken.length; i++) {
			const [a, b] = [this.taken[i - 1], this.taken[i]];
			if (a && b && b.from < a.to) {
				refuse("ERR_DESCRIPTOR_OVERLAP", `${a.what} and ${b.what} share bytes at ${b.from}`);
			}
		}
	}

	u8(address: number): number {
		return this.view.getUint8(address);
	}

	u16(address: number): number {
		return this.view.getUint16(address, true);
	}

	u32(address: number): number {
		return this.view.getUint32(address, true);
	}

	f32(address: number): number {
		return this.view.getFloat32(address, true);
	}

	name(address: number, what: string): string {
		this.range(address, 1, 1, what);
		const room = Math.min(LIMITS.nameBytes + 1, this.view.byteLength - address);
		const bytes = new Uint8Array(this.view.buffer, address, room);
		const end = bytes.indexOf(0);
		if (end < 0) refuse("ERR_DESCRIPTOR_NAME", `${what} has no end in ${LIMITS.nameBytes} bytes`);
		let text: string;
		try {
			// slice: a decoder refuses views of some buffers, and the module may change it later
			text = utf8.decode(bytes.slice(0, end));
		} catch {
			refuse("ERR_DESCRIPTOR_NAME", `${what} is not UTF-8`);
		}
		if (!NAME.test(text)) refuse("ERR_DESCRIPTOR_NAME", `${what} is "${text}"`);
		return text;
	}

	optionalName(address: number, what: string): string | null {
		return address === 0 ? null : this.name(address, what);
	}

	/** A counted array of structs: returns the address of each. */
	structs(at: number, n: number, stride: number, least: number, most: number, what: string) {
		if (n > most) refuse("ERR_DESCRIPTOR_COUNT", `${n} ${what}, at most ${most}`);
		if (n === 0) return [];
		if (stride < least || stride % 4 !== 0) {
			refuse("ERR_DESCRIPTOR_STRIDE", `${what}: stride ${stride}, at least ${least}`);
		}
		this.range(at, n * stride, 4, what);
		return Array.from({ length: n }, (_, i) => at + i * stride);
	}

	scalar(address: number, what: string): ScalarName {
		const code = this.u8(address);
		const type = SCALAR_NAMES[code];
		if (type === undefined) refuse("ERR_DESCRIPTOR_TYPE", `${what} has the unknown type ${code}`);
		return type;
	}

	default(address: number, type: ScalarName): number {
		const view = this.view;
		if (type === "f32") return view.getFloat32(address, true);
		if (type === "f64") return view.getFloat64(address, true);
		if (type === "i64") return Number(view.getBigInt64(address, true));
		if (type === "u64") return Number(view.getBigUint64(address, true));
		return type.startsWith("i") ? view.getInt32(address, true) : view.getUint32(address, true);
	}
}

function unique(names: readonly string[], what: string): void {
	const seen = new Set<string>();
	for (const name of names) {
		if (seen.has(name)) refuse("ERR_DESCRIPTOR_NAME", `${what} "${name}" stands twice`);
		seen.add(name);
	}
}

/** A former name must be gone and claimed once, else a rename could run in a circle. */
function checkRenames(items: readonly { name: string; was: string | null }[], what: string): void {
	const names = new Set(items.map((item) => item.name));
	const claimed = new Set<string>();
	for (const { name, was } of items) {
		if (was === null) continue;
		if (names.has(was) || claimed.has(was)) {
			refuse("ERR_DESCRIPTOR_RENAME", `${what} "${name}" was "${was}", which is still in use`);
		}
		claimed.add(was);
	}
}

function readRecord(
	r: Reader,
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
	unique(
		fields.map((f) => f.name),
		`${what} field`,
	);
	return { fields, size };
}

function readColumn(r: Reader, p: number, table: string, capacity: number): DescribedColumn {
	const name = r.name(r.u32(p + FIELD.name), `a column of ${table}`);
	const what = `${table}.${name}`;
	const type = r.scalar(p + FIELD.type, what);
	const bytes = scalarBytes(type);
	const stride = r.u32(p + FIELD.stride);
	if (stride !== bytes) {
		refuse("ERR_DESCRIPTOR_STRIDE", `${what}: stride ${stride}, but ${type} is ${bytes} bytes`);
	}
	const flags = r.u8(p + FIELD.flags);
	const isPrivate = (flags & COLUMN_FLAG.private) !== 0;
	if (is64Bit(type) && !isPrivate) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: ${type} must be private, the wire carries 32 bits`);
	}
	const owner = (flags & COLUMN_FLAG.owner) !== 0;
	if (owner && isFloat(type)) refuse("ERR_DESCRIPTOR_TYPE", `${what}: a ${type} owns no row`);
	const axisX = (flags & COLUMN_FLAG.axisX) !== 0;
	const axisY = (flags & COLUMN_FLAG.axisY) !== 0;
	if ((axisX || axisY) && (type !== "f32" || axisX === axisY)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: an axis is one of x, y, and f32`);
	}
	const interpolation = INTERPOLATION_CODES[r.u8(p + FIELD.interpolation)];
	const kind = QUANTISATION_CODES[r.u8(p + FIELD.quantisation)];
	if (interpolation === undefined || kind === undefined) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: unknown interpolation or quantisation`);
	}
	if (kind !== "exact" && type !== "f32") {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: a quantised column must be f32, not ${type}`);
	}
	const step = r.f32(p + FIELD.step);
	const bits = r.u32(p + FIELD.bits);
	if (kind === "step" && !(step > 0 && Number.isFinite(step))) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: quantisation step ${step}`);
	}
	if (kind === "angle" && (bits < 2 || bits > LIMITS.angleBits)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: ${bits} bits for an angle`);
	}
	return {
		name,
		type,
		address: r.claim(r.u32(p + FIELD.data), capacity * bytes, bytes, what),
		quantisation:
			kind === "step" ? { kind, step } : kind === "angle" ? { kind, bits } : { kind: "exact" },
		interpolation,
		private: isPrivate,
		owner,
		axis: axisX ? "x" : axisY ? "y" : null,
		default: r.default(p + FIELD.default, type),
		was: r.optionalName(r.u32(p + FIELD.was), `${what}.was`),
	};
}

function readTable(r: Reader, p: number): DescribedTable {
	const name = r.name(r.u32(p + TABLE.name), "a table");
	const capacity = r.u32(p + TABLE.capacity);
	if (capacity < 1 || capacity > LIMITS.rows) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `${name}: ${capacity} rows, at most ${LIMITS.rows}`);
	}
	const gen = r.claim(r.u32(p + TABLE.gen), capacity * 2, 2, `${name}.gen`);
	const used = r.claim(r.u32(p + TABLE.used), 4, 4, `${name}.used`);
	const columns = r
		.structs(
			r.u32(p + TABLE.columns),
			r.u16(p + TABLE.columnCount),
			r.u16(p + TABLE.columnStride),
			FIELD.size,
			LIMITS.columns,
			`columns of ${name}`,
		)
		.map((c) => readColumn(r, c, name, capacity));
	unique(
		columns.map((c) => c.name),
		`column of ${name}`,
	);
	checkRenames(columns, `column of ${name}`);
	for (const axis of ["x", "y"] as const) {
		if (columns.filter((c) => c.axis === axis).length > 1) {
			refuse("ERR_DESCRIPTOR_TYPE", `${name} has two ${axis} axes`);
		}
	}
	const was = r.optionalName(r.u32(p + TABLE.was), `${name}.was`);
	return { name, was, capacity, gen, used, columns };
}

function readEvent(r: Reader, p: number) {
	const name = r.name(r.u32(p + EVENT.name), "an event");
	const size = r.u32(p + EVENT.recordSize);
	if (size > LIMITS.fields * 8) refuse("ERR_DESCRIPTOR_CAPACITY", `event ${name}: ${size} bytes`);
	const [fields, n, stride] = [
		r.u32(p + EVENT.fields),
		r.u16(p + EVENT.fieldCount),
		r.u16(p + EVENT.fieldStride),
	];
	return { name, ...readRecord(r, fields, n, stride, size, `event ${name}`) };
}

function rate(value: number, most: number, what: string): number {
	if (value < 1 || value > most) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `${what} is ${value}, must be from 1 to ${most}`);
	}
	return value;
}

function read(buffer: ArrayBufferLike, at: number): Descriptor {
	const r = new Reader(buffer);
	r.range(at, DESCRIPTOR.size, 4, "the descriptor");
	if (r.u32(at + DESCRIPTOR.magic) !== MAGIC) {
		refuse("ERR_DESCRIPTOR_MAGIC", `hs_describe points to ${at}, where no descriptor begins`);
	}
	const [major, minor] = [r.u16(at + DESCRIPTOR.major), r.u16(at + DESCRIPTOR.minor)];
	if (major !== ABI_MAJOR || minor > ABI_MINOR) {
		refuse(
			"ERR_DESCRIPTOR_VERSION",
			`the module speaks ABI ${major}.${minor}, this host ${ABI_MAJOR}.${ABI_MINOR}`,
		);
	}
	const size = r.u32(at + DESCRIPTOR.headerSize);
	if (size < DESCRIPTOR.size) refuse("ERR_DESCRIPTOR_STRIDE", `a header of ${size} bytes`);
	const u32 = (offset: number): number => r.u32(at + offset);
	const u16 = (offset: number): number => r.u16(at + offset);

	const name = r.name(u32(DESCRIPTOR.name), "the game's name");
	const tickRate = rate(u16(DESCRIPTOR.tickRate), LIMITS.tickRateHz, "tickRate");
	const snapshotRate = rate(u16(DESCRIPTOR.snapshotRate), tickRate, "snapshotRate");
	const maxPlayers = rate(u16(DESCRIPTOR.maxPlayers), LIMITS.players, "maxPlayers");

	if (u32(DESCRIPTOR.ctxSize) < CTX.size) {
		refuse("ERR_DESCRIPTOR_STRIDE", `ctx of ${u32(DESCRIPTOR.ctxSize)} bytes, needs ${CTX.size}`);
	}
	const ctx = r.claim(u32(DESCRIPTOR.ctx), u32(DESCRIPTOR.ctxSize), 4, "ctx");
	const inputSize = u32(DESCRIPTOR.inputSize);
	if (inputSize > LIMITS.inputBytes) {
		refuse(
			"ERR_DESCRIPTOR_CAPACITY",
			`an input of ${inputSize} bytes, at most ${LIMITS.inputBytes}`,
		);
	}
	const region = (pointer: number, length: number, least: number, most: number, what: string) => {
		const bytes = u32(length);
		if (bytes < least || bytes > most) {
			refuse("ERR_DESCRIPTOR_CAPACITY", `${what} of ${bytes} bytes, must be ${least} to ${most}`);
		}
		return { address: r.claim(u32(pointer), bytes, 4, what), bytes };
	};
	const leastInbox = minInboxBytes(maxPlayers, inputSize, LIMITS.playerNameBytes);
	const inbox = region(
		DESCRIPTOR.inbox,
		DESCRIPTOR.inboxCapacity,
		leastInbox,
		LIMITS.inboxBytes,
		"the inbox",
	);
	const outbox = region(
		DESCRIPTOR.outbox,
		DESCRIPTOR.outboxCapacity,
		MIN_OUTBOX_BYTES,
		LIMITS.outboxBytes,
		"the outbox",
	);
	const tables = r
		.structs(
			u32(DESCRIPTOR.tables),
			u16(DESCRIPTOR.tableCount),
			u16(DESCRIPTOR.tableStride),
			TABLE.size,
			LIMITS.tables,
			"tables",
		)
		.map((p) => readTable(r, p));
	if (tables.length === 0) refuse("ERR_DESCRIPTOR_COUNT", "a module needs at least one table");
	unique(
		tables.map((t) => t.name),
		"table",
	);
	checkRenames(tables, "table");
	const input = readRecord(
		r,
		u32(DESCRIPTOR.inputFields),
		u16(DESCRIPTOR.inputFieldCount),
		u16(DESCRIPTOR.inputFieldStride),
		inputSize,
		"input",
	);
	const events = r
		.structs(
			u32(DESCRIPTOR.events),
			u16(DESCRIPTOR.eventCount),
			u16(DESCRIPTOR.eventStride),
			EVENT.size,
			LIMITS.events,
			"events",
		)
		.map((p) => readEvent(r, p));
	unique(
		events.map((e) => e.name),
		"event",
	);
	r.checkOverlaps();
	return {
		name,
		version: u32(DESCRIPTOR.version),
		tickRate,
		snapshotRate,
		maxPlayers,
		ctx,
		inbox,
		outbox,
		input,
		tables,
		events,
	};
}

/**
 * Copies the descriptor at `address` out of a module's memory and checks every number in it.
 * Nothing it returns points into the module's memory, so a module cannot change it afterwards.
 */
export function readDescriptor(
	buffer: ArrayBufferLike,
	address: number,
): { descriptor: Descriptor } | { error: DescriptorErrorName; detail: string } {
	try {
		return { descriptor: read(buffer, address) };
	} catch (thrown) {
		if (thrown instanceof Refusal) return { error: thrown.error, detail: thrown.message };
		throw thrown;
	}
}
