import { describe, expect, it } from "vitest";
import { CUBE_TABLE, tableOfFrame } from "../../../bench/cubes/cube-table.ts";
import { fiedlerBits } from "../../../bench/cubes/fiedler-bits.ts";
import { COLUMNS, CUBES, loadTrace, packTrace, unpackTrace } from "../../../bench/cubes/trace.ts";
import { cubes } from "../../../bench/measurements/cubes.ts";
import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../../protocol/messages/server-message.ts";

function bytesOf(numbers: Int32Array): Uint8Array {
	return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

describe("the trace of 901 cubes", () => {
	const frames = loadTrace();

	it("has ten seconds of whole numbers within their bounds, and comes back from its packed form", () => {
		expect(frames.length).toBe(600);
		expect(CUBES * COLUMNS.length).toBe(frames[0]?.length);
		for (const frame of frames.filter((_, i) => i % 50 === 0)) {
			for (let cube = 0; cube < CUBES; cube++) {
				const at = cube * COLUMNS.length;
				const [largest = -1, a = -1, b = -1, c = -1] = frame.subarray(at, at + 4);
				expect([largest, a, b, c].every((n) => n >= 0)).toBe(true);
				expect([largest <= 3, Math.max(a, b, c) <= 511]).toEqual([true, true]);
			}
		}
		const few = frames.slice(100, 103);
		expect(unpackTrace(packTrace(few))).toEqual(few);
	});

	it.each([
		["blocks", false],
		["coded residuals", true],
	])("comes through %s without a loss, frame by frame", (_, coded) => {
		const encoder = new ChunkEncoder([CUBE_TABLE], { coded });
		const decoder = new ChunkDecoder([CUBE_TABLE]);
		let bytes = 0;
		frames.slice(0, 300).forEach((frame, tick) => {
			const table = tableOfFrame(frame);
			encoder.advance([table], tick);
			const out = new ByteWriter(1);
			encoder.writeDelta(out);
			bytes += tick === 0 ? 0 : out.length;
			decoder.begin();
			expect(decoder.apply(CHUNK.delta, out.bytes.slice(0, out.length))).toBeNull();
			table.values.forEach((column, c) => {
				const seen = decoder.tables[0]?.columns[c]?.value ?? new Int32Array();
				expect(Buffer.compare(bytesOf(seen), bytesOf(column))).toBe(0);
			});
		});
		expect(Math.round(bytes / 299)).toBe(coded ? 334 : 567);
	});

	it("costs the bit packing of the article about what the original is said to cost", () => {
		const bits = frames.slice(6).map((frame, i) => fiedlerBits(frame, frames[i]));
		const kbits = (bits.reduce((a, b) => a + b, 0) / bits.length) * 0.06;
		expect(kbits).toBeGreaterThan(280);
		expect(kbits).toBeLessThan(310);
		const [first] = frames as [Int32Array];
		expect(fiedlerBits(first, first)).toBe(10);
	});

	it("takes fewer kbit/s than the best published entry took for the original", async () => {
		const { value, goal, met, peers } = await cubes.run();
		expect([goal, met]).toEqual([135, true]);
		expect(value).toBeLessThan(peers[0]?.value as number);
	});
});
