import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameTail } from "../../server/worker/socket-passing/frame-tail.ts";

interface Part {
	opcode: number;
	isLast: boolean;
	bytes: number;
}

function frame({ opcode, isLast, bytes }: Part): Buffer {
	const header =
		bytes < 126
			? Buffer.from([0, bytes])
			: bytes < 0x10000
				? Buffer.from([0, 126, bytes >> 8, bytes & 255])
				: Buffer.from([0, 127, 0, 0, 0, 0, 0, bytes >> 16, (bytes >> 8) & 255, bytes & 255]);
	header[0] = (isLast ? 0x80 : 0) | opcode;
	header[1] = (header[1] as number) | 0x80;
	return Buffer.concat([header, Buffer.alloc(4, 7), Buffer.alloc(bytes, bytes)]);
}

const size = fc.oneof(fc.nat(200), fc.constantFrom(0, 125, 126, 65_535, 65_536));
const control = fc.record({
	opcode: fc.constantFrom(8, 9, 10),
	isLast: fc.constant(true),
	bytes: fc.nat(125),
});
/** A message in one frame or more, with control frames between them. */
const message = fc
	.array(fc.record({ bytes: size, between: fc.array(control, { maxLength: 2 }) }), {
		minLength: 1,
		maxLength: 4,
	})
	.map((parts) =>
		parts.flatMap(({ bytes, between }, i): Part[] => [
			{ opcode: i === 0 ? 2 : 0, isLast: i === parts.length - 1, bytes },
			...between,
		]),
	);

/** What must be kept of a stream that was read up to `end`, by looking at all of it. */
function keptOf(parts: readonly Part[], end: number): Buffer {
	let kept: Buffer[] = [];
	let at = 0;
	for (const part of parts) {
		const bytes = frame(part);
		if (at + bytes.length > end) return Buffer.concat([...kept, bytes.subarray(0, end - at)]);
		at += bytes.length;
		if (part.opcode >= 8) continue;
		kept = part.isLast ? [] : [...kept, bytes];
	}
	return Buffer.concat(kept);
}

describe("the tail of a WebSocket's stream", () => {
	it("holds the bytes of the message that is not whole, however they arrived", () => {
		fc.assert(
			fc.property(
				fc.array(message, { minLength: 1, maxLength: 4 }),
				fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
				(messages, cuts) => {
					const parts = messages.flat();
					const stream = Buffer.concat(parts.map(frame));
					const ends = cuts.sort((a, b) => a - b).map((cut) => Math.floor(cut * stream.length));
					const tail = new FrameTail(1_000_000);
					let at = 0;
					for (const end of ends) {
						tail.take(stream.subarray(at, end));
						at = end;
						expect(tail.bytes?.equals(keptOf(parts, end))).toBe(true);
					}
				},
			),
		);
	});

	it("keeps nothing of a message that is longer than any may be", () => {
		const tail = new FrameTail(100);
		tail.take(frame({ opcode: 2, isLast: false, bytes: 80 }));
		expect(tail.bytes?.length).toBe(86);
		tail.take(frame({ opcode: 0, isLast: false, bytes: 80 }));
		expect(tail.bytes).toBe(null);
		tail.take(frame({ opcode: 0, isLast: true, bytes: 80 }));
		expect(tail.bytes).toBe(null);
	});

	it("does not wait for the length that a hostile header names", () => {
		const tail = new FrameTail(100);
		tail.take(Buffer.from([0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]));
		for (let i = 0; i < 50; i++) tail.take(Buffer.alloc(50));
		expect(tail.bytes).toBe(null);
	});
});
