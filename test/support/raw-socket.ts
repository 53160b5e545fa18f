import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { CloseFrame } from "./live-server.ts";

/** A TCP connection without any library between it and the server. */
export class RawSocket {
	readonly socket: Socket;
	received = Buffer.alloc(0);
	readonly ended: Promise<unknown>;

	constructor(port: number) {
		this.socket = connect(port, "127.0.0.1");
		this.socket.on("error", () => {});
		this.socket.on("data", (chunk) => {
			this.received = Buffer.concat([this.received, chunk]);
		});
		this.ended = once(this.socket, "close");
	}

	write(bytes: Uint8Array | string): void {
		this.socket.write(bytes);
	}

	/** Waits until the server has sent what `found` looks for, or has ended the connection. */
	async until<T>(found: (received: Buffer) => T | null): Promise<T | null> {
		for (;;) {
			const result = found(this.received);
			if (result !== null || this.socket.destroyed || this.socket.readableEnded) return result;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	/** Shakes hands, so that frames may follow. */
	async upgrade(): Promise<void> {
		this.write(
			"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		);
		const end = await this.until((bytes) => {
			const at = bytes.indexOf("\r\n\r\n");
			return at < 0 ? null : at + 4;
		});
		if (!this.received.toString("latin1").startsWith("HTTP/1.1 101 "))
			throw new Error("no upgrade");
		this.received = this.received.subarray(end ?? 0);
	}

	/** The server's close frame, or null if it ends without one. */
	closeFrame(): Promise<CloseFrame | null> {
		return this.until((bytes) => {
			for (const { opcode, payload } of serverFrames(bytes)) {
				if (opcode !== 8) continue;
				const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
				return { code, reason: payload.subarray(2).toString() };
			}
			return null;
		});
	}
}

/** Whole frames that a server sent: never masked. */
function* serverFrames(bytes: Buffer): Generator<{ opcode: number; payload: Buffer }> {
	for (let at = 0; at + 2 <= bytes.length; ) {
		let length = bytes[at + 1] & 127;
		let header = 2;
		if (length === 126) {
			if (at + 4 > bytes.length) return;
			length = bytes.readUInt16BE(at + 2);
			header = 4;
		} else if (length === 127) {
			if (at + 10 > bytes.length) return;
			length = bytes.readUInt32BE(at + 6);
			header = 10;
		}
		if (at + header + length > bytes.length) return;
		yield {
			opcode: bytes[at] & 15,
			payload: bytes.subarray(at + header, at + header + length),
		};
		at += header + length;
	}
}

/** A client's frame: masked (with a key of zeros) unless told otherwise. */
export function clientFrame(
	first: number,
	payload: Uint8Array,
	{ masked = true }: { masked?: boolean } = {},
): Uint8Array {
	const mask = masked ? 0x80 : 0;
	const length =
		payload.length < 126
			? [mask | payload.length]
			: [mask | 126, payload.length >> 8, payload.length & 255];
	return Uint8Array.from([first, ...length, ...(masked ? [0, 0, 0, 0] : []), ...payload]);
}
