import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES, type CloseName } from "../../protocol/errors.ts";
import { hello } from "../support/live-server.ts";
import { openNeighbourhood } from "../support/neighbourhood.ts";
import { clientFrame, RawSocket } from "../support/raw-socket.ts";

const here = openNeighbourhood();
const none = new Uint8Array(0);

describe("broken WebSocket frames end the connection below the messages", () => {
	const frames: [string, number, CloseName, () => Uint8Array[]][] = [
		[
			"a frame that is not masked",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x82, hello("dots"), { masked: false })],
		],
		[
			"reserved bit 1, compression",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0xc2, hello("dots"))],
		],
		["reserved bits 2 and 3", 1002, "ERR_PROTOCOL_FRAME", () => [clientFrame(0xb2, hello("dots"))]],
		["an unknown opcode", 1002, "ERR_PROTOCOL_FRAME", () => [clientFrame(0x83, none)]],
		["an unknown control opcode", 1002, "ERR_PROTOCOL_FRAME", () => [clientFrame(0x8b, none)]],
		[
			"a ping of 126 bytes",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x89, new Uint8Array(126))],
		],
		["a ping in fragments", 1002, "ERR_PROTOCOL_FRAME", () => [clientFrame(0x09, none)]],
		["a continuation of nothing", 1002, "ERR_PROTOCOL_FRAME", () => [clientFrame(0x80, none)]],
		[
			"a message within a message",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x02, none), clientFrame(0x82, none)],
		],
		[
			"a close frame of one byte",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x88, Uint8Array.of(3))],
		],
		[
			"a close frame with code 1005",
			1002,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x88, Uint8Array.of(3, 237))],
		],
		[
			"a text that is not UTF-8",
			1007,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x81, Uint8Array.of(0xff, 0xfe))],
		],
		[
			"a close reason that is not UTF-8",
			1007,
			"ERR_PROTOCOL_FRAME",
			() => [clientFrame(0x88, Uint8Array.of(3, 232, 0xff))],
		],
		[
			"a frame that claims 2^62 bytes",
			1009,
			"ERR_MESSAGE_TOO_LARGE",
			() => [Uint8Array.of(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
		],
		[
			"a frame that claims 4 GiB",
			1009,
			"ERR_MESSAGE_TOO_LARGE",
			() => [Uint8Array.of(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
		],
		[
			"fragments that add up to too much",
			1009,
			"ERR_MESSAGE_TOO_LARGE",
			() => [clientFrame(0x02, new Uint8Array(3000)), clientFrame(0x80, new Uint8Array(3000))],
		],
		[
			"20,000 empty fragments",
			1008,
			"ERR_PROTOCOL_FRAME",
			() => [
				clientFrame(0x02, none),
				...Array.from({ length: 20_000 }, () => clientFrame(0x00, none)),
			],
		],
	];
	it.each(frames)("%s: %i", async (_, code, name, list) => {
		const before = here.dropsOf(name);
		const raw = new RawSocket(here.live.port);
		await raw.upgrade();
		raw.write(Buffer.concat(list()));
		expect(await raw.closeFrame()).toEqual({ code, reason: "" });
		expect(here.dropsOf(name)).toBe(before + 1);
		raw.socket.destroy();
	});

	it("are those whose code the table of closing codes names", () => {
		expect(CLOSE_CODES.ERR_PROTOCOL_FRAME).toBe(1002);
		expect(CLOSE_CODES.ERR_MESSAGE_TOO_LARGE).toBe(1009);
	});
});

describe("what is no WebSocket at all", () => {
	it.each([
		["random bytes", Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 73 + 200) & 255))],
		["a TLS hello", Buffer.from("16030100c8010000c40303", "hex")],
		["an endless request line", Buffer.alloc(100_000, "A")],
		["zeros", Buffer.alloc(1000)],
		["HTTP/9.9", Buffer.from("GET / HTTP/9.9\r\n\r\n")],
		[
			"two lengths",
			Buffer.from("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
		],
	])(
		"%s on the port is answered with an error or nothing, and the connection ends",
		async (_, bytes) => {
			const raw = new RawSocket(here.live.port);
			raw.write(bytes);
			await raw.until((received) => (received.includes("\r\n\r\n") ? true : null));
			expect(raw.received.toString("latin1")).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
			await raw.ended;
		},
	);

	it.each([
		["without a key", "Sec-WebSocket-Version: 13\r\n", /^HTTP\/1\.1 400 /],
		[
			"with an impossible key",
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
			/^HTTP\/1\.1 400 /,
		],
		[
			"of version 9",
			"Sec-WebSocket-Version: 9\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
			/^HTTP\/1\.1 4\d\d /,
		],
	])("an upgrade %s is refused", async (_, headers, answer) => {
		const raw = new RawSocket(here.live.port);
		raw.write(
			`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
		);
		await raw.ended;
		expect(raw.received.toString("latin1")).toMatch(answer);
	});

	it("a connection that breaks in the middle of a frame leaves nothing behind", async () => {
		for (let cut = 1; cut < 20; cut += 3) {
			const raw = new RawSocket(here.live.port);
			await raw.upgrade();
			raw.write(clientFrame(0x82, hello("dots", here.neighbour.room)).subarray(0, cut));
			await sleep(5);
			raw.socket.resetAndDestroy();
			await raw.ended;
		}
	});

	it("a connection that breaks right after its hello gives its seat back", async () => {
		for (let i = 0; i < 20; i++) {
			const raw = new RawSocket(here.live.port);
			await raw.upgrade();
			raw.write(clientFrame(0x82, hello("dots", here.neighbour.room)));
			if (i % 2 === 0) await sleep(10);
			raw.socket.resetAndDestroy();
		}
	});
});
