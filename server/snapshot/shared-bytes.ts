import { CHUNK } from "../../protocol/messages/server-message.ts";

const KINDS = Object.keys(CHUNK).length;

/**
 * Bytes for many clients, with space in front for the parts that differ. A client's header and private
 * part are written directly before the shared bytes, and everything leaves in one `write`. If the
 * kernel did not take all of it, the stream still holds the buffer, and the next client gets a copy.
 *
 *     | … free … | header, private part of this client | shared chunks |
 *                ^ start                               ^ HEADROOM      ^ end
 */
export const HEADROOM = 512;

export class SharedBytes {
	buffer: Buffer;
	end = HEADROOM;
	/** Chunks among the shared bytes. */
	chunks = 0;
	/** Bytes of them by kind. */
	readonly kindBytes = new Float64Array(KINDS);

	private view: Buffer | null = null;
	private viewStart = 0;
	private viewEnd = 0;

	constructor(capacity = 512) {
		this.buffer = Buffer.alloc(HEADROOM + capacity);
	}

	/** Empties the frame. */
	reset(): void {
		this.end = HEADROOM;
		this.chunks = 0;
		this.kindBytes.fill(0);
	}

	/** Appends one chunk, a whole msgpack element, or several of one kind. */
	append(kind: number, bytes: Uint8Array, from: number, to: number, chunks = 1): void {
		const end = this.end + to - from;
		if (end > this.buffer.length) {
			const larger = Buffer.alloc(end * 2);
			this.buffer.copy(larger, HEADROOM, HEADROOM, this.end);
			this.buffer = larger;
			this.view = null;
		}
		// byte by byte for short ones: a view would be an object per chunk
		if (to - from < 64)
			for (let i = from, at = this.end; i < to; ) this.buffer[at++] = bytes[i++] as number;
		else this.buffer.set(bytes.subarray(from, to), this.end);
		this.end = end;
		this.chunks += chunks;
		this.kindBytes[kind] = this.kindBytes[kind] + to - from;
	}

	/**
	 * The bytes from `start` to the end. If a client needs as much space in front as the one before, it
	 * gets the same object.
	 */
	from(start: number): Buffer {
		const { view } = this;
		if (view && start === this.viewStart && this.end === this.viewEnd) return view;
		this.viewStart = start;
		this.viewEnd = this.end;
		this.view = this.buffer.subarray(start, this.end);
		return this.view;
	}

	/** Leaves the buffer to the stream that holds it, and continues with a copy of the shared bytes. */
	rotate(): void {
		const next = Buffer.alloc(this.buffer.length);
		this.buffer.copy(next, HEADROOM, HEADROOM, this.end);
		this.buffer = next;
		this.view = null;
	}

	get sharedBytes(): number {
		return this.end - HEADROOM;
	}
}
