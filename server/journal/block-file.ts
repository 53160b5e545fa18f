import { crc32 } from "node:zlib";
import type { JournalSource } from "./journal-source.ts";

/*
 * What journals and the room log have in common: a file of blocks, each with two checksums.
 *
 *     file    4 bytes magic | u16 major | u16 minor | blocks
 *     block   u32 bytes | u32 crc32 of the payload | u32 crc32 of these 8 bytes | payload
 */
export const FILE_HEAD_BYTES = 8;
export const BLOCK_HEAD_BYTES = 12;

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

/** A block that is not what was written. */
interface BlockDamage {
	readonly damage: "checksum" | "size";
	readonly detail: string;
	readonly offset: number;
	/** Where the next block begins; null when only the damaged head could tell. */
	readonly next: number | null;
}

/** The first bytes of a file. */
export function fileHead(magic: number, major: number, minor: number): Uint8Array {
	const bytes = new Uint8Array(FILE_HEAD_BYTES);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, magic, true);
	view.setUint16(4, major, true);
	view.setUint16(6, minor, true);
	return bytes;
}

/** What a file begins with; null when it ends before. */
export function readFileHead(source: JournalSource): { magic: number; major: number } | null {
	const head = source.read(0, FILE_HEAD_BYTES);
	if (head.length < FILE_HEAD_BYTES) return null;
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	return { magic: view.getUint32(0, true), major: view.getUint16(4, true) };
}

/** Writes what stands before a block's payload into the `BLOCK_HEAD_BYTES` at `at`. */
export function setBlockHead(to: Uint8Array, at: number, payload: Uint8Array): void {
	const view = new DataView(to.buffer, to.byteOffset + at, BLOCK_HEAD_BYTES);
	view.setUint32(0, payload.length, true);
	view.setUint32(4, crc32(payload), true);
	view.setUint32(8, crc32(to.subarray(at, at + 8)), true);
}

/** What stands before a block's payload. */
export function blockHead(payload: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(BLOCK_HEAD_BYTES);
	setBlockHead(bytes, 0, payload);
	return bytes;
}

/**
 * Reads the block at `offset` and verifies it. A file that ends within a block was cut off by a crash;
 * one with a wrong checksum is corrupt.
 */
export function readBlock(
	source: JournalSource,
	offset: number,
	mostBytes: number,
): Block | FileEnd | BlockDamage {
	if (offset === source.length) return { end: offset, isCut: false };
	const head = source.read(offset, BLOCK_HEAD_BYTES);
	if (head.length < BLOCK_HEAD_BYTES) return { end: offset, isCut: true };
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	const [length, sum] = [view.getUint32(0, true), view.getUint32(4, true)];
	if (view.getUint32(8, true) !== crc32(head.subarray(0, 8))) {
		const detail = "the head of a block fails its checksum";
		return { damage: "checksum", detail, offset, next: null };
	}
	if (length > mostBytes) {
		return { damage: "size", detail: `a block of ${length} bytes`, offset, next: null };
	}
	const from = offset + BLOCK_HEAD_BYTES;
	if (from + length > source.length) return { end: offset, isCut: true };
	const payload = source.read(from, length);
	if (payload.length < length) return { end: offset, isCut: true };
	if (sum !== crc32(payload)) {
		const detail = "a block fails its checksum";
		return { damage: "checksum", detail, offset, next: from + length };
	}
	return { offset, next: from + length, payload };
}
