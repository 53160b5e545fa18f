import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	BitPacker,
	BitUnpacker,
	BLOCK,
	maxBlockBytes,
	WIDTHS,
} from "../../protocol/codec/bit-blocks.ts";
import { ByteReader } from "../../protocol/codec/byte-reader.ts";
import { ByteWriter, varintBytes } from "../../protocol/codec/byte-writer.ts";
import { maxRowSetBytes, readRowSet, writeRowSet } from "../../protocol/codec/row-set.ts";
import { holds } from "../support/holds.ts";

/** Numbers of every magnitude, so that every width occurs. */
const numbers = fc
	.tuple(fc.integer({ min: 0, max: 32 }), fc.integer())
	.map(([bits, n]) => (bits === 0 ? 0 : n >> (32 - bits)));

describe("bit blocks", () => {
	it("come back as they went in, column after column, within the bytes asked for", () => {
		holds(
			fc.property(fc.array(fc.array(numbers, { maxLength: 70 }), { maxLength: 4 }), (columns) => {
				const most = columns.reduce((sum, column) => sum + maxBlockBytes(column.length), 0);
				const out = new ByteWriter(most);
				const packer = new BitPacker();
				for (const column of columns) packer.pack(out, Int32Array.from(column), column.length);
				packer.finish(out);
				expect(out.length).toBeLessThanOrEqual(most);
				const from = new ByteReader(out.bytes.subarray(0, out.length));
				const unpacker = new BitUnpacker();
				for (const column of columns) {
					const read = new Int32Array(column.length);
					unpacker.unpack(from, read, column.length);
					expect([...read]).toEqual(column);
				}
				unpacker.finish();
				expect([from.atEnd, from.failed]).toEqual([true, false]);
			}),
		);
	});

	it("take the least width of the table that holds a block's largest number", () => {
		holds(
			fc.property(fc.array(numbers, { minLength: 1, maxLength: BLOCK }), (block) => {
				const out = new ByteWriter(maxBlockBytes(BLOCK));
				const packer = new BitPacker();
				packer.pack(out, Int32Array.from(block), block.length);
				packer.finish(out);
				const largest = Math.max(...block.map((n) => (n < 0 ? -2 * n - 1 : 2 * n)));
				const width = WIDTHS.find((bits) => largest < 2 ** bits) ?? 32;
				expect(WIDTHS[out.bytes[0] & 15]).toBe(width);
				expect(out.length).toBe(Math.ceil((4 + width * block.length) / 8));
			}),
		);
	});

	it("say so, and give zeros, when the bytes end too early", () => {
		holds(
			fc.property(fc.array(numbers, { minLength: 1, maxLength: 40 }), fc.nat(), (column, cut) => {
				const out = new ByteWriter(maxBlockBytes(column.length));
				const packer = new BitPacker();
				packer.pack(out, Int32Array.from(column), column.length);
				packer.finish(out);
				const from = new ByteReader(out.bytes.subarray(0, cut % out.length));
				new BitUnpacker().unpack(from, new Int32Array(column.length), column.length);
				expect(from.failed).toBe(true);
			}),
		);
	});
});

describe("row sets", () => {
	const sets = fc.tuple(
		fc.constantFrom(1, 7, 8, 9, 64, 1000, 65_535),
		fc.array(fc.nat(), { maxLength: 400 }),
		fc.nat(),
	);

	it("come back as they went in, in whichever form is shorter, within the bytes asked for", () => {
		holds(
			fc.property(sets, ([capacity, picks, offset]) => {
				// close together or far apart: both forms occur
				const spread = offset % 2 === 0 ? capacity : Math.min(capacity, picks.length * 3 + 1);
				const start = offset % (capacity - spread + 1);
				const rows = [...new Set(picks.map((n) => start + (n % spread)))].sort((a, b) => a - b);
				const most = maxRowSetBytes(rows.length, capacity);
				const out = new ByteWriter(most);
				writeRowSet(out, Int32Array.from(rows), rows.length);
				expect(out.length).toBeLessThanOrEqual(most);
				const gaps = rows.map((row, i) => varintBytes(row - (rows[i - 1] ?? -1) - 1));
				const list = 1 + varintBytes(rows.length) + gaps.reduce((sum, n) => sum + n, 0);
				const first = (rows[0] ?? 0) >> 3;
				const bytes = rows.length === 0 ? 0 : ((rows.at(-1) as number) >> 3) - first + 1;
				const mask = 1 + varintBytes(first) + varintBytes(bytes) + bytes;
				// the lengths' own bytes are not weighed: they may make a choice 3 bytes worse
				expect(out.length).toBeLessThanOrEqual(Math.min(list, mask) + 3);
				const from = new ByteReader(out.bytes.subarray(0, out.length));
				const read = new Int32Array(capacity);
				const n = readRowSet(from, read, capacity, new Int32Array(0), 0);
				expect([...read.subarray(0, n)]).toEqual(rows);
				expect([from.atEnd, from.failed]).toEqual([true, false]);
			}),
		);
	});

	it("stand for all the rows that a reader expects in one byte", () => {
		const out = new ByteWriter(16);
		writeRowSet(out, Int32Array.of(1, 4, 6), 3, true);
		expect([...out.bytes.subarray(0, out.length)]).toEqual([2]);
		const read = new Int32Array(8);
		const from = new ByteReader(Uint8Array.of(2));
		expect(readRowSet(from, read, 8, Int32Array.of(1, 4, 6, 7), 3)).toBe(3);
		expect([...read.subarray(0, 3)]).toEqual([1, 4, 6]);
	});

	it("are refused, or ascend below the table's capacity, whatever the bytes", () => {
		holds(
			fc.property(
				fc.constantFrom(1, 9, 300, 65_535),
				fc.uint8Array({ maxLength: 60 }),
				fc.nat(3),
				(capacity, data, form) => {
					const from = new ByteReader(Uint8Array.of(form, ...data));
					const rows = new Int32Array(capacity);
					const n = readRowSet(from, rows, capacity, new Int32Array(0), 0);
					expect(n).toBeLessThanOrEqual(capacity);
					for (let i = 0; i < n; i++) {
						expect(rows[i]).toBeLessThan(capacity);
						if (i > 0) expect(rows[i]).toBeGreaterThan(rows[i - 1]);
					}
				},
			),
			1000,
		);
	});
});

describe("varints", () => {
	it("come back as they went in, in the bytes that were counted for them", () => {
		holds(
			fc.property(fc.array(numbers), (values) => {
				for (const value of values.map((n) => n >>> 0)) {
					const out = new ByteWriter(5);
					out.varint(value);
					expect(out.length).toBe(varintBytes(value));
					const from = new ByteReader(out.bytes.subarray(0, out.length));
					expect(from.varint()).toBe(value);
					expect([from.atEnd, from.failed]).toEqual([true, false]);
				}
			}),
		);
	});
});
