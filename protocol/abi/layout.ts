/**
 * The module ABI, version 1, as byte offsets. `docs/abi.md` draws the same structs and is the
 * authority; all numbers are little-endian, all pointers absolute addresses in linear memory.
 */
export const ABI_MAJOR = 1;
export const ABI_MINOR = 3;

/** "HSD1" read as a little-endian u32. */
export const MAGIC = 0x31445348;

export const DESCRIPTOR = {
	size: 96,
	magic: 0,
	major: 4,
	minor: 6,
	headerSize: 8,
	version: 12,
	name: 16,
	ctx: 20,
	ctxSize: 24,
	inbox: 28,
	inboxCapacity: 32,
	outbox: 36,
	outboxCapacity: 40,
	tables: 44,
	tableCount: 48,
	tableStride: 50,
	inputFields: 52,
	inputFieldCount: 56,
	inputFieldStride: 58,
	inputSize: 60,
	events: 64,
	eventCount: 68,
	eventStride: 70,
	tickRate: 72,
	snapshotRate: 74,
	maxPlayers: 76,
	/** From minor 1; 0 for the usual time. */
	rewindMs: 78,
	/** From minor 1; 0 for no interest management. */
	interestRadius: 80,
	interestCell: 84,
	/** From minor 3. */
	effects: 88,
	effectCount: 92,
	effectStride: 94,
} as const;

export const TABLE = {
	size: 40,
	name: 0,
	capacity: 4,
	gen: 8,
	used: 12,
	columns: 16,
	columnCount: 20,
	columnStride: 22,
	flags: 24,
	was: 28,
} as const;

/** Columns of a table, fields of the input and of events: one struct for all three. */
export const FIELD = {
	size: 48,
	name: 0,
	/** Address of a column's values; byte offset in its record for an input or event field. */
	data: 4,
	type: 8,
	flags: 9,
	interpolation: 10,
	quantisation: 11,
	stride: 12,
	step: 16,
	bits: 20,
	default: 24,
	was: 32,
	/** From minor 2; 0 for a column that is no circle. */
	wrapSize: 36,
	wrapFrom: 40,
} as const;

export const EVENT = {
	size: 16,
	name: 0,
	fields: 4,
	fieldCount: 8,
	fieldStride: 10,
	recordSize: 12,
} as const;

/** A result or a request: begins as an event does. */
export const EFFECT = {
	size: 32,
	...{ name: 0, fields: 4, fieldCount: 8, fieldStride: 10, recordSize: 12 },
	kind: 16,
	/** Of a request. */
	answerFields: 20,
	answerFieldCount: 24,
	answerFieldStride: 26,
	answerSize: 28,
} as const;

export const EFFECT_KIND = { result: 0, request: 1 } as const;

export const CTX = {
	size: 64,
	tick: 0,
	inboxLength: 4,
	outboxLength: 8,
	flags: 12,
	dt: 16,
	random: 20,
	outboxDropped: 36,
} as const;

export const COLUMN_FLAG = {
	private: 1,
	owner: 2,
	axisX: 4,
	axisY: 8,
	ownerOnly: 16,
	rewound: 32,
	/** From minor 2. */
	jumps: 64,
} as const;
export const TABLE_FLAG = { predicted: 1, wide: 2 } as const;
/** Bits of `ctx.flags`. */
export const CTX_FLAG = { predicting: 1 } as const;
export const INTERPOLATION_CODES = ["step", "linear", "angle"] as const;
export const QUANTISATION_CODES = ["exact", "step", "angle"] as const;

/** Header of an inbox or outbox record; `size` counts the header and is a multiple of 4. */
export const RECORD = { size: 8, kind: 0, flags: 1, length: 2, player: 4, extra: 6 } as const;

export const INBOX = { join: 1, leave: 2, input: 3, answer: 6 } as const;
/** An input record's `extra` is the age of the player's view, in this fraction of a tick. */
export const VIEW_AGE_PER_TICK = 256;
/** Flag of an input record: none had arrived, the player's last one is repeated. */
export const INPUT_REPEATED = 1;

export const OUTBOX = { event: 1, refuse: 2, kick: 3, effect: 4 } as const;
/** The player of an effect, or of an answer, that is about none. */
export const NO_PLAYER = 0xffff;
/** Before the fields of an answer: u32 tick of the request, u16 its number in that tick, u16 status. */
export const ANSWER = { size: 8, tick: 0, n: 4, status: 6 } as const;
/** A failed answer's fields are 0. */
export const ANSWER_STATUS = { ok: 0, failed: 1 } as const;
/** Whom an outbox event is for, in the record's `flags`. */
export const EVENT_TARGET = { all: 0, player: 1, near: 2 } as const;
/** Bytes of `f32 x, f32 y, f32 radius` that stand before the fields of a "near" event. */
export const NEAR_BYTES = 12;

/**
 * Names that sealing adds to a module's exports: the fuel counter (i32), and every mutable global of
 * the module, so that an image can hold them. A raw module may not export such names itself.
 */
export const SEALED = { fuel: "hs:fuel", globalPrefix: "hs:g" } as const;

/** The smallest outbox a module may have, bytes. */
export const MIN_OUTBOX_BYTES = 256;

export function pad4(bytes: number): number {
	return (bytes + 3) & ~3;
}

/** Bytes of one player's input record in the inbox. */
export function inputRecordBytes(inputSize: number): number {
	return RECORD.size + pad4(inputSize);
}

/**
 * The smallest inbox a module may have: one input per player, and eight joins with names of
 * `nameBytes`.
 */
export function minInboxBytes(maxPlayers: number, inputSize: number, nameBytes: number): number {
	return maxPlayers * inputRecordBytes(inputSize) + 8 * (RECORD.size + pad4(nameBytes));
}
