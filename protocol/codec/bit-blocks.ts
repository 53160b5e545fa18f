import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/*
 * Signed 32-bit values in blocks of 16. Each block starts with a 4-bit code for the width of its
 * values, which follow as zigzag numbers of that many bits (0 -> 0, -1 -> 1, 1 -> 2, …):
 *
 *     code 4 | value w | value w | … 16 times, fewer in the last block
 *
 * Bits fill bytes from the lowest up, and blocks follow one another without padding; `finish` pads
 * to a whole byte. Block bit-packing after Lemire and Boytsov, "Decoding billions of integers per
 * second through vectorization" (2015), with small blocks.
 */
export const BLOCK = 16;
export const WIDTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 32] as const;

/** The code of the smallest width that holds a number of n bits, n from 0 to 32. */
const CODE_OF_BITS = Uint8Array.from({ length: 33 }, (_, bits) =>
	WIDTHS.findIndex((width) => width >= bits),
);

/** Most bytes that `n` values can take. */
export function maxBlockBytes(n: number): number {
	return n * 4 + (n >> 5) + 8;
}

export class BitPacker {
	private held = 0;
	private heldBits = 0;

	/** Appends `values[0..n)`. The caller has made room with `maxBlockBytes`. */
	pack(out: ByteWriter, values: Int32Array, n: number): void {
		const { bytes } = out;
		let at = out.length;
		let held = this.held;
		let heldBits = this.heldBits;
		for (let from = 0; from < n; from += BLOCK) {
			const to = Math.min(from + BLOCK, n);
			let all = 0;
			for (let i = from; i < to; i++) {
				const v = values[i] as number;
				all |= (v << 1) ^ (v >> 31);
			}
			const code = CODE_OF_BITS[32 - Math.clz32(all)] as number;
			const width = WIDTHS[code] as number;
			held |= code << heldBits;
			heldBits += 4;
			while (heldBits >= 8) {
				bytes[at++] = held;
				held >>>= 8;
				heldBits -= 8;
			}
			if (width === 0) continue;
			for (let i = from; i < to; i++) {
				const v = values[i] as number;
				let z = (v << 1) ^ (v >> 31);
				let left = width;
				if (left > 24) {
					// at most 7 bits are held, so 16 more always fit 32
					held |= (z & 0xffff) << heldBits;
					bytes[at++] = held;
					bytes[at++] = held >>> 8;
					held >>>= 16;
					z >>>= 16;
					left = 16;
				}
				held |= z << heldBits;
				heldBits += left;
				while (heldBits >= 8) {
					bytes[at++] = held;
					held >>>= 8;
					heldBits -= 8;
				}
			}
		}
		out.length = at;
		this.held = held;
		this.heldBits = heldBits;
	}

	/** Pads to a whole byte. */
	finish(out: ByteWriter): void {
		if (this.heldBits > 0) out.u8(this.held);
		this.held = 0;
		this.heldBits = 0;
	}
}

export class BitUnpacker {
	private held = 0;
	private heldBits = 0;

	/** Reads `n` values into `values[0..n)`. Past the end of the bytes it gives zeros and `failed`. */
	unpack(from: ByteReader, values: Int32Array, n: number): void {
		for (let start = 0; start < n; start += BLOCK) {
			const end = Math.min(start + BLOCK, n);
			const width = WIDTHS[this.take(from, 4)] as number;
			for (let i = start; i < end; i++) {
				let z: number;
				if (width === 0) z = 0;
				else if (width <= 24) z = this.take(from, width);
				else z = this.take(from, 16) | (this.take(from, 16) << 16);
				values[i] = (z >>> 1) ^ -(z & 1);
			}
		}
	}

	/** Drops the padding. */
	finish(): void {
		this.held = 0;
		this.heldBits = 0;
	}

	/** At most 24 bits: with 7 held they fit 32. */
	private take(from: ByteReader, bits: number): number {
		let held = this.held;
		let heldBits = this.heldBits;
		while (heldBits < bits) {
			held |= from.u8() << heldBits;
			heldBits += 8;
		}
		this.held = held >>> bits;
		this.heldBits = heldBits - bits;
		return held & ((1 << bits) - 1);
	}
}
