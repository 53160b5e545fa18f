import type { LogErrorName } from "../../../protocol/errors.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { TAG } from "../journal-format.ts";

/*
 * The room log: what many rooms were fed, one series of files for each life of a worker. docs/journal.md
 * has it byte by byte; blocks and the records of ticks are those of a journal (../journal-format.ts).
 *
 *     w<worker>-<incarnation>-<n>.hsl     n = 1, 2, … : the segments of one series
 *
 *     file     "HSL1" | u16 major | u16 minor | blocks
 *     segment  varint worker | text incarnation | varint n | varint rooms | each: varint key | text id | varint epoch | varint seq
 *     for      varint key | varint seq: the records up to the next one are this room's
 *     open     text id | varint epoch | text game | rules | u32 seed | varint first tick | varint next tick
 *              | varint seat changes | varint settings' bytes | settings | varint seats | each: a seat
 *     seat     varint number | u8 flags | text name | text user | 32 hash of the token | u64 held until, ms since 1970
 *     image    varint tick | varint number | u8 kind | varint number of the image that it changes | varint seat changes
 *              | varint globals | each: u8 kind, 8 value | varint memory | u8 packing | varint bytes | packed runs
 *     swap     rules | an image of the first kind
 *     close    varint tick | text why
 *     effect   text JSON of an effect (server/room/effect.ts): what the tick before said to the world outside
 *     tick, repeat, patch, abort, hash, skip: as in a journal
 *
 *     rules    32 hash of the sealed module | 32 hash of the module as it was built, which is its file's name
 *     runs     varint bytes kept | varint n | n new bytes, over the memory of the image before, or over zeros
 *
 * Nothing is ever changed in a file. A room's first record in each segment is `open`, all of what is
 * known of it, with requests behind it that wait for an answer, and its first image there stands on its own: so older segments can go one day. `seq`
 * counts a room's `for` records: a reader that finds the next one where it should be has missed nothing.
 */
export const LOG_MAGIC = 0x314c5348;
export const LOG_MAJOR = 1;
export const LOG_MINOR = 1;

export const LOG_TAG = {
	segment: 1,
	image: TAG.image,
	tick: TAG.tick,
	repeat: TAG.repeat,
	abort: TAG.abort,
	hash: TAG.hash,
	swap: TAG.swap,
	close: 8,
	skip: TAG.skip,
	patch: TAG.patch,
	for: 11,
	open: 12,
	seat: 13,
	effect: 14,
} as const;

export const SEAT_FLAG = { gone: 1, hasUser: 2, held: 4 } as const;
export const IMAGE_KIND = { whole: 0, changes: 1 } as const;
export const PACKING = { plain: 0, deflated: 1 } as const;
export const HASH_BYTES = 32;

/** Which rules a room plays by. */
export interface LoggedRules {
	/** SHA-256 of the sealed module, hex. */
	readonly moduleHash: string;
	/** SHA-256 of the module as it was built, hex: the name of its file (`ModuleFiles`). */
	readonly rawHash: string;
}

/** What is known of a room from its beginning. */
export interface LoggedAbout extends LoggedRules {
	readonly id: string;
	/** Grows with every owner that the room has: of two records of a room the one with the higher epoch counts. */
	readonly epoch: number;
	readonly game: string;
	readonly seed: number;
	/** Number of the tick with which this epoch began; at 0 the room is as `hs_init` left it. */
	readonly firstTick: number;
	/** What the owner wants to find again; the log does not look into it. */
	readonly settings: Uint8Array;
}

/** A seat that is taken. */
export interface LoggedSeat {
	readonly number: number;
	readonly name: string;
	/** Who it is where players are known, else null. */
	readonly user: string | null;
	/** SHA-256 of the token that gives the seat back, hex. */
	readonly tokenHash: string;
	/** Until when the seat waits for its player, ms since 1970; null while the player is here. */
	readonly heldUntilMs: number | null;
}

/** The name of a segment's file. */
export interface SegmentName {
	readonly worker: number;
	/** Tells one life of the worker from another: letters and digits. */
	readonly incarnation: string;
	readonly n: number;
}

export function segmentFile({ worker, incarnation, n }: SegmentName): string {
	return `w${worker}-${incarnation}-${n}.hsl`;
}

/** Null for a file that is no segment of a log. */
export function parseSegmentFile(file: string): SegmentName | null {
	const match = /^w(\d{1,6})-([0-9A-Za-z]{1,32})-(\d{1,9})\.hsl$/.exec(file);
	if (!match) return null;
	const [, worker, incarnation = "", n] = match;
	const name = { worker: Number(worker), incarnation, n: Number(n) };
	return segmentFile(name) === file ? name : null;
}

/** Which series a segment belongs to. */
export function seriesOf({ worker, incarnation }: SegmentName): string {
	return `w${worker}-${incarnation}`;
}

/** What is wrong with a log, in which file and at which byte of it (-1: nowhere in particular). */
export interface LogProblem extends Refusal<LogErrorName> {
	readonly file: string;
	readonly offset: number;
}

export function logProblem(
	error: LogErrorName,
	what: string,
	file: string,
	offset = -1,
): LogProblem {
	const place = offset < 0 ? file : `${file}, byte ${offset}`;
	return { error, detail: `${what} (${place})`, file, offset };
}
