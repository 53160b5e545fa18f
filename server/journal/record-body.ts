import { ByteReader } from "../../protocol/codec/byte-reader.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads one record's body. Past its end it returns nothing and sets a flag. */
export class RecordBody extends ByteReader {
	/** Where the record begins in the file, for messages. */
	readonly offset: number;

	constructor(bytes: Uint8Array, offset: number) {
		super(bytes);
		this.offset = offset;
	}

	take(length: number): Uint8Array {
		if (length > this.bytes.length - this.at) {
			this.failed = true;
			return new Uint8Array(0);
		}
		this.at += length;
		return this.bytes.subarray(this.at - length, this.at);
	}

	rest(): Uint8Array {
		return this.take(this.bytes.length - this.at);
	}

	hex(length: number): string {
		return Buffer.from(this.take(length)).toString("hex");
	}

	u32(): number {
		const bytes = this.take(4);
		return bytes.length < 4 ? 0 : Buffer.from(bytes).readUInt32LE();
	}

	u64(): bigint {
		const bytes = this.take(8);
		return bytes.length < 8 ? 0n : Buffer.from(bytes).readBigUInt64LE();
	}

	/** A varint with so many bytes of UTF-8; what is longer, or none, counts as failed. */
	text(mostBytes: number): string {
		const length = this.varint();
		if (length > mostBytes) this.failed = true;
		if (this.failed) return "";
		try {
			return utf8.decode(this.take(length));
		} catch {
			this.failed = true;
			return "";
		}
	}

	/** Nothing was missing, and nothing is left over. */
	get isWhole(): boolean {
		return !this.failed && this.atEnd;
	}
}
