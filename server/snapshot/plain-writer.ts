import { ByteWriter } from "../../protocol/codec/byte-writer.ts";

/** Maximum bytes of one number. */
const NUMBER_BYTES = 9;

/** Writes arrays and numbers as msgpack, one after the other into one buffer. */
export class PlainWriter {
	readonly out = new ByteWriter(1024);
	private view = new DataView(this.out.bytes.buffer);

	/** The head of an array; its `n` elements follow. */
	array(n: number): void {
		const { out } = this;
		this.room();
		if (n < 16) out.u8(0x90 | n);
		else {
			out.u8(0xdd);
			this.view.setUint32(out.length, n);
			out.length += 4;
		}
	}

	nil(): void {
		this.room();
		this.out.u8(0xc0);
	}

	/** An integer of up to 64 bits, in an integer's form. */
	integer(n: number | bigint): void {
		const { out } = this;
		this.room();
		if (n >= 0 && n < 0x80) return out.u8(Number(n));
		if (n >= -0x80000000 && n <= 0x7fffffff) {
			out.u8(0xd2);
			this.view.setInt32(out.length, Number(n));
			out.length += 4;
		} else if (n >= 0 && n <= 0xffffffff) {
			out.u8(0xce);
			this.view.setUint32(out.length, Number(n));
			out.length += 4;
		} else if (n >= 0) {
			out.u8(0xcf);
			this.view.setBigUint64(out.length, BigInt(n));
			out.length += 8;
		} else {
			out.u8(0xd3);
			this.view.setBigInt64(out.length, BigInt(n));
			out.length += 8;
		}
	}

	/** Any number: without a fraction, as an integer. */
	number(n: number): void {
		if (Number.isSafeInteger(n)) return this.integer(n);
		this.room();
		this.out.u8(0xcb);
		this.view.setFloat64(this.out.length, n);
		this.out.length += 8;
	}

	/** Appends what another writer has written. */
	append(bytes: Uint8Array, length: number): void {
		this.out.ensure(length);
		this.out.bytes.set(bytes.subarray(0, length), this.out.length);
		this.out.length += length;
	}

	private room(): void {
		this.out.ensure(NUMBER_BYTES);
		if (this.view.buffer !== this.out.bytes.buffer) this.view = new DataView(this.out.bytes.buffer);
	}
}
