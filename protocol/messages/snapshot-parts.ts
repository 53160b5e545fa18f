import { SERVER_MESSAGE } from "./server-message.ts";

/*
 * A snapshot message is written in two pieces: a prefix of its own for each client, and chunks that
 * all of them share. Both are plain msgpack, so that the whole decodes with any library.
 *
 *     96 02 | tick | inputTick | slack | c0 | chunks
 *     chunks: 9n chunk chunk …, from 16 on dc nn nn chunk chunk …
 *     chunk: 94 | cell | kind | from | bin
 */

/** Maximum bytes of a prefix. */
export const MAX_PREFIX_BYTES = 18;
/** Maximum bytes before a chunk's data. */
export const MAX_CHUNK_HEADER_BYTES = 18;

function putUint(bytes: Uint8Array, at: number, value: number): number {
	if (value < 0x80) {
		bytes[at] = value;
		return at + 1;
	}
	if (value < 0x10000) {
		bytes[at] = 0xcd;
		bytes[at + 1] = value >>> 8;
		bytes[at + 2] = value;
		return at + 3;
	}
	bytes[at] = 0xce;
	bytes[at + 1] = value >>> 24;
	bytes[at + 2] = value >>> 16;
	bytes[at + 3] = value >>> 8;
	bytes[at + 4] = value;
	return at + 5;
}

/** Writes a snapshot's prefix at `at`; `chunks` at most 65,535. Returns where it ends. */
export function putSnapshotPrefix(
	bytes: Uint8Array,
	at: number,
	tick: number,
	inputTick: number,
	slack: number,
	chunks: number,
): number {
	bytes[at] = 0x96;
	bytes[at + 1] = SERVER_MESSAGE.snapshot;
	let end = putUint(bytes, at + 2, tick);
	end = putUint(bytes, end, inputTick);
	bytes[end] = 0xd0;
	bytes[end + 1] = Math.max(-128, Math.min(127, slack));
	bytes[end + 2] = 0xc0;
	if (chunks < 16) {
		bytes[end + 3] = 0x90 | chunks;
		return end + 4;
	}
	bytes[end + 3] = 0xdc;
	bytes[end + 4] = chunks >>> 8;
	bytes[end + 5] = chunks;
	return end + 6;
}

/** Writes a chunk's header at `at`; its `dataBytes` of data follow. Returns where they begin. */
export function putChunkHeader(
	bytes: Uint8Array,
	at: number,
	cell: number,
	kind: number,
	from: number,
	dataBytes: number,
): number {
	bytes[at] = 0x94;
	let end = putUint(bytes, at + 1, cell);
	end = putUint(bytes, end, kind);
	end = putUint(bytes, end, from);
	if (dataBytes < 0x100) {
		bytes[end] = 0xc4;
		bytes[end + 1] = dataBytes;
		return end + 2;
	}
	if (dataBytes < 0x10000) {
		bytes[end] = 0xc5;
		bytes[end + 1] = dataBytes >>> 8;
		bytes[end + 2] = dataBytes;
		return end + 3;
	}
	bytes[end] = 0xc6;
	bytes[end + 1] = dataBytes >>> 24;
	bytes[end + 2] = dataBytes >>> 16;
	bytes[end + 3] = dataBytes >>> 8;
	bytes[end + 4] = dataBytes;
	return end + 5;
}
