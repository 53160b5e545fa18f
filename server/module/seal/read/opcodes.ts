/** What follows an opcode. Control instructions have kinds of their own: the scanner treats each. */
export const IMMEDIATE = {
	unknown: 0,
	none: 1,
	/** One LEB128 of up to 32 or 64 bits. */
	i32: 2,
	i64: 3,
	bytes4: 4,
	bytes8: 5,
	bytes16: 6,
	/** A lane number. */
	lane: 7,
	/** Alignment and offset; `memoryLane` has a lane number after them. */
	memory: 8,
	memoryLane: 9,
	memorySize: 10,
	local: 11,
	global: 12,
	functionIndex: 13,
	table: 14,
	referenceType: 15,
	control: 16,
	/** Known, but not allowed. */
	feature: 17,
	hiddenState: 18,
	/** Those whose work depends on an operand. */
	memoryGrow: 19,
	memoryFill: 20,
	memoryCopy: 21,
	memoryInit: 22,
} as const;

/** Facts of the opcodes of one space, by opcode: how to step over each and what it does. */
export interface OpcodeTable {
	readonly immediate: Uint8Array;
	/** Operands taken from and put on the stack, where the opcode alone tells. */
	readonly pops: Uint8Array;
	readonly pushes: Uint8Array;
}

type Row = readonly [from: number, to: number, immediate: number, pops: number, pushes: number];

function opcodeTable(rows: readonly Row[]): OpcodeTable {
	const table = {
		immediate: new Uint8Array(256),
		pops: new Uint8Array(256),
		pushes: new Uint8Array(256),
	};
	for (const [from, to, immediate, pops, pushes] of rows) {
		table.immediate.fill(immediate, from, to + 1);
		table.pops.fill(pops, from, to + 1);
		table.pushes.fill(pushes, from, to + 1);
	}
	return table;
}

const I = IMMEDIATE;

/** One-byte opcodes. */
export const PLAIN = opcodeTable([
	[0x00, 0x00, I.control, 0, 0], // unreachable
	[0x01, 0x01, I.none, 0, 0], // nop
	[0x02, 0x05, I.control, 0, 0], // block loop if else
	[0x06, 0x0a, I.feature, 0, 0],
	[0x0b, 0x11, I.control, 0, 0], // end br br_if br_table return call call_indirect
	[0x12, 0x15, I.feature, 0, 0],
	[0x18, 0x19, I.feature, 0, 0],
	[0x1a, 0x1a, I.none, 1, 0], // drop
	[0x1b, 0x1b, I.none, 3, 1], // select
	[0x1c, 0x1c, I.control, 3, 1], // select with a type
	[0x1f, 0x1f, I.feature, 0, 0],
	[0x20, 0x20, I.local, 0, 1],
	[0x21, 0x21, I.local, 1, 0],
	[0x22, 0x22, I.local, 1, 1],
	[0x23, 0x23, I.global, 0, 1],
	[0x24, 0x24, I.global, 1, 0],
	[0x25, 0x25, I.table, 1, 1], // table.get
	[0x26, 0x26, I.hiddenState, 0, 0], // table.set
	[0x28, 0x35, I.memory, 1, 1], // loads
	[0x36, 0x3e, I.memory, 2, 0], // stores
	[0x3f, 0x3f, I.memorySize, 0, 1], // memory.size
	[0x40, 0x40, I.memoryGrow, 1, 1], // memory.grow
	[0x41, 0x41, I.i32, 0, 1],
	[0x42, 0x42, I.i64, 0, 1],
	[0x43, 0x43, I.bytes4, 0, 1],
	[0x44, 0x44, I.bytes8, 0, 1],
	[0x45, 0x45, I.none, 1, 1], // i32.eqz
	[0x46, 0x4f, I.none, 2, 1],
	[0x50, 0x50, I.none, 1, 1], // i64.eqz
	[0x51, 0x66, I.none, 2, 1], // comparisons
	[0x67, 0x69, I.none, 1, 1], // clz ctz popcnt
	[0x6a, 0x78, I.none, 2, 1],
	[0x79, 0x7b, I.none, 1, 1],
	[0x7c, 0x8a, I.none, 2, 1],
	[0x8b, 0x91, I.none, 1, 1], // f32 abs … sqrt
	[0x92, 0x98, I.none, 2, 1],
	[0x99, 0x9f, I.none, 1, 1],
	[0xa0, 0xa6, I.none, 2, 1],
	[0xa7, 0xc4, I.none, 1, 1], // conversions, sign extension
	[0xd0, 0xd0, I.referenceType, 0, 1], // ref.null
	[0xd1, 0xd1, I.none, 1, 1], // ref.is_null
	[0xd2, 0xd2, I.functionIndex, 0, 1], // ref.func
	[0xd3, 0xd6, I.feature, 0, 0],
	[0xfb, 0xfb, I.feature, 0, 0],
	[0xfc, 0xfd, I.control, 0, 0], // the two spaces below
	[0xfe, 0xfe, I.feature, 0, 0],
]);

