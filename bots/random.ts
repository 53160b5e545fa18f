/** Gives numbers from 0 up to, not including, 1. */
export type Random = () => number;

/** A small generator for one bot (mulberry32); bots of one seed differ by their index. */
export function seededRandom(seed: number, index = 0): Random {
	let state = (seed ^ Math.imul(index + 1, 0x9e3779b9)) >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let z = Math.imul(state ^ (state >>> 15), state | 1);
		z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
		return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
	};
}
