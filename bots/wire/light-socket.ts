import { createHash, randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Random } from "../../protocol/seeded-random.ts";
import { FrameReader, OPCODE } from "./frame-reader.ts";
import { MOST_HEAD_BYTES, putClientFrame } from "./frame-writer.ts";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** An answer to the upgrade that is longer than this is none. */
const MOST_ANSWER_BYTES = 16_384;
/** Largest message that a bot sends. */
const MOST_SENT_BYTES = 4_096;

export interface SocketEvents {
	open(): void;
	/** A binary message; its bytes are only good until this returns. */
	message(bytes: Uint8Array, nowMs: number): void;
	/** Called once; `reason` is the server's error name, or empty when the network failed. */
	closed(code: number, reason: string): void;
}

/** What the sockets of one thread share, since each is done with it before the next begins. */
export class SocketPool {
	// no Buffer: its slice copies nothing, and a Link keeps what it delays
	readonly read = new Uint8Array(65_536);
	readonly mask: Random;
	private scratch = new Uint8Array(MOST_HEAD_BYTES + MOST_SENT_BYTES);

	constructor(mask: Random) {
		this.mask = mask;
	}

	/** Where a message is put together, from `MOST_HEAD_BYTES` on. */
	get out(): Uint8Array {
		return this.scratch;
	}

	/** The kernel did not take the last message at once: its bytes must stay. */
	keepLast(): void {
		this.scratch = new Uint8Array(MOST_HEAD_BYTES + MOST_SENT_BYTES);
	}
}

/**
 * A WebSocket client for thousands in one thread: all of them read into one buffer and write from
 * one, and a message costs neither an event nor an object (docs/load-testing.md has what that saves).
 */
export class LightSocket {
	private readonly socket: Socket;
	private readonly pool: SocketPool;
	private readonly events: SocketEvents;
	private readonly reader: FrameReader;
	private readonly key = randomBytes(16).toString("base64");
	private answer = "";
	private isOpen = false;
	private isOver = false;
	private nowMs = 0;

	constructor(url: URL, pool: SocketPool, events: SocketEvents) {
		this.pool = pool;
		this.events = events;
		this.reader = new FrameReader((opcode, payload) => this.frame(opcode, payload));
		const isTls = url.protocol === "wss:";
		const host = url.hostname.replace(/^\[|\]$/g, "");
		const options: TcpNetConnectOpts = {
			host,
			port: Number(url.port) || (isTls ? 443 : 80),
			noDelay: true,
			onread: {
				buffer: pool.read,
				callback: (bytes) => {
					this.received(pool.read.subarray(0, bytes));
					return true;
				},
			},
		};
		this.socket = isTls ? connectTls({ ...options, servername: host }) : connectTcp(options);
		this.socket.once(isTls ? "secureConnect" : "connect", () => this.upgrade(url));
		// an error is always followed by a close
		this.socket.on("error", () => {});
		this.socket.once("close", () => this.end(1006, ""));
	}

	private upgrade(url: URL): void {
		const lines = [
			`GET ${url.pathname}${url.search} HTTP/1.1`,
			`Host: ${url.host}`,
			"Connection: Upgrade",
			"Upgrade: websocket",
			"Sec-WebSocket-Version: 13",
			`Sec-WebSocket-Key: ${this.key}`,
		];
		this.socket.write(`${lines.join("\r\n")}\r\n\r\n`);
	}

	private received(bytes: Uint8Array): void {
		if (this.isOver) return;
		this.nowMs = performance.now();
		if (this.isOpen) {
			this.read(bytes);
			return;
		}
		this.answer += Buffer.from(bytes).toString("latin1");
		const end = this.answer.indexOf("\r\n\r\n");
		if (end < 0) {
			if (this.answer.length > MOST_ANSWER_BYTES) this.cut();
			return;
		}
		const accept = createHash("sha1").update(`${this.key}${ACCEPT_SUFFIX}`).digest("base64");
		const isUpgraded = /^HTTP\/1\.1 101 /.test(this.answer) && this.answer.includes(accept);
		if (!isUpgraded) {
			this.cut();
			return;
		}
		const rest = Uint8Array.from(Buffer.from(this.answer.slice(end + 4), "latin1"));
		this.answer = "";
		this.isOpen = true;
		this.events.open();
		if (rest.length > 0) this.read(rest);
	}

	private read(bytes: Uint8Array): void {
		if (this.reader.read(bytes) !== null) this.cut();
	}

	private frame(opcode: number, payload: Uint8Array): void {
		if (this.isOver) return;
		if (opcode === OPCODE.binary) this.events.message(payload, this.nowMs);
		else if (opcode === OPCODE.ping) this.control(OPCODE.pong, payload);
		else if (opcode === OPCODE.close) {
			const code = payload.length >= 2 ? (payload[0] << 8) | payload[1] : 1005;
			const reason = Buffer.from(payload.subarray(2)).toString();
			this.control(OPCODE.close, payload.subarray(0, 2));
			this.end(code, reason);
			this.socket.end();
		}
	}

	private control(opcode: number, payload: Uint8Array): void {
		if (payload.length > 125) return;
		this.pool.out.set(payload, MOST_HEAD_BYTES);
		this.write(opcode, payload.length);
	}

	private write(opcode: number, length: number): void {
		const { socket, pool } = this;
		const { out, mask } = pool;
		const start = putClientFrame(out, opcode, length, mask() * 2 ** 32);
		socket.write(out.subarray(start, MOST_HEAD_BYTES + length));
		if (socket.writableLength > 0) pool.keepLast();
	}

	/** Where the next message is put together, from `MOST_HEAD_BYTES` on; then comes `sendOut`. */
	get out(): Uint8Array {
		return this.pool.out;
	}

	/** Sends the `length` bytes put into `out`. */
	sendOut(length: number): void {
		if (this.isOpen && !this.isOver) this.write(OPCODE.binary, length);
	}

	send(message: Uint8Array): void {
		this.pool.out.set(message, MOST_HEAD_BYTES);
		this.sendOut(message.length);
	}

	/** Bytes that the kernel has not taken yet. */
	get waitingBytes(): number {
		return this.socket.writableLength;
	}

	/** Stops to read: what the server sends fills the kernel's buffers, then its own. */
	pause(): void {
		this.socket.pause();
	}

	resume(): void {
		this.socket.resume();
	}

	/** Says goodbye; `closed` is not called. */
	close(): void {
		if (this.isOver) return;
		this.isOver = true;
		if (!this.isOpen) {
			this.socket.destroy();
			return;
		}
		this.control(OPCODE.close, Uint8Array.of(0x03, 0xe8));
		// a server that does not hang up is not waited for
		this.socket.end();
		this.socket.setTimeout(2_000, () => this.socket.destroy());
	}

	/** Breaks the connection as a dying network does; `closed` is called with 1006. */
	cut(): void {
		this.socket.destroy();
		this.end(1006, "");
	}

	private end(code: number, reason: string): void {
		if (this.isOver) return;
		this.isOver = true;
		this.events.closed(code, reason);
	}
}