/** After 0xfc: saturating conversions, bulk memory, tables. */
export const PREFIX_FC = opcodeTable([
	[0, 7, I.none, 1, 1],
	[8, 8, I.memoryInit, 3, 0], // memory.init
	[9, 9, I.hiddenState, 0, 0], // data.drop
	[10, 10, I.memoryCopy, 3, 0], // memory.copy
	[11, 11, I.memoryFill, 3, 0], // memory.fill
	[12, 15, I.hiddenState, 0, 0], // table.init elem.drop table.copy table.grow
	[16, 16, I.table, 0, 1], // table.size
	[17, 17, I.hiddenState, 0, 0], // table.fill
	[18, 22, I.feature, 0, 0],
]);

/** After 0xfd: fixed-width SIMD. Numbers without a row are not assigned. */
export const PREFIX_FD = opcodeTable([
	[0x00, 0x0a, I.memory, 1, 1], // loads
	[0x0b, 0x0b, I.memory, 2, 0], // v128.store
	[0x0c, 0x0c, I.bytes16, 0, 1], // v128.const
	[0x0d, 0x0d, I.bytes16, 2, 1], // shuffle
	[0x0e, 0x0e, I.none, 2, 1], // swizzle
	[0x0f, 0x14, I.none, 1, 1], // splats
	[0x15, 0x22, I.lane, 1, 1], // extract_lane; replace_lane below
	[0x17, 0x17, I.lane, 2, 1],
	[0x1a, 0x1a, I.lane, 2, 1],
	[0x1c, 0x1c, I.lane, 2, 1],
	[0x1e, 0x1e, I.lane, 2, 1],
	[0x20, 0x20, I.lane, 2, 1],
	[0x22, 0x22, I.lane, 2, 1],
	[0x23, 0x4c, I.none, 2, 1], // comparisons
	[0x4d, 0x4d, I.none, 1, 1], // v128.not
	[0x4e, 0x51, I.none, 2, 1], // and andnot or xor
	[0x52, 0x52, I.none, 3, 1], // bitselect
	[0x53, 0x53, I.none, 1, 1], // any_true
	[0x54, 0x57, I.memoryLane, 2, 1], // load_lane
	[0x58, 0x5b, I.memoryLane, 2, 0], // store_lane
	[0x5c, 0x5d, I.memory, 1, 1], // load_zero
	[0x5e, 0x5f, I.none, 1, 1], // demote promote
	// i8x16, and the roundings that found room there
	[0x60, 0x64, I.none, 1, 1],
	[0x65, 0x66, I.none, 2, 1],
	[0x67, 0x6a, I.none, 1, 1],
	[0x6b, 0x73, I.none, 2, 1],
	[0x74, 0x75, I.none, 1, 1],
	[0x76, 0x79, I.none, 2, 1],
	[0x7a, 0x7a, I.none, 1, 1],
	[0x7b, 0x7b, I.none, 2, 1],
	[0x7c, 0x81, I.none, 1, 1],
	// i16x8
	[0x82, 0x82, I.none, 2, 1],
	[0x83, 0x84, I.none, 1, 1],
	[0x85, 0x86, I.none, 2, 1],
	[0x87, 0x8a, I.none, 1, 1],
	[0x8b, 0x93, I.none, 2, 1],
	[0x94, 0x94, I.none, 1, 1],
	[0x95, 0x99, I.none, 2, 1],
	[0x9b, 0x9f, I.none, 2, 1],
	// i32x4
	[0xa0, 0xa1, I.none, 1, 1],
	[0xa3, 0xa4, I.none, 1, 1],
	[0xa7, 0xaa, I.none, 1, 1],
	[0xab, 0xae, I.none, 2, 1],
	[0xb1, 0xb1, I.none, 2, 1],
	[0xb5, 0xba, I.none, 2, 1],
	[0xbc, 0xbf, I.none, 2, 1],
	// i64x2
	[0xc0, 0xc1, I.none, 1, 1],
	[0xc3, 0xc4, I.none, 1, 1],
	[0xc7, 0xca, I.none, 1, 1],
	[0xcb, 0xce, I.none, 2, 1],
	[0xd1, 0xd1, I.none, 2, 1],
	[0xd5, 0xdf, I.none, 2, 1],
	// f32x4 and f64x2
	[0xe0, 0xe1, I.none, 1, 1],
	[0xe3, 0xe3, I.none, 1, 1],
	[0xe4, 0xeb, I.none, 2, 1],
	[0xec, 0xed, I.none, 1, 1],
	[0xef, 0xef, I.none, 1, 1],
	[0xf0, 0xf7, I.none, 2, 1],
	[0xf8, 0xff, I.none, 1, 1],
]);

/** The proposal that a refused opcode belongs to; null for an unassigned number. */
export function featureOf(prefix: number, opcode: number): string | null {
	if (prefix === 0xfe) return "threads (atomics)";
	if (prefix === 0xfb) return "garbage collection";
	if (prefix === 0xfc)
		return opcode === 18 ? "memory control" : opcode <= 22 ? "wide arithmetic" : null;
	if (prefix === 0xfd) return opcode >= 0x100 && opcode <= 0x12f ? "relaxed SIMD" : null;
	if (opcode === 0x12 || opcode === 0x13) return "tail calls";
	if (opcode === 0x14 || opcode === 0x15 || (opcode >= 0xd4 && opcode <= 0xd6)) {
		return "typed function references";
	}
	if (opcode === 0xd3) return "garbage collection";
	return "exception handling";
}
