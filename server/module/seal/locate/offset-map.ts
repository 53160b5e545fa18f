/**
 * Which byte of the raw file each byte of the sealed code came from. The sealed code is a sequence
 * of runs: copied ones, and inserted ones, which stand for the raw instruction after them. Plain
 * data, so that it survives being posted between threads.
 */
export interface OffsetMap {
	/** First byte of each run in the sealed file, ascending. */
	readonly sealed: Uint32Array;
	/** The byte in the raw file that it came from, or that it guards. */
	readonly raw: Uint32Array;
	/** 1 where the seal inserted the run. */
	readonly inserted: Uint8Array;
	/** End of the sealed code. */
	readonly end: number;
}

interface RawPlace {
	/** Byte in the raw file. */
	readonly offset: number;
	/** True when the engine stopped in code of the seal: fuel or stack ran out there. */
	readonly inserted: boolean;
}

/** The raw place of a byte of the sealed code; null outside of it. */
export function rawPlace(map: OffsetMap, sealedOffset: number): RawPlace | null {
	const { sealed, raw, inserted, end } = map;
	if (sealedOffset >= end || sealed.length === 0 || sealedOffset < sealed[0]) return null;
	let low = 0;
	let high = sealed.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (sealed[middle] <= sealedOffset) low = middle;
		else high = middle - 1;
	}
	const isInserted = inserted[low] === 1;
	const offset = isInserted ? raw[low] : raw[low] + sealedOffset - sealed[low];
	return { offset, inserted: isInserted };
}

/** Collects runs while the code is written. */
export class OffsetMapBuilder {
	private numbers = new Uint32Array(1024);
	private count = 0;
	private placed = 0;

	/** Notes a run that begins at `sealed`, counted from the start of the function's body. */
	add(sealed: number, raw: number, inserted: boolean): void {
		const base = this.count++ * 3;
		if (base + 3 > this.numbers.length) {
			const grown = new Uint32Array(this.numbers.length * 2);
			grown.set(this.numbers);
			this.numbers = grown;
		}
		this.numbers[base] = sealed;
		this.numbers[base + 1] = raw;
		this.numbers[base + 2] = inserted ? 1 : 0;
	}

	/** Says where in the code section the runs noted since the last call begin. */
	place(base: number): void {
		for (; this.placed < this.count; this.placed++) this.numbers[this.placed * 3] += base;
	}

	/** The map for code that begins at `start` and ends at `end` in the sealed file. */
	finish(start: number, end: number): OffsetMap {
		const { count, numbers } = this;
		const sealed = new Uint32Array(count);
		const raw = new Uint32Array(count);
		const inserted = new Uint8Array(count);
		for (let i = 0; i < count; i++) {
			sealed[i] = start + numbers[i * 3];
			raw[i] = numbers[i * 3 + 1];
			inserted[i] = numbers[i * 3 + 2];
		}
		return { sealed, raw, inserted, end };
	}
}
