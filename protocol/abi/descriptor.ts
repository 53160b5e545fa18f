import { LIMITS } from "../limits.ts";
import type { FieldSpec, InterestSpec, RecordSpec } from "../schema/define-game.ts";
import { scalarBytes } from "../schema/scalar.ts";
import { type DescribedColumn, readColumn } from "./describe-column.ts";
import {
	type DescriptorErrorName,
	DescriptorReader,
	Refusal,
	refuse,
} from "./descriptor-reader.ts";
import {
	ABI_MAJOR,
	ABI_MINOR,
	CTX,
	DESCRIPTOR,
	EVENT,
	FIELD,
	MAGIC,
	MIN_OUTBOX_BYTES,
	minInboxBytes,
	TABLE,
	TABLE_FLAG,
} from "./layout.ts";

export interface DescribedTable {
	readonly name: string;
	readonly was: string | null;
	readonly capacity: number;
	/** Address of the u16 generation per row. */
	readonly gen: number;
	/** Address of the u32 "rows at or above this are free". */
	readonly used: number;
	readonly columns: readonly DescribedColumn[];
	/** Clients run the rules ahead for the rows that their player owns. */
	readonly predicted: boolean;
	/** All clients see all of it, whatever the game's interest. */
	readonly wide: boolean;
}

interface Region {
	readonly address: number;
	readonly bytes: number;
}

/** A module's description of itself, copied from its memory and checked. */
export interface Descriptor {
	readonly name: string;
	readonly version: number;
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly maxPlayers: number;
	readonly interest: InterestSpec | null;
	/** The limit of the rules' lag compensation. */
	readonly rewindMs: number;
	readonly ctx: number;
	readonly inbox: Region;
	readonly outbox: Region;
	readonly input: RecordSpec;
	readonly tables: readonly DescribedTable[];
	readonly events: readonly ({ readonly name: string } & RecordSpec)[];
}

function unique(names: readonly string[], what: string): void {
	const seen = new Set<string>();
	for (const name of names) {
		if (seen.has(name)) refuse("ERR_DESCRIPTOR_NAME", `${what} "${name}" stands twice`);
		seen.add(name);
	}
}

/** A former name must be gone and claimed only once, or renames could form a cycle. */
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
	unique(
		fields.map((f) => f.name),
		`${what} field`,
	);
	return { fields, size };
}

function readTable(r: DescriptorReader, p: number): DescribedTable {
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
	if (columns.filter((c) => c.jumps).length > 1) {
		refuse("ERR_DESCRIPTOR_TYPE", `${name} counts its jumps twice`);
	}
	const was = r.optionalName(r.u32(p + TABLE.was), `${name}.was`);
	const flags = r.u32(p + TABLE.flags);
	const predicted = (flags & TABLE_FLAG.predicted) !== 0;
	if ((predicted || columns.some((c) => c.ownerOnly)) && !columns.some((c) => c.owner)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${name}: rows without an owner column are nobody's own`);
	}
	return {
		name,
		was,
		capacity,
		gen,
		used,
		columns,
		predicted,
		wide: (flags & TABLE_FLAG.wide) !== 0,
	};
}

function readEvent(r: DescriptorReader, p: number) {
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

/** All shared state must fit one message: a joining client gets all of it. */
function checkKeyframe(tables: readonly DescribedTable[]): void {
	let bytes = 0;
	for (const { capacity, columns } of tables) {
		// at worst a block has a code for its numbers, which take a bit more than their type
		const shared = columns.filter((c) => !c.private);
		const values = shared.reduce((sum, c) => sum + scalarBytes(c.type) * 1.25 + 0.5, 0);
		const guesses = shared.filter((c) => c.quantisation.kind !== "exact").length * 9;
		bytes += capacity * (2.5 + values + guesses);
	}
	if (bytes > LIMITS.snapshotBytes) {
		const most = `at most ${LIMITS.snapshotBytes}`;
		refuse("ERR_DESCRIPTOR_CAPACITY", `a keyframe may take ${Math.ceil(bytes)} bytes, ${most}`);
	}
}

function readInterest(r: DescriptorReader, at: number): InterestSpec | null {
	const radius = r.f32(at + DESCRIPTOR.interestRadius);
	const cell = r.f32(at + DESCRIPTOR.interestCell);
	if (radius === 0 && cell === 0) return null;
	const isSound = radius > 0 && cell > 0 && radius / cell <= LIMITS.interestReachCells;
	if (!isSound || !Number.isFinite(radius)) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `interest of ${radius} in cells of ${cell}`);
	}
	return { radius, cell };
}

function readRewind(r: DescriptorReader, at: number): number {
	const ms = r.u16(at + DESCRIPTOR.rewindMs) || LIMITS.rewindMs;
	if (ms <= LIMITS.mostRewindMs) return ms;
	refuse("ERR_DESCRIPTOR_CAPACITY", `rewindMs is ${ms}, at most ${LIMITS.mostRewindMs}`);
}

function read(buffer: ArrayBufferLike, at: number): Descriptor {
	const r = new DescriptorReader(buffer);
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
	const leastInbox = minInboxBytes(maxPlayers, inputSize, LIMITS.joinNameBytes);
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
	checkKeyframe(tables);
	return {
		name,
		version: u32(DESCRIPTOR.version),
		tickRate,
		snapshotRate,
		maxPlayers,
		interest: readInterest(r, at),
		rewindMs: readRewind(r, at),
		ctx,
		inbox,
		outbox,
		input,
		tables,
		events,
	};
}

/**
 * Copies the descriptor at `address` from a module's memory and checks every number in it. The result
 * does not point into that memory, so the module cannot change it afterwards.
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
