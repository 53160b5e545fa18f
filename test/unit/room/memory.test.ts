import { describe, expect, it } from "vitest";
import { bufferBytes } from "../../../bench/buffer-bytes.ts";
import { fillBuffer, wideTable } from "../../../bench/memory.ts";
import { SnapshotBuffer } from "../../../client/view/snapshot-buffer.ts";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import { LIMITS } from "../../../protocol/limits.ts";

const FRAMES = 32;

function start(capacity: number, columns: number) {
	const table = wideTable(capacity, columns);
	const decoder = new ChunkDecoder([table]);
	const buffer = new SnapshotBuffer([table], decoder.tables);
	const bytesWith = (used: number): number => {
		fillBuffer(buffer, decoder, used);
		return bufferBytes(buffer) - bufferBytes(decoder.tables);
	};
	return { buffer, bytesWith };
}

describe("the snapshots that a client keeps", () => {
	it.each([
		[64, 4],
		[4_096, 16],
		[LIMITS.rows, LIMITS.columns],
	])("of a table of %i rows and %i columns take memory for the rows in use", (rows, columns) => {
		const { bytesWith } = start(rows, columns);
		const rowBytes = 3 + 8 * columns;
		for (const used of [0, 3, 20, 50]) {
			expect(bytesWith(used)).toBeLessThanOrEqual(FRAMES * rowBytes * Math.max(16, 2 * used));
		}
	});

	it("give back what a fuller moment took, and all of it when they are forgotten", () => {
		const { buffer, bytesWith } = start(4_096, 8);
		const few = bytesWith(10);
		expect(bytesWith(4_096)).toBeGreaterThan(100 * few);
		expect(bytesWith(10)).toBe(few);
		buffer.clear();
		expect(buffer.newest).toBeNull();
		expect(bufferBytes(buffer)).toBeLessThan(bytesWith(10) + bufferBytes(start(4_096, 8).buffer));
	});
});
