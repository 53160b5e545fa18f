/*
 * Frames of a server (RFC 6455), which are never masked:
 *
 *     fin, opcode | length  0 … 125 | 126, u16 | 127, u64 | payload
 */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Bytes of one message that a client takes: the largest snapshot and some room. */
const MOST_BYTES = 2 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Gets a whole frame's payload: a view that is only good until it returns. */
type TakeFrame = (opcode: number, payload: Uint8Array) => void;

/**
 * Cuts a byte stream into messages. It copies nothing when a read holds whole frames; a frame that
 * is cut is kept until the rest is there.
 */
export class FrameReader {
	private readonly take: TakeFrame;
	private kept = NOTHING;
	private keptBytes = 0;
	/** Payloads of a message in several frames, and the opcode of the first. */
	private parts: Uint8Array[] = [];
	private partsOpcode = 0;

	constructor(take: TakeFrame) {
		this.take = take;
	}

	/** Reads what arrived; returns what is wrong with it, or null. */
	read(bytes: Uint8Array): string | null {
		if (this.keptBytes === 0) return this.cut(bytes);
		const all = this.append(bytes);
		this.keptBytes = 0;
		return this.cut(all);
	}

	private append(bytes: Uint8Array): Uint8Array {
		const total = this.keptBytes + bytes.length;
		if (total > this.kept.length) {
			const grown = new Uint8Array(Math.max(total, 2 * this.kept.length));
			grown.set(this.kept.subarray(0, this.keptBytes));
			this.kept = grown;
		}
		this.kept.set(bytes, this.keptBytes);
		return this.kept.subarray(0, total);
	}

	private cut(bytes: Uint8Array): string | null {
		let at = 0;
		while (at + 2 <= bytes.length) {
			let length = bytes[at + 1];
			let head = 2;
			if (length === 126) {
				if (at + 4 > bytes.length) break;
				length = (bytes[at + 2] << 8) | bytes[at + 3];
				head = 4;
			} else if (length === 127) {
				if (at + 10 > bytes.length) break;
				const view = new DataView(bytes.buffer, bytes.byteOffset + at + 2, 8);
				length = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
				head = 10;
			} else if (length > 127) return "a masked frame";
			if (length > MOST_BYTES) return `a frame of ${length} bytes`;
			const end = at + head + length;
			if (end > bytes.length) break;
			const problem = this.frame(bytes[at], bytes.subarray(at + head, end));
			if (problem !== null) return problem;
			at = end;
		}
		this.keep(bytes, at);
		return null;
	}

	private keep(bytes: Uint8Array, at: number): void {
		const rest = bytes.length - at;
		if (rest === 0) return;
		if (rest > this.kept.length) {
			const grown = new Uint8Array(Math.max(rest, 4096));
			grown.set(bytes.subarray(at));
			this.kept = grown;
		} else if (bytes.buffer === this.kept.buffer) this.kept.copyWithin(0, at, bytes.length);
		else this.kept.set(bytes.subarray(at));
		this.keptBytes = rest;
	}

	private frame(first: number, payload: Uint8Array): string | null {
		const opcode = first & 0x0f;
		if ((first & 0x70) !== 0) return "a frame with an extension's bits";
		if (first >= 0x80 && opcode !== OPCODE.continuation) {
			this.take(opcode, payload);
			return null;
		}
		if (opcode !== OPCODE.continuation) {
			this.partsOpcode = opcode;
			this.parts = [];
		}
		this.parts.push(payload.slice());
		const total = this.parts.reduce((sum, part) => sum + part.length, 0);
		if (total > MOST_BYTES) return `a message of ${total} bytes`;
		if (first >= 0x80) {
			this.take(this.partsOpcode, Buffer.concat(this.parts));
			this.parts = [];
		}
		return null;
	}
}
