/** Gives numbers from 0 up to, not including, 1. */
export type Random = () => number;

/**
 * Random numbers that are the same for the same seed: for tests, bots and pictures, not for secrets.
 * The algorithm is splitmix32, a counter that advances by the golden ratio (Steele, Lea and Flood, "Fast
 * splittable pseudorandom number generators", 2014), mixed by the finaliser of MurmurHash3 (Appleby).
 * Each part of a program takes a `fork`, so that one that draws more often changes nothing for the others.
 */
export class SeededRandom {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** A separate generator for `label`, such as the number of a bot or a client. */
	static fork(seed: number, label: number): SeededRandom {
		const random = new SeededRandom(Math.imul(label + 1, 0x9e3779b9) ^ seed);
		return new SeededRandom(random.u32());
	}

	/** An integer from 0 up to, not including, 2³². */
	u32(): number {
		this.state = (this.state + 0x9e3779b9) >>> 0;
		let z = this.state;
		z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
		z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
		return (z ^ (z >>> 16)) >>> 0;
	}

	/** From 0 up to, not including, 1; may be passed on as a function. */
	readonly next: Random = () => this.u32() / 2 ** 32;

	between(least: number, most: number): number {
		return least + this.next() * (most - least);
	}

	/** An integer from 0 up to, not including, `end`. */
	below(end: number): number {
		return Math.floor(this.next() * end);
	}

	/** True in this share (0 to 1) of all calls. */
	chance(share: number): boolean {
		return this.next() < share;
	}

	/** Time to the next of events that happen `perSecond` times on average, ms. */
	gapMs(perSecond: number): number {
		return perSecond > 0 ? (-Math.log(1 - this.next()) * 1000) / perSecond : Infinity;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.below(items.length)];
	}

	/** `count` bytes. */
	bytes(count: number): Uint8Array<ArrayBuffer> {
		return Uint8Array.from({ length: count }, () => this.u32() & 0xff);
	}
}
