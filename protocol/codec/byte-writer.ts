/** A growing byte buffer with varints. Filled once per snapshot, then reused. */
export class ByteWriter {
	bytes: Uint8Array<ArrayBuffer>;
	length = 0;

	constructor(capacity = 1024) {
		this.bytes = new Uint8Array(capacity);
	}

	/** Makes sure that `more` bytes fit; call it before a section, not before each byte. */
	ensure(more: number): void {
		const need = this.length + more;
		if (need <= this.bytes.length) return;
		const bytes = new Uint8Array(Math.max(need, this.bytes.length * 2));
		bytes.set(this.bytes.subarray(0, this.length));
		this.bytes = bytes;
	}

	u8(value: number): void {
		this.bytes[this.length++] = value;
	}

	/** LEB128, at most 5 bytes. */
	varint(value: number): void {
		let v = value >>> 0;
		while (v > 0x7f) {
			this.bytes[this.length++] = (v & 0x7f) | 0x80;
			v >>>= 7;
		}
		this.bytes[this.length++] = v;
	}
}

export function varintBytes(value: number): number {
	return value < 0x80
		? 1
		: value < 0x4000
			? 2
			: value < 0x20_0000
				? 3
				: value < 0x1000_0000
					? 4
					: 5;
}
