import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { KernelMemory } from "./kernel.ts";

/*
 * Signed 32-bit values in blocks of 8. Each block starts with a 4-bit code for the width of its
 * values, which follow as zigzag numbers of that many bits (0 -> 0, -1 -> 1, 1 -> 2, …):
 *
 *     code 4 | value w | value w | … 8 times, fewer in the last block
 *
 * Bits fill bytes from the lowest up, and blocks follow one another without padding; `finish` pads
 * to a whole byte. Block bit-packing after Lemire and Boytsov, "Decoding billions of integers per
 * second through vectorization" (2015), with small blocks.
 */
export const BLOCK = 8;
export const WIDTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 32] as const;

/** The code of the smallest width that holds a number of n bits, n from 0 to 32. */
const CODE_OF_BITS = Uint8Array.from({ length: 33 }, (_, bits) =>
	WIDTHS.findIndex((width) => width >= bits),
);
const WIDTH_OF_CODE = Uint8Array.from(WIDTHS);

/** Maximum bytes that `n` values can take, including what a word stored at the end may spill. */
export function maxBlockBytes(n: number): number {
	return n * 4 + (n >> 4) + 16;
}

/** Below this many values, packing is faster without the kernel. */
export const LEAST_KERNEL_ROWS = 64;

/** Words of kernel memory that a packer of up to `n` values needs. */
export function packedWords(n: number): number {
	return (maxBlockBytes(n) >> 2) + 1;
}

export class BitPacker {
	/** Fewer than 8 bits between calls. */
	private held = 0;
	private heldBits = 0;
	private readonly memory: KernelMemory | null;
	private readonly packed: Int32Array;
	private readonly packedBytes: Uint8Array;

	/** Packs values in the kernel's memory, `most` at once. */
	constructor(memory: KernelMemory | null = null, most = 0) {
		this.memory = memory?.loops ? memory : null;
		this.packed = memory?.loops ? memory.ints(packedWords(most)) : new Int32Array(0);
		this.packedBytes = new Uint8Array(this.packed.buffer);
	}

	/** Appends `values[0..n)`. The caller has made room with `maxBlockBytes`. */
	pack(out: ByteWriter, values: Int32Array, n: number): void {
		const whole = n & -BLOCK;
		if (this.memory && n >= LEAST_KERNEL_ROWS && this.memory.holds(values)) {
			this.packByKernel(this.memory, out, values, whole);
		} else for (let from = 0; from < whole; from += BLOCK) this.packBlock(out, values, from);
		if (whole === n) return;
		let all = 0;
		for (let i = whole; i < n; i++) all |= zigzag(values[i]);
		const code = CODE_OF_BITS[32 - Math.clz32(all)];
		const width = WIDTH_OF_CODE[code];
		this.put(out, code, 4);
		if (width === 0) return;
		for (let i = whole; i < n; i++) this.put(out, zigzag(values[i]), width);
	}

	private packByKernel(
		memory: KernelMemory,
		out: ByteWriter,
		values: Int32Array,
		whole: number,
	): void {
		const start = this.packed.byteOffset;
		memory.setHeld(this.held, this.heldBits);
		const end = memory.loops?.pack(values.byteOffset, whole / BLOCK, start) ?? start;
		out.bytes.set(this.packedBytes.subarray(start, end), out.length);
		out.length += end - start;
		this.held = memory.held;
		this.heldBits = memory.heldBits;
	}

	/** Pads to a whole byte. */
	finish(out: ByteWriter): void {
		if (this.heldBits > 0) out.u8(this.held);
		this.held = 0;
		this.heldBits = 0;
	}

