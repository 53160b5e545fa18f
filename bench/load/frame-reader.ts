import { HEAD_BYTES } from "./dialects.ts";

/** Longest header of a frame that is not masked. */
const MAX_HEADER_BYTES = 10;
const OPCODE = { binary: 2, close: 8, ping: 9 } as const;

export interface FrameHandler {
	/** A whole message has come; `head` holds its first bytes until the next call. */
	message(bytes: number, head: Uint8Array): void;
	ping(): void;
	/** The server says goodbye. */
	close(): void;
}

/**
 * Reads the headers of a server's WebSocket frames and skips over their contents: as little work as
 * can tell messages apart. It takes every frame for a whole message, as these servers send them.
 */
export class FrameReader {
	private readonly handler: FrameHandler;
	private readonly header = new Uint8Array(MAX_HEADER_BYTES);
	private readonly head = new Uint8Array(HEAD_BYTES);
	private headerBytes = 0;
	private headBytes = 0;
	/** Of the frame under way: all, and those still to come; -1 while its header is incomplete. */
	private size = -1;
	private missing = 0;

	constructor(handler: FrameHandler) {
		this.handler = handler;
	}

	read(bytes: Uint8Array, from: number, end: number): void {
		let at = from;
		while (at < end) {
			if (this.size < 0) {
				at = this.readHeader(bytes, at, end);
				if (this.size < 0) continue; // an empty message is over already
			}
			const taken = Math.min(this.missing, end - at);
			const seen = Math.min(HEAD_BYTES - this.headBytes, taken);
			for (let i = 0; i < seen; i++) this.head[this.headBytes + i] = bytes[at + i];
			this.headBytes += seen;
			this.missing -= taken;
			at += taken;
			if (this.missing === 0) this.finish();
		}
	}

	private readHeader(bytes: Uint8Array, from: number, end: number): number {
		const { header } = this;
		let at = from;
		let length = this.lengthOfHeader();
		while (at < end && this.headerBytes < length) {
			header[this.headerBytes++] = bytes[at++];
			length = this.lengthOfHeader();
		}
		if (this.headerBytes < length) return at;
		this.size = header[1] & 0x7f;
		if (this.size > 125) {
			this.size = 0;
			for (let i = 2; i < length; i++) this.size = this.size * 256 + header[i];
		}
		this.missing = this.size;
		this.headBytes = 0;
		this.head.fill(0);
		if (this.missing === 0) this.finish();
		return at;
	}

	private lengthOfHeader(): number {
		if (this.headerBytes < 2) return 2;
		const short = this.header[1] & 0x7f;
		return short === 127 ? 10 : short === 126 ? 4 : 2;
	}

	private finish(): void {
		const opcode = this.header[0] & 0x0f;
		const { size } = this;
		this.headerBytes = 0;
		this.size = -1;
		if (opcode === OPCODE.binary) this.handler.message(size, this.head);
		else if (opcode === OPCODE.ping) this.handler.ping();
		else if (opcode === OPCODE.close) this.handler.close();
	}
}

/** Wraps a short message as a client's frame; the mask is zero, which leaves the bytes as they are. */
export function clientFrame(message: Uint8Array, opcode: number = OPCODE.binary): Buffer {
	if (message.length > 125) throw new Error(`a sink's message of ${message.length} bytes`);
	const frame = Buffer.alloc(6 + message.length);
	frame[0] = 0x80 | opcode;
	frame[1] = 0x80 | message.length;
	frame.set(message, 6);
	return frame;
}

/** The answer to a ping without content. */
export const PONG = clientFrame(new Uint8Array(0), 10);
