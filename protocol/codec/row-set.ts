import type { ByteReader } from "./byte-reader.ts";
import { type ByteWriter, varintBytes } from "./byte-writer.ts";

/*
 * A set of row numbers, ascending, in whichever form is shorter:
 *
 *     0 | count varint | first varint | gap-1 varint …      a list of gaps
 *     1 | first byte varint | bytes varint | bitmask         row = 8·byte + bit, lowest bit first
 *     2                                                      every row that the reader expects
 */
const GAPS = 0;
const MASK = 1;
const ALL = 2;

/** Most bytes that a set of `n` rows of a table of `capacity` can take. */
export function maxRowSetBytes(n: number, capacity: number): number {
	return 16 + Math.min(n * 5, (capacity >> 3) + 1);
}

/** Writes `rows[0..n)`; `isAll` says that they are all the rows a reader would expect. */
export function writeRowSet(out: ByteWriter, rows: Int32Array, n: number, isAll = false): void {
	if (isAll) {
		out.u8(ALL);
		return;
	}
	let gapBytes = 0;
	let previous = -1;
	for (let i = 0; i < n; i++) {
		gapBytes += varintBytes(rows[i] - previous - 1);
		previous = rows[i];
	}
	const firstByte = n === 0 ? 0 : rows[0] >> 3;
	const maskBytes = n === 0 ? 0 : (previous >> 3) - firstByte + 1;
	if (gapBytes <= maskBytes + 1) {
		out.u8(GAPS);
		out.varint(n);
		previous = -1;
		for (let i = 0; i < n; i++) {
			out.varint(rows[i] - previous - 1);
			previous = rows[i];
		}
		return;
	}
	out.u8(MASK);
	out.varint(firstByte);
	out.varint(maskBytes);
	const { bytes, length } = out;
	bytes.fill(0, length, length + maskBytes);
	for (let i = 0; i < n; i++) {
		const row = rows[i];
		const at = length + (row >> 3) - firstByte;
		bytes[at] = bytes[at] | (1 << (row & 7));
	}
	out.length = length + maskBytes;
}

/** Whether the set that comes next stands for every row that the reader expects. */
export function isEveryRow(from: ByteReader): boolean {
	return from.bytes[from.at] === ALL;
}

/**
 * Reads a set into `rows` and returns how many, or -1 if it is malformed or names a row at or above
 * `capacity`. `expected[0..expectedCount)` stands for "all".
 */
export function readRowSet(
	from: ByteReader,
	rows: Int32Array,
	capacity: number,
	expected: Int32Array,
	expectedCount: number,
): number {
	const form = from.u8();
	if (form === ALL) {
		rows.set(expected.subarray(0, expectedCount));
		return expectedCount;
	}
	if (form === GAPS) {
		const n = from.varint();
		if (n > capacity) return -1;
		let row = -1;
		for (let i = 0; i < n; i++) {
			row += from.varint() + 1;
			if (row >= capacity || from.failed) return -1;
			rows[i] = row;
		}
		return n;
	}
	if (form !== MASK) return -1;
	const firstByte = from.varint();
	const maskBytes = from.varint();
	if (firstByte > capacity || maskBytes > capacity || from.failed) return -1;
	let n = 0;
	for (let i = 0; i < maskBytes; i++) {
		const mask = from.u8();
		for (let bit = 0; bit < 8; bit++) {
			if ((mask & (1 << bit)) === 0) continue;
			const row = (firstByte + i) * 8 + bit;
			if (row >= capacity) return -1;
			rows[n++] = row;
		}
	}
	return from.failed ? -1 : n;
}