	/** A whole block: as many values as fit go into one word, and words into the bytes. */
	private packBlock(out: ByteWriter, values: Int32Array, at: number): void {
		const a = zigzag(values[at]);
		const b = zigzag(values[at + 1]);
		const c = zigzag(values[at + 2]);
		const d = zigzag(values[at + 3]);
		const e = zigzag(values[at + 4]);
		const f = zigzag(values[at + 5]);
		const g = zigzag(values[at + 6]);
		const h = zigzag(values[at + 7]);
		const code = CODE_OF_BITS[32 - Math.clz32(a | b | c | d | e | f | g | h)];
		const w = WIDTH_OF_CODE[code];
		this.put(out, code, 4);
		if (w === 0) return;
		if (w <= 8) {
			const low = a | (b << w) | (c << (2 * w)) | (d << (3 * w));
			const high = e | (f << w) | (g << (2 * w)) | (h << (3 * w));
			if (w <= 4) this.put(out, low | (high << (4 * w)), 8 * w);
			else {
				this.put(out, low, 4 * w);
				this.put(out, high, 4 * w);
			}
		} else if (w <= 16) {
			this.put(out, a | (b << w), 2 * w);
			this.put(out, c | (d << w), 2 * w);
			this.put(out, e | (f << w), 2 * w);
			this.put(out, g | (h << w), 2 * w);
		} else for (let i = at; i < at + BLOCK; i++) this.put(out, zigzag(values[i]), w);
	}

	/** Appends 1 to 32 bits; those of `word` above them are 0. */
	private put(out: ByteWriter, word: number, bits: number): void {
		const { bytes, length } = out;
		const { heldBits } = this;
		const total = heldBits + bits;
		const low = this.held | (word << heldBits);
		// a shift by 32 would be one by 0
		const high = heldBits === 0 ? 0 : word >>> (32 - heldBits);
		// the next word overwrites whatever lies beyond the whole bytes
		bytes[length] = low;
		bytes[length + 1] = low >>> 8;
		bytes[length + 2] = low >>> 16;
		bytes[length + 3] = low >>> 24;
		out.length = length + (total >> 3);
		this.heldBits = total & 7;
		this.held = total >= 32 ? high : (low >>> (total & 24)) & 0xff;
	}
}

function zigzag(n: number): number {
	return (n << 1) ^ (n >> 31);
}

/** Bytes that a block of 24 bits a value may reach into, with its header and the word at its end. */
const FAST_BYTES = 32;

/** The bits from `bit` on, 25 of them at least. */
function wordAt(bytes: Uint8Array, bit: number): number {
	const at = bit >>> 3;
	const low = bytes[at] | (bytes[at + 1] << 8);
	const high = bytes[at + 2] | (bytes[at + 3] << 8);
	return (low | (high << 16)) >>> (bit & 7);
}

export class BitUnpacker {
	private held = 0;
	private heldBits = 0;

	/** Reads `n` values into `values[0..n)`. Past the end of the bytes it gives zeros and `failed`. */
	unpack(from: ByteReader, values: Int32Array, n: number): void {
		const start = this.unpackFast(from, values, n);
		for (let at = start; at < n; at += BLOCK) {
			const end = Math.min(at + BLOCK, n);
			const width = WIDTH_OF_CODE[this.take(from, 4)];
			for (let i = at; i < end; i++) {
				let z = 0;
				if (width <= 24) z = this.take(from, width);
				else z = this.take(from, 16) | (this.take(from, 16) << 16);
				values[i] = (z >>> 1) ^ -(z & 1);
			}
		}
	}

	/** Whole blocks of up to 24 bits, while far from the end: returns how many values it read. */
	private unpackFast(from: ByteReader, values: Int32Array, n: number): number {
		const { bytes } = from;
		const whole = n & -BLOCK;
		const last = (bytes.length - FAST_BYTES) * 8;
		let bit = from.at * 8 - this.heldBits;
		let at = 0;
		for (; at < whole && bit <= last; at += BLOCK) {
			const width = WIDTH_OF_CODE[wordAt(bytes, bit) & 15];
			if (width > 24) break;
			bit += 4;
			const mask = (1 << width) - 1;
			// a word has at least 25 bits of use
			const perWord = width <= 3 ? 8 : width <= 6 ? 4 : 1;
			for (let i = at; i < at + BLOCK; ) {
				let word = wordAt(bytes, bit);
				bit += perWord * width;
				for (const end = i + perWord; i < end; i++) {
					const z = word & mask;
					word >>>= width;
					values[i] = (z >>> 1) ^ -(z & 1);
				}
			}
		}
		from.at = (bit + 7) >> 3;
		this.heldBits = from.at * 8 - bit;
		this.held = this.heldBits === 0 ? 0 : bytes[from.at - 1] >>> (8 - this.heldBits);
		return at;
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
