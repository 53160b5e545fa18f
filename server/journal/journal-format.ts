import type { Image } from "../../protocol/abi/image.ts";
import type { JournalErrorName } from "../../protocol/errors.ts";
import type { Refusal } from "../../protocol/refusal.ts";

/*
 * A journal file: how a room began, what it was fed, and what became of it.
 *
 *     file    "HSJ1" | u16 major | u16 minor | blocks
 *     block   u32 bytes | u32 crc32 of the payload | u32 crc32 of these 8 bytes | payload
 *     record  u8 tag | varint bytes | body        (a payload holds whole records)
 *
 *     header  text name | varint version | varint tick rate | u32 seed | u8 start | varint tick | rules
 *     image   varint tick | varint globals | each: u8 kind, 8 value | varint bytes | deflated memory
 *     tick    inbox
 *     repeat  the tag alone: the inbox of the tick before again
 *     patch   the inbox of the tick before with changes | each: varint bytes kept, varint n, n new bytes
 *     abort   varint tick | inbox
 *     skip    varint tick: those before it came to nothing
 *     hash    varint tick | 8 state hash
 *     swap    varint tick | 32 hash of the rules before | rules; an image follows
 *     end     varint tick
 *     time    varint tick | u64 ms since 1970: when that tick was computed (since 1.1)
 *
 *     rules   32 hash of the sealed module | 8 schema hash | varint fuel per tick | varint bytes | deflated raw module
 *     text    varint bytes | UTF-8
 *
 * Numbers are little-endian, varints LEB128 of 32 bits. The tick of an image, a hash, a swap or an end
 * is the one computed next: their state is the one *before* it. Ticks themselves carry no number, they
 * follow one another unless a skip says so. After an image the inbox is written out, so that reading can begin there. The
 * two checksums of a block tell a file that was cut off from one that was damaged.
 *
 * Records with a tag from 64 on only tell something: a reader that does not know one skips it by its
 * length. Readers of 1.0 refuse them (ERR_JOURNAL_RECORD).
 */
export const JOURNAL_MAGIC = 0x314a5348;
export const JOURNAL_MAJOR = 1;
export const JOURNAL_MINOR = 1;

export const TAG = {
	header: 1,
	image: 2,
	tick: 3,
	repeat: 4,
	abort: 5,
	hash: 6,
	swap: 7,
	end: 8,
	skip: 9,
	patch: 10,
	time: 64,
} as const;

/** Records with this tag and higher ones do not change what a replay does. */
export const FIRST_TOLD_TAG = 64;

/** How a recorded room began: with `hs_init`, or from the image that follows the header. */
export const START = { init: 0, image: 1 } as const;
export const GLOBAL_KIND = { number: 0, bigint: 1 } as const;

export const MODULE_HASH_BYTES = 32;
export const SHORT_HASH_BYTES = 8;

/** What is wrong with a journal, and at which byte of the file (-1: nowhere in particular). */
export interface JournalProblem extends Refusal<JournalErrorName> {
	readonly offset: number;
}

export function problem(error: JournalErrorName, detail: string, offset = -1): JournalProblem {
	return { error, detail: offset < 0 ? detail : `${detail} (at byte ${offset})`, offset };
}

/** A module as the journal holds it: raw, to be sealed again by whoever runs it. */
export interface PackedRules {
	/** SHA-256 of the sealed bytes that ran, hex. */
	readonly moduleHash: string;
	/** See `schemaHash`. */
	readonly schemaHash: string;
	readonly fuelPerTick: number;
	/** Bytes when unpacked. */
	readonly length: number;
	readonly packed: Uint8Array;
}

/** An image as the journal holds it. */
export interface PackedImage {
	readonly globals: Image["globals"];
	/** Bytes when unpacked. */
	readonly length: number;
	readonly packed: Uint8Array;
}

export interface JournalHeader {
	readonly game: string;
	readonly version: number;
	readonly tickRate: number;
	readonly seed: number;
	readonly start: keyof typeof START;
	/** Number of the first tick. */
	readonly firstTick: number;
	readonly rules: PackedRules;
}

export type JournalRecord =
	| { readonly type: "tick"; readonly tick: number; readonly inbox: Uint8Array }
	| { readonly type: "abort"; readonly tick: number; readonly inbox: Uint8Array }
	| { readonly type: "hash"; readonly tick: number; readonly hash: string }
	| { readonly type: "time"; readonly tick: number; readonly timeMs: number }
	| {
			readonly type: "image";
			readonly tick: number;
			readonly image: PackedImage;
			/** Where its block begins: reading may begin there. */
			readonly offset: number;
	  }
	| {
			readonly type: "swap";
			readonly tick: number;
			readonly previousHash: string;
			readonly rules: PackedRules;
	  }
	/** `cut` is where the file breaks off, -1 when it was ended properly. */
	| { readonly type: "end"; readonly tick: number; readonly cut: number };
