/**
 * Random numbers that are the same for the same seed (splitmix32). Whoever needs some takes a `fork`, so
 * that one who draws more often changes nothing for the others.
 */
export class SeededRandom {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** A generator of its own for `label`: the same one whatever has been drawn before. */
	static fork(seed: number, label: number): SeededRandom {
		const random = new SeededRandom(Math.imul(label + 1, 0x9e3779b9) ^ seed);
		return new SeededRandom(random.u32());
	}

	u32(): number {
		this.state = (this.state + 0x9e3779b9) >>> 0;
		let z = this.state;
		z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
		z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
		return (z ^ (z >>> 16)) >>> 0;
	}

	/** From 0 up to, not including, 1. */
	readonly next = (): number => this.u32() / 2 ** 32;

	between(least: number, most: number): number {
		return least + this.next() * (most - least);
	}

	/** A whole number from 0 up to, not including, `end`. */
	below(end: number): number {
		return Math.floor(this.next() * end);
	}

	chance(share: number): boolean {
		return this.next() < share;
	}

	/** Time to the next of events that happen `perSecond` times on average, ms. */
	gapMs(perSecond: number): number {
		return perSecond > 0 ? (-Math.log(1 - this.next()) * 1000) / perSecond : Infinity;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.below(items.length)] as T;
	}

	bytes(count: number): Buffer {
		return Buffer.from(Array.from({ length: count }, () => this.u32() & 0xff));
	}
}
