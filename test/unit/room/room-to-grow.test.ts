import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { connect, type OpenTransport } from "../../../client/index.ts";
import { decodeClientMessage } from "../../../protocol/messages/client-message.ts";
import {
	decodeServerMessage,
	encodePong,
	encodeWelcome,
} from "../../../protocol/messages/server-message.ts";

const HELLO = [1, 2, "pond", null, "Ann", null, false] as const;

/** A hello whose text is these bytes where the name stands. */
function named(bytes: number[]): Uint8Array {
	const [head, tail] = [
		[0x97, 1, 2, 0xa4, 0x70, 0x6f, 0x6e, 0x64, 0xc0],
		[0xc0, 0xc2],
	];
	return Uint8Array.of(...head, 0xa0 | bytes.length, ...bytes, ...tail);
}

describe("messages of other versions", () => {
	it.each([
		["a map", [1, 3, { game: "pond" }]],
		["nested arrays", [1, 3, ["pond", [["deep", [1]]]]]],
		["many elements", [1, 3, ...Array.from({ length: 200 }, () => 0)]],
		["long text", [1, 3, "x".repeat(1000)]],
		["an extension type", [1, 3, new Date(0)]],
		["an older one", [1, 1, "pond"]],
		["a version of 64 bits", [1, 2n ** 40n]],
		["none", [1]],
		["a version that is no number", [1, "2", "pond"]],
	])("name the version of a hello with %s", (_, fields) => {
		const bytes = encode(fields, { useBigInt64: true });
		expect(decodeClientMessage(bytes)).toMatchObject({ error: "ERR_PROTOCOL_VERSION" });
	});

	it("name it though the rest is cut off, or no msgpack", () => {
		for (const rest of [[], [0xc1], [0xdd, 255, 255, 255, 255], [0xa9, 0x61]]) {
			const bytes = Uint8Array.of(0x97, 0xcd, 0, 1, 0xcb, 0x40, 8, 0, 0, 0, 0, 0, 0, ...rest);
			expect(decodeClientMessage(bytes)).toMatchObject({ error: "ERR_PROTOCOL_VERSION" });
		}
	});

	it("may have more elements than are known", () => {
		expect(decodeClientMessage(encode([...HELLO, null, 7]))).toMatchObject({ type: "hello" });
		expect(decodeClientMessage(encode([2, 1, 2, new Uint8Array(0), 0, "new"]))).toMatchObject({
			type: "input",
			tick: 2,
		});
		expect(decodeClientMessage(encode([3, 5, "new"]))).toEqual({ type: "ping", time: 5 });
		expect(decodeClientMessage(encode([4, 1]))).toEqual({ type: "leave" });
	});

	it("are ignored when their type is a later one, whatever is in them", () => {
		for (const code of [5, 64, 127]) {
			const bytes = encode([code, { any: [["thing"]] }]);
			expect(decodeClientMessage(bytes)).toEqual({ type: "unknown", code });
			if (code > 7) expect(decodeServerMessage(bytes)).toEqual({ type: "unknown", code });
		}
		for (const type of [0, 128, -1, 5.5, "input", null]) {
			const answer = decodeClientMessage(encode([type]));
			expect(answer).toMatchObject({ error: "ERR_UNKNOWN_MESSAGE" });
			expect(decodeServerMessage(encode([type]))).toBeNull();
		}
	});
});

describe("a client of today", () => {
	it("goes on with messages and kinds of chunk that it does not know", async () => {
		const column = {
			name: "hp",
			type: "u8",
			quantisation: { kind: "exact" },
			interpolation: "step",
			owner: false,
		} as const;
		const welcome = encodeWelcome({
			room: "r",
			player: 0,
			token: "t",
			tick: 3,
			tickRate: 60,
			snapshotRate: 20,
			moduleHash: "ab".repeat(32),
			schema: {
				game: "pond",
				version: 1,
				maxPlayers: 4,
				input: { size: 1, fields: [{ name: "a", type: "u8", offset: 0 }] },
				tables: [
					{
						name: "duck",
						capacity: 8,
						columns: [column],
						spatial: false,
						predicted: false,
						own: [],
					},
				],
				events: [],
			},
			roster: [],
		});
		let say: (message: Uint8Array) => void = () => {};
		let hellos = 0;
		const open: OpenTransport = async (_, events) => {
			say = (message) => events.message(message);
			const send = (message: Uint8Array): void => {
				if (message[1] !== 1) return;
				hellos++;
				events.message(welcome);
			};
			setTimeout(() => events.open());
			return { send, close() {} };
		};
		const room = await connect("ws://nowhere", { game: "pond", open, autoPump: false });
		const keyframe = Uint8Array.of(0, 0);
		const later = [0, 9, 1, Uint8Array.of(1, 2, 3), "more"];
		for (const tick of [3, 6]) {
			say(encode([99, { any: "thing" }]));
			say(encode([2, tick, 0, 0, null, [later, [0, 0, tick, keyframe, "more"], later], "more"]));
		}
		expect(room).toMatchObject({ status: "playing", decodeErrors: 0, reconnects: 0 });
		expect(room.stats.tick).toBe(6);
		expect(hellos).toBe(1);
		// what is malformed is another matter
		say(encode([2, 9, 0, 0, null, [[0, 0, 9, Uint8Array.of(7)]]]));
		expect(room).toMatchObject({ status: "reconnecting", decodeErrors: 1 });
		room.leave();
	});
});

describe("text that is not UTF-8", () => {
	it.each([
		["an overlong slash", [0xc0, 0xaf]],
		["half a surrogate pair", [0xed, 0xa0, 0xbd]],
		["beyond the last code point", [0xf4, 0x90, 0x80, 0x80]],
		["a sequence cut off", [0x41, 0xe2, 0x82]],
		["a continuation alone", [0x80]],
	])("is malformed: %s", (_, bytes) => {
		expect(decodeClientMessage(named(bytes))).toMatchObject({ error: "ERR_MALFORMED_MESSAGE" });
		const notice = Uint8Array.of(0x92, 6, 0xa0 | bytes.length, ...bytes);
		expect(decodeServerMessage(notice)).toBeNull();
	});

	it("is told from text that is", () => {
		const name = [...new TextEncoder().encode("Zoë 🐺")];
		expect(decodeClientMessage(named(name))).toMatchObject({ name: "Zoë 🐺" });
	});
});

describe("the time of a ping", () => {
	it.each([
		["beyond 2^53", [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1]],
		["the largest u64", [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]],
		["the smallest i64", [0xd3, 128, 0, 0, 0, 0, 0, 0, 0]],
		["a double", [0xcb, 0x40, 0x93, 0x4a, 0x45, 0x6d, 0x5c, 0xfa, 0xad]],
	])("comes back to the last bit: %s", (_, time) => {
		const ping = decodeClientMessage(Uint8Array.of(0x92, 3, ...time));
		if (!("type" in ping) || ping.type !== "ping") throw new Error("no ping");
		const pong = encodePong(ping.time, 1.5);
		expect([...pong.subarray(0, 2 + time.length)]).toEqual([0x93, 3, ...time]);
	});

	it("is never taken for anything else", () => {
		const wrong = Uint8Array.of(0x95, 2, 0xcf, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0xc4, 0, 0);
		expect(decodeClientMessage(wrong)).toMatchObject({ error: "ERR_INVALID_FIELD" });
		for (const time of [Number.NaN, Number.POSITIVE_INFINITY, "1", null]) {
			expect(decodeClientMessage(encode([3, time]))).toMatchObject({ error: "ERR_INVALID_FIELD" });
		}
	});
});
