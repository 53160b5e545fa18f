/**
 * Bytes that many clients get, with room in front for what differs between them: a client's header,
 * prefix and, as long as they are few, own rows. They are written right before the shared bytes and the whole leaves in one `write`. When the
 * kernel did not take it all, the stream still holds the buffer, and the next client gets a copy.
 *
 *     | … free … | header, prefix of this client | shared bytes |
 *                ^ start                         ^ HEADROOM      ^ end
 */
export const HEADROOM = 512;

export class SharedFrame {
	buffer: Buffer;
	end = HEADROOM;

	constructor(capacity = 512) {
		this.buffer = Buffer.alloc(HEADROOM + capacity);
	}

	/** Empties the frame and makes room for `bytes`. */
	reset(bytes: number): void {
		this.end = HEADROOM;
		if (this.buffer.length < HEADROOM + bytes) this.buffer = Buffer.alloc((HEADROOM + bytes) * 2);
	}

	/** Leaves the buffer to whoever holds it and goes on with a copy of the shared bytes. */
	rotate(): void {
		const next = Buffer.alloc(this.buffer.length);
		this.buffer.copy(next, HEADROOM, HEADROOM, this.end);
		this.buffer = next;
	}

	get sharedBytes(): number {
		return this.end - HEADROOM;
	}
}
