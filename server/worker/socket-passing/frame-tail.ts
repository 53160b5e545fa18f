const FIN = 0x80;
const MASK = 0x80;
const CONTROL = 0x08;

/** Bytes of the frame that begins at `at` (RFC 6455 §5.2); 0 while its header is not there whole. */
function frameBytes(bytes: Uint8Array, at: number): number {
	const left = bytes.length - at;
	if (left < 2) return 0;
	const second = bytes[at + 1] as number;
	const maskBytes = (second & MASK) === 0 ? 0 : 4;
	const short = second & 0x7f;
	if (short < 126) return 2 + maskBytes + short;
	const view = new DataView(bytes.buffer, bytes.byteOffset + at, left);
	if (short === 126) return left < 4 ? 0 : 4 + maskBytes + view.getUint16(2);
	return left < 10 ? 0 : 10 + maskBytes + Number(view.getBigUint64(2));
}

/**
 * Follows the frames of a WebSocket as their bytes arrive, and keeps those that belong to no whole message yet:
 * what the next owner of the socket must read first.
 *
 *     | whole messages … | frames of a message without its end | the beginning of a frame |
 *                        `----------------- bytes -------------------------------------'
 *
 * Control frames between the parts of a message have been answered already and are left out.
 */
export class FrameTail {
	private parts: Uint8Array[] = [];
	private partBytes = 0;
	private begun: Uint8Array | null = null;
	private isTooLong = false;
	private readonly mostBytes: number;

	/** Above `mostBytes`, which no message within its limit reaches, nothing is kept. */
	constructor(mostBytes: number) {
		this.mostBytes = mostBytes;
	}

	/** Takes what has just been read, in chunks of any size. */
	take(chunk: Uint8Array): void {
		if (this.isTooLong) return;
		const bytes = this.begun === null ? chunk : Buffer.concat([this.begun, chunk]);
		let at = 0;
		while (at < bytes.length) {
			const size = frameBytes(bytes, at);
			if (size === 0 || at + size > bytes.length) break;
			this.close(bytes, at, size);
			at += size;
		}
		this.begun = at === bytes.length ? null : bytes.subarray(at);
		if (this.partBytes + bytes.length - at > this.mostBytes) {
			this.isTooLong = true;
			this.parts = [];
			this.begun = null;
		}
	}

	/** A frame is there whole. */
	private close(bytes: Uint8Array, at: number, size: number): void {
		const first = bytes[at] as number;
		if ((first & CONTROL) !== 0) return;
		if ((first & FIN) === 0) {
			this.parts.push(bytes.subarray(at, at + size));
			this.partBytes += size;
		} else if (this.parts.length > 0) {
			this.parts = [];
			this.partBytes = 0;
		}
	}

	/** The kept bytes; null when they were too many. */
	get bytes(): Buffer | null {
		if (this.isTooLong) return null;
		return Buffer.concat(this.begun === null ? this.parts : [...this.parts, this.begun]);
	}
}
