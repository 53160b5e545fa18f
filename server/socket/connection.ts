import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { putFrameHeader } from "./frame-header.ts";
import { Peer, type PeerHandler, type Shared } from "./peer.ts";

/** Errors that the WebSocket library finds in frames, by the name we give them. */
function nameOfSocketError(code: string | undefined): CloseName | null {
	if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "ERR_MESSAGE_TOO_LARGE";
	if (code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH") return "ERR_MESSAGE_TOO_LARGE";
	return code?.startsWith("WS_ERR_") ? "ERR_PROTOCOL_FRAME" : null;
}

/** A client at the other end of a WebSocket. */
export class Connection extends Peer {
	readonly address: string;
	private readonly ws: WebSocket;
	private readonly socket: Duplex;
	private readonly helloTimer: NodeJS.Timeout;
	private lastSignMs: number;
	private pingSentMs = -1;
	/** Round trip of the last answered ping, ms; -1 before the first. */
	pingMs = -1;

	constructor(
		ws: WebSocket,
		socket: Duplex,
		address: string,
		handler: PeerHandler,
		{ helloTimeoutMs, now }: { helloTimeoutMs: number; now: () => number },
	) {
		super(handler, now);
		this.lastSignMs = now();
		this.ws = ws;
		this.socket = socket;
		this.address = address;
		const judge = (): void => {
			if (!this.saidHello) this.drop("ERR_HELLO_TIMEOUT", `no hello in ${helloTimeoutMs} ms`);
		};
		// a process that was suspended first reads what arrived in the meantime
		this.helloTimer = setTimeout(() => setImmediate(judge), helloTimeoutMs);
		ws.binaryType = "nodebuffer";
		ws.on("message", (data, isBinary) => {
			this.lastSignMs = this.now();
			if (isBinary) this.receive(data as Buffer);
			else if (this.spend()) this.drop("ERR_TEXT_FRAME", "messages are binary");
		});
		ws.on("ping", (data) => {
			if (this.spend()) ws.pong(data);
		});
		ws.on("pong", () => {
			this.lastSignMs = this.now();
			if (this.pingSentMs >= 0) this.pingMs = this.lastSignMs - this.pingSentMs;
			this.pingSentMs = -1;
			this.spend();
		});
		ws.on("error", (error) => {
			const name = nameOfSocketError((error as NodeJS.ErrnoException).code);
			if (name) this.end(name, error.message);
		});
		ws.on("close", (code) => {
			clearTimeout(this.helloTimer);
			this.finish(code);
		});
	}

	get isBusy(): boolean {
		return this.socket.writableLength > 0;
	}

	send(message: Uint8Array): void {
		if (!this.isOver) this.ws.send(message);
	}

	sendShared(shared: Shared, prefixBytes: number): void {
		if (this.isOver || this.ws.readyState !== this.ws.OPEN) return;
		const bodyAt = shared.end - shared.sharedBytes - prefixBytes;
		const start = putFrameHeader(shared.buffer, bodyAt, prefixBytes + shared.sharedBytes);
		this.socket.write(shared.from(start));
		if (this.socket.writableLength > 0) shared.rotate();
	}

	/** Whether the line may go on in another process. */
	get isMovable(): boolean {
		return !this.isOver && this.ws.readyState === this.ws.OPEN;
	}

	/** Reads nothing more until `resume`; what the client sends waits in its socket. */
	pause(): void {
		this.ws.pause();
	}

	resume(): void {
		this.ws.resume();
	}

	/** The line goes on in another process: nothing is heard or said here any more. */
	abandon(): void {
		this.isOver = true;
		clearTimeout(this.helloTimer);
		this.ws.removeAllListeners();
		// what is left of it in this process has nothing to say
		this.ws.on("error", () => {});
	}

	/** Pings; a socket without a sign of life for `silenceMs` is dropped. */
	heartbeat(silenceMs: number): void {
		if (this.isOver) return;
		const silentMs = this.now() - this.lastSignMs;
		if (silentMs > silenceMs) {
			this.drop("ERR_HEARTBEAT_TIMEOUT", `no sign of life for ${Math.round(silentMs)} ms`);
			return;
		}
		if (this.pingSentMs < 0) this.pingSentMs = this.now();
		this.ws.ping();
	}

	protected closeLine(code: number, reason: string): void {
		this.ws.close(code, reason);
	}

	/** A client that does not close its end is cut off. */
	protected override end(name: CloseName, detail: string): void {
		if (this.isOver) return;
		super.end(name, detail);
		clearTimeout(this.helloTimer);
		const cut = setTimeout(() => this.ws.terminate(), LIMITS.closeMs);
		cut.unref();
		this.ws.once("close", () => clearTimeout(cut));
	}
}
