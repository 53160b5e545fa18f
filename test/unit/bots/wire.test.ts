import { describe, expect, it } from "vitest";
import { FrameReader, OPCODE } from "../../../bots/wire/frame-reader.ts";
import { MOST_HEAD_BYTES, putClientFrame } from "../../../bots/wire/frame-writer.ts";
import { putInput, readSnapshotHead, typeOf } from "../../../bots/wire/messages.ts";
import { decodeClientMessage } from "../../../protocol/messages/client-message.ts";
import {
	encodePong,
	encodeRoster,
	SERVER_MESSAGE,
} from "../../../protocol/messages/server-message.ts";
import { putSnapshotPrefix } from "../../../protocol/messages/snapshot-parts.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

type Taken = [opcode: number, payload: number[]];

/** Feeds bytes in pieces of the given sizes, over and over. */
function feed(
	bytes: Uint8Array,
	sizes: readonly number[],
): { taken: Taken[]; problem: string | null } {
	const taken: Taken[] = [];
	const reader = new FrameReader((opcode, payload) => taken.push([opcode, [...payload]]));
	let problem: string | null = null;
	for (let at = 0, i = 0; at < bytes.length && problem === null; i++) {
		const size = sizes[i % sizes.length];
		// lent bytes: what is kept must be a copy
		const lent = bytes.slice(at, at + size);
		problem = reader.read(lent);
		lent.fill(0xff);
		at += size;
	}
	return { taken, problem };
}

function serverFrame(first: number, length: number, fill: number): number[] {
	const payload = Array<number>(length).fill(fill);
	if (length < 126) return [first, length, ...payload];
	if (length < 65_536) return [first, 126, length >> 8, length & 255, ...payload];
	return [first, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255, ...payload];
}

describe("the bots' frames", () => {
	const stream = Uint8Array.from([
		...serverFrame(0x82, 3, 1),
		...serverFrame(0x89, 0, 0),
		...serverFrame(0x82, 300, 2),
		...serverFrame(0x02, 5, 3),
		...serverFrame(0x89, 2, 9),
		...serverFrame(0x80, 130, 3),
		...serverFrame(0x82, 70_000, 4),
		...serverFrame(0x88, 2, 3),
	]);
	const expected = [
		[OPCODE.binary, 3],
		[OPCODE.ping, 0],
		[OPCODE.binary, 300],
		[OPCODE.ping, 2],
		[OPCODE.binary, 135],
		[OPCODE.binary, 70_000],
		[OPCODE.close, 2],
	];

	it.each([[[stream.length]], [[1]], [[7, 1, 300, 2]], [[65_536]]])(
		"come out whole from pieces of %j bytes",
		(sizes) => {
			const { taken, problem } = feed(stream, sizes);
			expect(problem).toBeNull();
			expect(taken.map(([opcode, payload]) => [opcode, payload.length])).toEqual(expected);
			const fills = taken.map(([, payload]) => [...new Set(payload)]);
			expect(fills).toEqual([[1], [], [2], [9], [3], [4], [3]]);
		},
	);

	it("are refused when masked, compressed or far too long", () => {
		expect(feed(Uint8Array.of(0x82, 0x81, 0, 0, 0, 0, 0), [9]).problem).toBe("a masked frame");
		expect(feed(Uint8Array.of(0xc2, 1, 0), [9]).problem).toContain("extension");
		const long = Uint8Array.of(0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0);
		expect(feed(long, [16]).problem).toContain("4294967296 bytes");
	});

	it.each([0, 5, 125, 126, 4_000])("of %i bytes are masked as a server unmasks them", (length) => {
		const bytes = new Uint8Array(MOST_HEAD_BYTES + length);
		const random = new SeededRandom(length).next;
		for (let i = 0; i < length; i++) bytes[MOST_HEAD_BYTES + i] = random() * 256;
		const payload = bytes.slice(MOST_HEAD_BYTES);
		const start = putClientFrame(bytes, OPCODE.binary, length, 0xdeadbeef);
		expect(bytes[start]).toBe(0x82);
		expect(bytes[start + 1]).toBe(0x80 | (length < 126 ? length : 126));
		if (length >= 126) expect((bytes[2] << 8) | bytes[3]).toBe(length);
		const mask = bytes.subarray(MOST_HEAD_BYTES - 4, MOST_HEAD_BYTES);
		const unmasked = bytes.slice(MOST_HEAD_BYTES).map((byte, i) => byte ^ mask[i & 3]);
		expect(unmasked).toEqual(payload);
	});
});

describe("the bots' messages", () => {
	it("know a roster of many, whose array has the longer head", () => {
		const changes = Array.from({ length: 9 }, (_, player) => ({ player, name: `p${player}` }));
		expect(typeOf(encodeRoster(changes.slice(0, 1)))).toBe(SERVER_MESSAGE.roster);
		expect(typeOf(encodeRoster(changes))).toBe(SERVER_MESSAGE.roster);
	});

	it.each([0, 127, 128, 255, 256, 65_535, 65_536, 0xffffffff])("hold the tick %i", (tick) => {
		const out = new Uint8Array(600);
		const end = putInput(out, 8, tick, tick, Uint8Array.of(1, 2, 3), 5);
		expect(decodeClientMessage(out.slice(8, end))).toEqual({
			type: "input",
			ackTick: tick,
			tick,
			inputs: Uint8Array.from(Array(5).fill([1, 2, 3]).flat()),
			viewAge: 0,
		});
		const bytes = new Uint8Array(32);
		const head = { tick: 0, inputTick: 0, slack: 0 };
		for (const slack of [-128, -1, 0, 127]) {
			putSnapshotPrefix(bytes, 0, tick, tick, slack, 1);
			expect(readSnapshotHead(bytes, head)).toBe(true);
			expect(head).toEqual({ tick, inputTick: tick, slack });
		}
	});

	it("are told apart by their type", () => {
		const head = { tick: 0, inputTick: 0, slack: 0 };
		const pong = encodePong(1, 2);
		expect(typeOf(pong)).toBe(SERVER_MESSAGE.pong);
		expect(readSnapshotHead(pong, head)).toBe(false);
		expect(readSnapshotHead(Uint8Array.of(0x96, 2, 0xc0), head)).toBe(false);
		expect(typeOf(Uint8Array.of(0x01))).toBe(-1);
	});
});
