import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE_CODES, type CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import {
	type ClientMessage,
	decodeClientMessage,
	type Hello,
} from "../../protocol/messages/client-message.ts";
import { putFrameHeader } from "./frame-header.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What a connection needs of a frame of shared bytes: see `snapshot/shared-frame.ts`. */
interface Frame {
	buffer: Buffer;
	end: number;
	readonly sharedBytes: number;
	rotate(): void;
}

/** Whoever answers what connections say. */
export interface ConnectionHandler {
	hello(connection: Connection, hello: Hello): void;
	message(connection: Connection, message: Exclude<ClientMessage, Hello>): void;
	closed(connection: Connection): void;
	dropped(connection: Connection, name: CloseName, detail: string): void;
}

/** Errors that the WebSocket library finds in frames, by the name we give them. */
function nameOfSocketError(code: string | undefined): CloseName | null {
	if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "ERR_MESSAGE_TOO_LARGE";
	if (code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH") return "ERR_MESSAGE_TOO_LARGE";
	return code?.startsWith("WS_ERR_") ? "ERR_PROTOCOL_FRAME" : null;
}

/**
 * One client's socket: bounded, rate-limited and decoded. Whatever a client does wrong ends its own
 * connection with a named reason and nothing else.
 */
export class Connection {
	readonly address: string;
	private readonly ws: WebSocket;
	private readonly socket: Duplex;
	private readonly handler: ConnectionHandler;
	private readonly bucket: TokenBucket;
	private readonly helloTimer: NodeJS.Timeout;
	private saidHello = false;
	private isOver = false;
	private answeredPing = true;
	private pingSentMs = 0;
	/** Time that the last answered ping took, ms; -1 before the first. */
	pingMs = -1;

	constructor(
		ws: WebSocket,
		socket: Duplex,
		address: string,
		handler: ConnectionHandler,
		helloTimeoutMs: number,
	) {
		this.ws = ws;
		this.socket = socket;
		this.address = address;
		this.handler = handler;
		this.bucket = new TokenBucket(LIMITS.messagesPerSecond, LIMITS.messageBurst, performance.now());
		this.helloTimer = setTimeout(
			() => this.drop("ERR_HELLO_TIMEOUT", `no hello in ${helloTimeoutMs} ms`),
			helloTimeoutMs,
		);
		ws.binaryType = "nodebuffer";
		ws.on("message", (data, isBinary) => this.receive(data as Buffer, isBinary));
		ws.on("ping", (data) => {
			if (this.spend()) ws.pong(data);
		});
		ws.on("pong", () => {
			if (!this.answeredPing) this.pingMs = performance.now() - this.pingSentMs;
			this.answeredPing = true;
			this.spend();
		});
		ws.on("error", (error) => {
			const name = nameOfSocketError((error as NodeJS.ErrnoException).code);
			if (name) this.end(name, error.message);
		});
		ws.on("close", () => this.finish());
	}

	get isBusy(): boolean {
		return this.socket.writableLength > 0;
	}

	send(message: Uint8Array): void {
		if (!this.isOver) this.ws.send(message);
	}

	sendFrame(frame: Frame, prefixBytes: number): void {
		if (this.isOver || this.ws.readyState !== this.ws.OPEN) return;
		const bodyAt = frame.end - frame.sharedBytes - prefixBytes;
		const start = putFrameHeader(frame.buffer, bodyAt, prefixBytes + frame.sharedBytes);
		this.socket.write(frame.buffer.subarray(start, frame.end));
		if (this.socket.writableLength > 0) frame.rotate();
	}

	/** Ends the connection with a documented name and its close code. */
	drop(name: CloseName, detail: string): void {
		if (this.isOver) return;
		this.ws.close(CLOSE_CODES[name], name);
		this.end(name, detail);
	}

	/** Pings; a socket that did not answer the last ping is dropped. */
	heartbeat(): void {
		if (this.isOver) return;
		if (!this.answeredPing) {
			this.drop("ERR_HEARTBEAT_TIMEOUT", "the last ping was not answered");
			return;
		}
		this.answeredPing = false;
		this.pingSentMs = performance.now();
		this.ws.ping();
	}

	private spend(): boolean {
		if (this.isOver) return false;
		if (this.bucket.take(performance.now())) return true;
		this.drop("ERR_RATE_LIMITED", `over ${LIMITS.messagesPerSecond} messages a second`);
		return false;
	}

	private receive(data: Buffer, isBinary: boolean): void {
		if (!this.spend()) return;
		if (!isBinary) {
			this.drop("ERR_TEXT_FRAME", "messages are binary");
			return;
		}
		const message = decodeClientMessage(data);
		if ("error" in message) {
			this.drop(message.error, message.detail);
		} else if (message.type === "hello") {
			if (this.saidHello) {
				this.drop("ERR_HELLO_REPEATED", "a second hello");
				return;
			}
			this.saidHello = true;
			clearTimeout(this.helloTimer);
			this.handler.hello(this, message);
		} else if (this.saidHello) {
			this.handler.message(this, message);
		} else {
			this.drop("ERR_HELLO_EXPECTED", `${message.type} before hello`);
		}
	}

	/** Marks the end: nothing more is read or sent, and a peer that will not close is cut off. */
	private end(name: CloseName, detail: string): void {
		if (this.isOver) return;
		this.isOver = true;
		clearTimeout(this.helloTimer);
		this.handler.dropped(this, name, detail);
		const cut = setTimeout(() => this.ws.terminate(), LIMITS.closeMs);
		cut.unref();
		this.ws.once("close", () => clearTimeout(cut));
	}

	private finish(): void {
		this.isOver = true;
		clearTimeout(this.helloTimer);
		this.handler.closed(this);
	}
}
