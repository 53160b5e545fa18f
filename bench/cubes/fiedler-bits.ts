import { COLUMNS, CUBES } from "./trace.ts";

/*
 * What a frame takes by the bit packing that Glenn Fiedler describes in "Snapshot Compression" (2015):
 * relative indices of the cubes that differ from an earlier frame; small differences of position and
 * orientation in few bits, larger ones in more, else whole values. The ranges are those of the text, or
 * near them; it counts bits and writes none. It tells how a trace compares with the one of the article.
 */
const [LARGEST, A, , , X, Y, Z] = COLUMNS.keys();
const WIDTH = COLUMNS.length;

/** Bits of the gap to the last index: short ones for neighbours. */
function indexBits(gap: number): number {
	if (gap === 1) return 1;
	if (gap <= 6) return 2 + 2;
	if (gap <= 22) return 3 + 4;
	if (gap <= 86) return 4 + 6;
	return 5 + 10;
}

function fits(deltas: readonly number[], bits: number): boolean {
	return deltas.every((d) => d >= -(2 ** (bits - 1)) && d < 2 ** (bits - 1));
}

function componentBits(delta: number, small: number, large: number): number {
	return 1 + (fits([delta], small) ? small : large);
}

/** Bits of `frame` for somebody who has `base`. */
export function fiedlerBits(frame: Int32Array, base: Int32Array): number {
	let bits = 10;
	let last = -1;
	for (let cube = 0; cube < CUBES; cube++) {
		const at = cube * WIDTH;
		const delta = (c: number): number => frame[at + c] - base[at + c];
		if (!COLUMNS.some((_, c) => delta(c) !== 0)) continue;
		bits += indexBits(cube - last) + 1;
		last = cube;
		const position = [delta(X), delta(Y), delta(Z)];
		bits += 1;
		if (position.some((d) => d !== 0)) {
			bits += 1;
			if (fits(position, 10)) {
				bits += position.reduce((sum, d) => sum + componentBits(d, 5, 10), 0);
			} else bits += 18 + 18 + 14;
		}
		const rotation = [delta(A), delta(A + 1), delta(A + 2)];
		bits += 1;
		if (delta(LARGEST) !== 0 || rotation.some((d) => d !== 0)) {
			bits += 1;
			if (delta(LARGEST) === 0 && fits(rotation, 7)) {
				bits += rotation.reduce((sum, d) => sum + componentBits(d, 4, 7), 0);
			} else bits += 2 + 9 * 3;
		}
	}
	return bits;
}
