import { LIMITS } from "../../../../protocol/limits.ts";
import { SAVED_REST } from "./saved-fields.ts";
import {
	bytes,
	globalValue,
	hex,
	listOf,
	real,
	record,
	text,
	uint,
	type WireField,
} from "./wire-field.ts";
import { WIRE_LIMITS } from "./wire-limits.ts";

type ValueOf<F> = F extends WireField<infer T> ? T : never;

/** What a hand-over needs before anything else; the image itself went ahead in chunks. */
export const PREPARE = record({
	room: text(LIMITS.clientStringBytes),
	/** SHA-256 of the module: sealed, and as it was built. */
	moduleHash: hex(32),
	rawHash: hex(32),
	/** Bytes of memory, and in how many chunks those came that are not 0. */
	length: uint(LIMITS.memoryBytes),
	chunks: uint(Math.ceil(LIMITS.memoryBytes / WIRE_LIMITS.pageBytes)),
	globals: listOf(globalValue, WIRE_LIMITS.globals),
});

/** A tick that was run. */
export const FOLLOW = record({ inbox: bytes(LIMITS.inboxBytes) });

/** What is left when the room stands still, and when that was. */
export const REST = record({
	saved: SAVED_REST,
	/** When its next tick was due, and when it stopped, ms since 1970 on the one clock of this machine. */
	dueAtMs: real,
	frozenAtMs: real,
});

/** A piece of the image of the room that `move` is about. */
export const CHUNK = record({
	move: uint(Number.MAX_SAFE_INTEGER),
	at: uint(LIMITS.memoryBytes),
	bytes: bytes(WIRE_LIMITS.chunkBytes, 1),
});

export type PrepareMaterial = ValueOf<typeof PREPARE>;
export type FollowMaterial = ValueOf<typeof FOLLOW>;
export type RestMaterial = ValueOf<typeof REST>;
export type ImageChunk = ValueOf<typeof CHUNK>;
