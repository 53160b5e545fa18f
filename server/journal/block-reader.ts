import { crc32 } from "node:zlib";
import {
	BLOCK_HEAD_BYTES,
	FILE_HEAD_BYTES,
	JOURNAL_MAGIC,
	JOURNAL_MAJOR,
	type JournalProblem,
	problem,
} from "./journal-format.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import type { JournalSource } from "./journal-source.ts";

export interface Block {
	/** Where it begins in the file. */
	readonly offset: number;
	/** Where the next one begins. */
	readonly next: number;
	/** Whole records. */
	readonly payload: Uint8Array;
}

/** The file ends here: after a whole block, or (`isCut`) within one. */
interface FileEnd {
	readonly end: number;
	readonly isCut: boolean;
}

export function checkFileHead(source: JournalSource): JournalProblem | null {
	const head = source.read(0, FILE_HEAD_BYTES);
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	if (head.length >= 4 && view.getUint32(0, true) !== JOURNAL_MAGIC) {
		return problem("ERR_JOURNAL_MAGIC", "this is no journal", 0);
	}
	if (head.length < FILE_HEAD_BYTES) {
		return problem("ERR_JOURNAL_CUT", "the file ends before it begins", head.length);
	}
	const major = view.getUint16(4, true);
	if (major === JOURNAL_MAJOR) return null;
	return problem("ERR_JOURNAL_VERSION", `format ${major}, this build reads ${JOURNAL_MAJOR}`, 4);
}

/**
 * Reads the block at `offset` and verifies it. A file that ends within a block was cut off by a crash;
 * one with a wrong checksum is corrupt.
 */
export function readBlock(source: JournalSource, offset: number): Block | FileEnd | JournalProblem {
	if (offset === source.length) return { end: offset, isCut: false };
	const head = source.read(offset, BLOCK_HEAD_BYTES);
	if (head.length < BLOCK_HEAD_BYTES) return { end: offset, isCut: true };
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	if (view.getUint32(8, true) !== crc32(head.subarray(0, 8))) {
		return problem("ERR_JOURNAL_DAMAGED", "the head of a block fails its checksum", offset);
	}
	const length = view.getUint32(0, true);
	if (length > JOURNAL_LIMITS.blockBytes) {
		return problem("ERR_JOURNAL_LIMIT", `a block of ${length} bytes`, offset);
	}
	const from = offset + BLOCK_HEAD_BYTES;
	if (from + length > source.length) return { end: offset, isCut: true };
	const payload = source.read(from, length);
	if (payload.length < length) return { end: offset, isCut: true };
	if (view.getUint32(4, true) !== crc32(payload)) {
		return problem("ERR_JOURNAL_DAMAGED", "a block fails its checksum", offset);
	}
	return { offset, next: from + length, payload };
}
