/** Reads what ByteWriter wrote. Past the end it returns zeros and sets `failed`. */
export class ByteReader {
	readonly bytes: Uint8Array;
	at = 0;
	/** True once anything was read past the end, or a number was too long. */
	failed = false;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	u8(): number {
		if (this.at >= this.bytes.length) {
			this.failed = true;
			return 0;
		}
		return this.bytes[this.at++] as number;
	}

	varint(): number {
		let value = 0;
		for (let shift = 0; shift < 35; shift += 7) {
			const byte = this.u8();
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value >>> 0;
		}
		this.failed = true;
		return 0;
	}

	get atEnd(): boolean {
		return this.at === this.bytes.length;
	}
}
