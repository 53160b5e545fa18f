import { setTimeout as sleep } from "node:timers/promises";
import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { readDescriptor } from "../../protocol/abi/descriptor.ts";
import type { CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { compileGame } from "../../server/module/game-module.ts";
import { assembleWat } from "../support/assemble-wat.ts";
import { mutate } from "../support/holds.ts";
import { type CloseFrame, hello, listen, Neighbour, openSocket } from "../support/live-server.ts";
import { type ImageSpec, imageModule, moduleImage } from "../support/module-image.ts";
import { frameOf, openNeighbourhood } from "../support/neighbourhood.ts";
import { clientFrame, RawSocket } from "../support/raw-socket.ts";

const here = openNeighbourhood();

/** Sends the messages one after the other and gives how the server ends it. */
async function endOf(messages: readonly (Uint8Array | string)[]): Promise<CloseFrame> {
	const { ws, closed } = await openSocket(here.live.url);
	for (const message of messages) ws.send(message);
	return closed;
}

/** How the server answers a hello: a refusal, or a welcome. */
async function answerTo(message: Uint8Array): Promise<CloseFrame | "welcome"> {
	const { ws, closed } = await openSocket(here.live.url);
	const welcome = new Promise<"welcome">((resolve) => ws.once("message", () => resolve("welcome")));
	ws.send(message);
	const answer = await Promise.race([welcome, closed]);
	ws.close(1000);
	await closed;
	return answer;
}

const helloOf = (
	game: unknown,
	room: unknown,
	name: unknown,
	token: unknown = null,
	spectate: unknown = false,
): Uint8Array => encode([1, 2, game, room, name, token, spectate]);
const input = (fields: unknown[]): Uint8Array => encode([2, ...fields, 0]);
const none = new Uint8Array(0);

describe("a client that sends what it must not is dropped by name, and nobody else feels it", () => {
	const first: [string, CloseName, () => Uint8Array | string][] = [
		["nothing at all", "ERR_MALFORMED_MESSAGE", () => none],
		["half a message", "ERR_MALFORMED_MESSAGE", () => hello("dots").subarray(0, 9)],
		["a byte too much", "ERR_MALFORMED_MESSAGE", () => Uint8Array.of(...hello("dots"), 0)],
		["a number instead of an array", "ERR_MALFORMED_MESSAGE", () => encode(5)],
		["an empty array", "ERR_MALFORMED_MESSAGE", () => encode([])],
		["a map", "ERR_MALFORMED_MESSAGE", () => encode({ type: 1 })],
		["the forbidden byte c1", "ERR_MALFORMED_MESSAGE", () => Uint8Array.of(0x91, 0xc1)],
		["an array in an array", "ERR_MALFORMED_MESSAGE", () => encode([3, [1]])],
		[
			"4,000 arrays, each in the last",
			"ERR_MALFORMED_MESSAGE",
			() => new Uint8Array(4000).fill(0x91),
		],
		[
			"an array of 2^32 - 1",
			"ERR_MALFORMED_MESSAGE",
			() => Uint8Array.of(0xdd, 255, 255, 255, 255),
		],
		[
			"too many elements",
			"ERR_MALFORMED_MESSAGE",
			() => encode([3, ...new Array<number>(15).fill(0)]),
		],
		[
			"too long a string",
			"ERR_MALFORMED_MESSAGE",
			() => encode([1, 2, "g".repeat(129), null, "A", null, false]),
		],
		[
			"text that is not UTF-8",
			"ERR_MALFORMED_MESSAGE",
			() => Uint8Array.of(0x93, 1, 2, 0xa2, 0xc0, 0xaf),
		],
		["a type that is none", "ERR_UNKNOWN_MESSAGE", () => encode([200])],
		["a later version's message before hello", "ERR_HELLO_EXPECTED", () => encode([99])],
		["a type that is a string", "ERR_UNKNOWN_MESSAGE", () => encode(["hello"])],
		["an input before hello", "ERR_HELLO_EXPECTED", () => input([0, 0, none])],
		["a ping before hello", "ERR_HELLO_EXPECTED", () => encode([3, 1])],
		["a leave before hello", "ERR_HELLO_EXPECTED", () => encode([4])],
		["another protocol version", "ERR_PROTOCOL_VERSION", () => encode([1, 1, "dots", null, "A"])],
		[
			"a later hello with a map in it",
			"ERR_PROTOCOL_VERSION",
			() => encode([1, 3, { game: "dots", wishes: [["all"]] }, "x".repeat(500)]),
		],
		["no version", "ERR_PROTOCOL_VERSION", () => encode([1])],
		["a hello too short", "ERR_INVALID_FIELD", () => encode([1, 2, "dots", null, "A", null])],
		[
			"a game that is a number",
			"ERR_INVALID_FIELD",
			() => encode([1, 2, 7, null, "A", null, false]),
		],
		[
			"a room that is a boolean",
			"ERR_INVALID_FIELD",
			() => encode([1, 2, "dots", true, "A", null, false]),
		],
		["a name that is bytes", "ERR_INVALID_FIELD", () => helloOf("dots", null, none)],
		["a token that is a number", "ERR_INVALID_FIELD", () => helloOf("dots", null, "A", 7)],
		["spectating by a number", "ERR_INVALID_FIELD", () => helloOf("dots", null, "A", null, 1)],
		["an input without a view's age", "ERR_INVALID_FIELD", () => encode([2, 0, 0, none])],
		["a view's age of 17 bits", "ERR_INVALID_FIELD", () => encode([2, 0, 0, none, 65_536])],
		["an unknown game", "ERR_GAME_UNKNOWN", () => hello("chess")],
		["a game named like a method", "ERR_GAME_UNKNOWN", () => hello("constructor")],
		["an unknown room", "ERR_ROOM_UNKNOWN", () => hello("dots", "nowhere")],
		["a room named like a prototype", "ERR_ROOM_UNKNOWN", () => hello("dots", "__proto__")],
		["a text frame", "ERR_TEXT_FRAME", () => "hello"],
		[
			"an oversized message",
			"ERR_MESSAGE_TOO_LARGE",
			() => new Uint8Array(LIMITS.clientMessageBytes + 1),
		],
		["an oversized text", "ERR_MESSAGE_TOO_LARGE", () => "x".repeat(LIMITS.clientMessageBytes + 1)],
	];
	it.each(first)("%s: %s", async (_, name, message) => {
		const before = here.dropsOf(name);
		const end = await endOf([message()]);
		// a message over the limit is cut off below the messages: its close frame has no reason
		const isBelow = name === "ERR_MESSAGE_TOO_LARGE";
		expect(end).toEqual({ ...frameOf(name), ...(isBelow ? { reason: "" } : {}) });
		expect(here.dropsOf(name)).toBe(before + 1);
	});

	const second: [string, CloseName, () => Uint8Array][] = [
		["a second hello", "ERR_HELLO_REPEATED", () => hello("dots")],
		["an ack that is negative", "ERR_INVALID_FIELD", () => input([-1, 0, none])],
		["a tick with a fraction", "ERR_INVALID_FIELD", () => input([0, 1.5, none])],
		["a tick above 32 bits", "ERR_INVALID_FIELD", () => input([0, 2 ** 32, none])],
		["a tick that is no number", "ERR_INVALID_FIELD", () => input([0, Number.NaN, none])],
		["inputs that are text", "ERR_INVALID_FIELD", () => input([0, 0, "ab"])],
		["half an input", "ERR_INVALID_FIELD", () => input([0, 0, new Uint8Array(3)])],
		["17 inputs", "ERR_INVALID_FIELD", () => input([0, 0, new Uint8Array(34)])],
		["an input without inputs", "ERR_INVALID_FIELD", () => encode([2, 0, 0, 0])],
		["a ping of infinity", "ERR_INVALID_FIELD", () => encode([3, Number.POSITIVE_INFINITY])],
		["a ping of text", "ERR_INVALID_FIELD", () => encode([3, "now"])],
	];
	it.each(second)("after the hello, %s: %s", async (_, name, message) => {
		const before = here.dropsOf(name);
		expect(await endOf([hello("dots"), message()])).toEqual(frameOf(name));
		expect(here.dropsOf(name)).toBe(before + 1);
	});

	it.each([
		["33 characters", "n".repeat(33)],
		["33 characters of three bytes", "名".repeat(33)],
		["no characters", ""],
		["a space alone", " "],
		["two spaces", "An  n"],
		["a line break", "An\nn"],
		["a control character", "An\u0007n"],
		["a zero-width space", "An\u200bn"],
		["a right-to-left override", "An\u202en"],
		["a byte order mark", "\ufeffAnn"],
		["what half a surrogate pair becomes", "An\ufffdn"],
		["a private character", "An\ue000n"],
		["an invisible letter, U+3164 Hangul filler", "\u3164"],
		["an invisible letter, U+115F Hangul choseong filler", "\u115f\u1160"],
		["an invisible symbol, U+2800 blank braille", "\u2800\u2800"],
		["invisible marks, U+034F combining grapheme joiner", "\u034f\u034f"],
		["invisible marks, U+FE0F variation selector", "\ufe0f"],
	])("a name of %s: ERR_NAME_INVALID", async (_, name) => {
		const answer = await answerTo(helloOf("dots", null, name));
		expect(answer).toEqual(frameOf("ERR_NAME_INVALID"));
	});

	it("lets names of many scripts in", async () => {
		for (const name of [
			"Ann",
			"Zoë B.",
			"Ján-Ľ",
			"名前",
			"Ирина",
			"علي",
			"देवी",
			"👾 x",
			"❤️ ⚔️ 👨‍👩‍👧",
			"می‌خواهم",
			"สวัสดีครับผม",
			" Ann ",
			"n".repeat(32),
		]) {
			expect(await answerTo(hello("dots", here.neighbour.room, name))).toBe("welcome");
		}
	});
});

describe("a client that sends too much is dropped, and a busy one is not", () => {
	it.each([
		["messages", (i: number) => encodeClientMessage({ type: "ping", time: i })],
		[
			"inputs",
			(i: number) => encodeClientMessage({ type: "input", ackTick: 0, tick: i, inputs: none }),
		],
	])("a flood of %s: ERR_RATE_LIMITED", async (_, message) => {
		const before = here.dropsOf("ERR_RATE_LIMITED");
		const messages = Array.from({ length: LIMITS.messageBurst + 50 }, (__, i) => message(i));
		expect(await endOf([hello("dots"), ...messages])).toEqual(frameOf("ERR_RATE_LIMITED"));
		expect(here.dropsOf("ERR_RATE_LIMITED")).toBe(before + 1);
	});

	it.each(["ping", "pong"] as const)("a flood of WebSocket %ss: ERR_RATE_LIMITED", async (kind) => {
		const { ws, closed } = await openSocket(here.live.url);
		ws.send(hello("dots"));
		for (let i = 0; i < LIMITS.messageBurst + 50; i++) ws[kind]();
		expect(await closed).toEqual(frameOf("ERR_RATE_LIMITED"));
	});

	it("a burst of as many messages as a stall of two seconds saves up is taken", async () => {
		const { ws, closed } = await openSocket(here.live.url);
		ws.send(hello("dots"));
		for (let i = 0; i < LIMITS.messageBurst - 10; i++) ws.send(encode([3, i]));
		let pongs = 0;
		ws.on("message", (data: Buffer) => {
			if (data[1] === 3) pongs++;
		});
		await expect.poll(() => pongs).toBe(LIMITS.messageBurst - 10);
		ws.close(1000);
		expect((await closed).code).toBe(1000);
	});
});

describe("a client that keeps silent", () => {
	it("without a hello in time: ERR_HELLO_TIMEOUT", async () => {
		const own = await listen({ games: [here.dots], connections: { helloTimeoutMs: 150 } });
		const { closed } = await openSocket(own.url);
		expect(await closed).toEqual(frameOf("ERR_HELLO_TIMEOUT"));
		expect(own.server.core.counters.drops.get("ERR_HELLO_TIMEOUT")).toBe(1);
		await own.server.close();
	});

	it("with half a hello in the pipe: ERR_HELLO_TIMEOUT all the same", async () => {
		const own = await listen({ games: [here.dots], connections: { helloTimeoutMs: 150 } });
		const raw = new RawSocket(own.port);
		await raw.upgrade();
		raw.write(clientFrame(0x82, hello("dots")).subarray(0, 10));
		expect(await raw.closeFrame()).toEqual(frameOf("ERR_HELLO_TIMEOUT"));
		raw.socket.destroy();
		await own.server.close();
	});

	it("to pings: ERR_HEARTBEAT_TIMEOUT, while one that answers stays", async () => {
		const own = await listen({
			games: [here.dots],
			connections: { heartbeatMs: 100, silenceMs: 300 },
		});
		const other = await Neighbour.join(own.url, "dots");
		const raw = new RawSocket(own.port);
		await raw.upgrade();
		raw.write(clientFrame(0x82, hello("dots")));
		expect(await raw.closeFrame()).toEqual(frameOf("ERR_HEARTBEAT_TIMEOUT"));
		expect(own.server.core.counters.drops.get("ERR_HEARTBEAT_TIMEOUT")).toBe(1);
		await other.moreSnapshots(10);
		expect([other.endings, other.gaps]).toEqual([[], [3]]);
		raw.socket.destroy();
		await own.server.close();
	});

	it("to the closing handshake is cut off", async () => {
		const raw = new RawSocket(here.live.port);
		await raw.upgrade();
		raw.write(clientFrame(0x82, Uint8Array.of(0xc1)));
		expect(await raw.closeFrame()).toEqual(frameOf("ERR_MALFORMED_MESSAGE"));
		const started = performance.now();
		await raw.ended;
		expect(performance.now() - started).toBeLessThan(LIMITS.closeMs + 2000);
	});
});

describe("a server that is full says so", () => {
	it("a named room without a free seat: ERR_ROOM_FULL, while another room takes the next", async () => {
		const own = await listen({ games: [here.dots] });
		const all = [await Neighbour.join(own.url, "dots")];
		while (all.length < 16) all.push(await Neighbour.join(own.url, "dots"));
		const { ws, closed } = await openSocket(own.url);
		ws.send(hello("dots", all[0]?.room ?? ""));
		expect(await closed).toEqual(frameOf("ERR_ROOM_FULL"));
		const next = await Neighbour.join(own.url, "dots");
		expect(next.room).not.toBe(all[0]?.room);
		expect(all.map(({ endings }) => endings)).toEqual(all.map(() => []));
		await own.server.close();
	});

	it("no more rooms, or no more connections: ERR_SERVER_FULL", async () => {
		const own = await listen({
			games: [here.dots],
			rooms: { maxRooms: 0 },
			connections: { max: 2 },
		});
		const first = await openSocket(own.url);
		const second = await openSocket(own.url);
		const third = await openSocket(own.url);
		expect(await third.closed).toEqual(frameOf("ERR_SERVER_FULL"));
		first.ws.send(hello("dots"));
		expect(await first.closed).toEqual(frameOf("ERR_SERVER_FULL"));
		second.ws.close();
		await second.closed;
		await own.server.close();
	});
});

describe("the rules of a game", () => {
	const tiny: ImageSpec = {
		name: "tiny",
		version: 1,
		tickRate: 60,
		snapshotRate: 20,
		maxPlayers: 4,
		input: { size: 0, fields: [] },
		tables: [{ name: "t", was: null, capacity: 1, columns: [] }],
		events: [],
	};
	const { bytes, descriptor: at } = moduleImage(tiny);
	const described = readDescriptor(bytes.buffer, at);
	if ("error" in described) throw new Error(described.detail);
	const { ctx, inbox, outbox } = described.descriptor;
	/** Text of a tick that writes one record for player 0 whenever somebody joins. */
	const answerJoins = (kind: number): string => `
		(if (i32.and (i32.ne (i32.load (i32.const ${ctx + 4})) (i32.const 0))
				(i32.eq (i32.load8_u (i32.const ${inbox.address})) (i32.const 1)))
			(then
				(i32.store (i32.const ${outbox.address}) (i32.const ${kind | (8 << 16)}))
				(i32.store (i32.const ${outbox.address + 4}) (i32.const ${77 << 16}))
				(i32.store (i32.const ${ctx + 8}) (i32.const 8))))`;

	it.each<[string, string, string]>([
		["turn a player away", "ERR_REFUSED 77", answerJoins(2)],
		["throw a player out", "ERR_KICKED 77", answerJoins(3)],
		["trap", "ERR_ROOM_FAULT", "unreachable"],
	])("%s: %s, and other rooms do not feel it", async (_, reason, tick) => {
		const name = reason.split(" ")[0] as CloseName;
		const game = compileGame(await assembleWat(imageModule(tiny, { tick })), "tiny");
		const own = await listen({ games: [game, here.dots] });
		const other = await Neighbour.join(own.url, "dots");
		const { ws, closed } = await openSocket(own.url);
		ws.send(hello("tiny"));
		expect(await closed).toEqual({ ...frameOf(name), reason });
		expect(own.server.core.counters.drops.get(name)).toBe(1);
		await other.moreSnapshots(5);
		expect([other.endings, other.gaps]).toEqual([[], [3]]);
		await own.server.close();
	});
});

describe("a room that cannot be opened, say for want of memory", () => {
	it("is refused by name, and the server goes on", async () => {
		const broken = await assembleWat(`(module
			(memory (export "memory") 1 1)
			(func (export "_initialize") unreachable)
			(func (export "hs_describe") (result i32) (i32.const 0))
			(func (export "hs_tick") (result i32) (i32.const 0)))`);
		const own = await listen({
			games: [{ ...here.dots, module: new WebAssembly.Module(broken) }],
			connections: { heartbeatMs: 100, silenceMs: 300 },
		});
		const { ws, closed } = await openSocket(own.url);
		ws.send(hello("dots"));
		expect(await closed).toEqual(frameOf("ERR_ROOM_FAULT"));
		await own.server.close();
	});
});

describe("a player who has left", () => {
	it("has no seat any more, and is let go", async () => {
		const { ws, closed } = await openSocket(here.live.url);
		ws.send(hello("dots", here.neighbour.room));
		await new Promise((resolve) => ws.once("message", resolve));
		const room = here.live.server.core.directory.rooms.get(here.neighbour.room);
		expect(room?.population).toBe(2);
		ws.send(encode([4]));
		expect(await closed).toEqual({ code: 1000, reason: "" });
		expect(room?.population).toBe(1);
	});
});

describe("a second of random messages", () => {
	const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fffffff));

	it(`from ten clients at once changes nothing for the neighbour (SEED=${seed})`, async () => {
		const random = new SeededRandom(seed).next;
		const valid = [
			() => hello("dots", random() < 0.5 ? null : here.neighbour.room),
			() =>
				input([
					here.neighbour.ticks.at(-1) ?? 0,
					Math.floor(random() * 2000),
					new Uint8Array(8).fill(random() * 256),
				]),
			() => encode([3, random() * 1e6]),
			() => encode([4]),
		];
		const until = performance.now() + 1000;
		const attack = async (): Promise<number> => {
			let connections = 0;
			while (performance.now() < until) {
				const { ws, closed } = await openSocket(here.live.url);
				connections++;
				let isOver = false;
				void closed.then(() => {
					isOver = true;
				});
				ws.send(hello("dots", random() < 0.5 ? null : here.neighbour.room));
				while (!isOver && performance.now() < until) {
					const message = valid[Math.floor(random() * valid.length)]?.() ?? none;
					const changes = Array.from({ length: Math.floor(random() * 3) }, () => {
						return [
							Math.floor(random() * 4),
							Math.floor(random() * 500),
							Math.floor(random() * 256),
						] as const;
					});
					ws.send(mutate(message, changes));
					await sleep(random() * 6);
				}
				ws.close(1000);
				await closed;
			}
			return connections;
		};
		const counts = await Promise.all(Array.from({ length: 10 }, attack));
		expect(counts.reduce((a, b) => a + b)).toBeGreaterThan(20);
		expect(here.live.server.core.counters.faults).toBe(0);
	});
});
