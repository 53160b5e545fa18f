/** Reads numbers and texts of DWARF, little-endian. What runs past the end is a RangeError. */
export class DwarfReader {
	readonly bytes: Uint8Array;
	private readonly view: DataView;
	at = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	u8(): number {
		return this.view.getUint8(this.at++);
	}

	i8(): number {
		return this.view.getInt8(this.at++);
	}

	u16(): number {
		this.at += 2;
		return this.view.getUint16(this.at - 2, true);
	}

	u32(): number {
		this.at += 4;
		return this.view.getUint32(this.at - 4, true);
	}

	/** LEB128 without a sign, up to 2^53. */
	uleb(): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.u8();
			if (shift < 53) value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
		}
	}

	/** LEB128 with a sign, of 32 bits. */
	sleb(): number {
		let value = 0;
		let shift = 0;
		for (;;) {
			const byte = this.u8();
			if (shift < 32) value |= (byte & 0x7f) << shift;
			shift += 7;
			if (byte >= 0x80) continue;
			return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
		}
	}

	/** A text that ends with a 0 byte. */
	text(): string {
		const end = this.bytes.indexOf(0, this.at);
		if (end < 0) throw new RangeError("a text without an end");
		const text = new TextDecoder().decode(this.bytes.subarray(this.at, end));
		this.at = end + 1;
		return text;
	}

	skip(bytes: number): void {
		if (bytes < 0 || this.at + bytes > this.bytes.length) throw new RangeError("past the end");
		this.at += bytes;
	}
}

/** The text at an offset of a section of texts; empty if there is none. */
export function textAt(section: Uint8Array | null, offset: number): string {
	if (!section || offset >= section.length) return "";
	const reader = new DwarfReader(section);
	reader.at = offset;
	return reader.text();
}
