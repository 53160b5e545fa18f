import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/*
 * A binary arithmetic coder: each decision narrows a range of 32-bit numbers by how likely it was, and bytes
 * leave at the top as soon as both ends of the range agree on them. Chances are in 1/65536.
 */
const WHOLE = 65_536;
/** A decision without a model: 0 and 1 are equally likely. */
export const EVEN = WHOLE / 2;
/** No decision is ever considered certain. */
const LEAST = 32;
/** How far a chance moves towards the n-th decision, in 1/65536: 1 / (n + 4), 1/20 in the end. */
const PACE = Int32Array.from({ length: 17 }, (_, n) => Math.round(WHOLE / (n + 4)));
/** Most bytes that one decision takes: all of the range. */
export const MOST_BYTES = 4;
/** Bytes that the end of a stream takes. */
export const TAIL_BYTES = 4;

/** Chances of 1 that learn from what is coded; both ends start with the same. */
export class Chances {
	private readonly first: Uint16Array;
	private readonly chance: Uint16Array;
	private readonly seen: Uint8Array;

	constructor(first: ArrayLike<number>) {
		this.first = Uint16Array.from(first);
		this.chance = Uint16Array.from(first);
		this.seen = new Uint8Array(first.length);
	}

	reset(): void {
		this.chance.set(this.first);
		this.seen.fill(0);
	}

	of(context: number): number {
		return this.chance[context];
	}

	learn(context: number, bit: number): void {
		const chance = this.chance[context];
		const n = this.seen[context];
		if (n < PACE.length - 1) this.seen[context] = n + 1;
		const next = chance + ((((bit === 0 ? 0 : WHOLE) - chance) * PACE[n]) >> 16);
		this.chance[context] = next < LEAST ? LEAST : next > WHOLE - LEAST ? WHOLE - LEAST : next;
	}
}

/** The last number of the part of the range that stands for a 1. */
function split(low: number, high: number, chance: number): number {
	return low + Math.floor(((high - low) * chance) / WHOLE);
}

export class RangeEncoder {
	private low = 0;
	private high = 0xffffffff;

	begin(): void {
		this.low = 0;
		this.high = 0xffffffff;
	}

	/** The caller has made room for `MOST_BYTES`. */
	put(out: ByteWriter, bit: number, chance: number): void {
		const middle = split(this.low, this.high, chance);
		if (bit !== 0) this.high = middle;
		else this.low = middle + 1;
		while ((this.low ^ this.high) >>> 24 === 0) {
			out.u8(this.high >>> 24);
			this.low = (this.low << 8) >>> 0;
			this.high = ((this.high << 8) | 0xff) >>> 0;
		}
	}

	/** Equally likely bits, the highest first. */
	putEven(out: ByteWriter, value: number, bits: number): void {
		for (let i = bits - 1; i >= 0; i--) this.put(out, (value >>> i) & 1, EVEN);
	}

	finish(out: ByteWriter): void {
		for (let i = 3; i >= 0; i--) out.u8(this.high >>> (8 * i));
	}
}

export class RangeDecoder {
	private low = 0;
	private high = 0xffffffff;
	private at = 0;

	begin(from: ByteReader): void {
		this.low = 0;
		this.high = 0xffffffff;
		this.at = 0;
		for (let i = 0; i < TAIL_BYTES; i++) this.at = ((this.at << 8) | from.u8()) >>> 0;
	}

	take(from: ByteReader, chance: number): number {
		const middle = split(this.low, this.high, chance);
		const bit = this.at <= middle ? 1 : 0;
		if (bit !== 0) this.high = middle;
		else this.low = middle + 1;
		while ((this.low ^ this.high) >>> 24 === 0) {
			this.low = (this.low << 8) >>> 0;
			this.high = ((this.high << 8) | 0xff) >>> 0;
			this.at = ((this.at << 8) | from.u8()) >>> 0;
		}
		return bit;
	}

	takeEven(from: ByteReader, bits: number): number {
		let value = 0;
		for (let i = 0; i < bits; i++) value = (value << 1) | this.take(from, EVEN);
		return value;
	}
}
