/** A growing byte buffer that writes wasm's numbers. */
export class ByteSink {
	private buffer: Uint8Array<ArrayBuffer>;
	length = 0;

	constructor(capacity: number) {
		this.buffer = new Uint8Array(Math.max(capacity, 64));
	}

	private ensure(more: number): void {
		const need = this.length + more;
		if (need <= this.buffer.length) return;
		const grown = new Uint8Array(Math.max(need, this.buffer.length * 2));
		grown.set(this.buffer.subarray(0, this.length));
		this.buffer = grown;
	}

	clear(): void {
		this.length = 0;
	}

	/** What was written so far; valid until the next write. */
	written(): Uint8Array<ArrayBuffer> {
		return this.buffer.subarray(0, this.length);
	}

	u8(...values: number[]): void {
		this.ensure(values.length);
		for (const value of values) this.buffer[this.length++] = value;
	}

	u32(value: number): void {
		this.ensure(5);
		let v = value >>> 0;
		while (v > 0x7f) {
			this.buffer[this.length++] = (v & 0x7f) | 0x80;
			v >>>= 7;
		}
		this.buffer[this.length++] = v;
	}

	/** A signed LEB128 of 32 bits. */
	s32(value: number): void {
		this.ensure(5);
		let v = value | 0;
		while (v < -64 || v > 63) {
			this.buffer[this.length++] = (v & 0x7f) | 0x80;
			v >>= 7;
		}
		this.buffer[this.length++] = v & 0x7f;
	}

	bytes(from: Uint8Array): void {
		this.ensure(from.length);
		this.buffer.set(from, this.length);
		this.length += from.length;
	}

	text(value: string): void {
		const bytes = new TextEncoder().encode(value);
		this.u32(bytes.length);
		this.bytes(bytes);
	}
}
