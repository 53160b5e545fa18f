import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** Cubes of a frame, and what is known of each. */
export const CUBES = 901;
export const COLUMNS = ["largest", "a", "b", "c", "x", "y", "z", "interacting"] as const;

/**
 * Frames of `CUBES` times `COLUMNS` integers, cube by cube, as bytes that compress well: column by
 * column, for each frame the changes of the steps, with the number of cubes in between that have none.
 */
export function packTrace(frames: readonly Int32Array[]): Uint8Array {
	const bytes: number[] = [];
	const put = (n: number): void => {
		for (let v = n >>> 0; ; v >>>= 7) {
			bytes.push(v < 128 ? v : (v & 127) | 128);
			if (v < 128) return;
		}
	};
	put(frames.length);
	for (let c = 0; c < COLUMNS.length; c++) {
		const value = new Int32Array(CUBES);
		const step = new Int32Array(CUBES);
		for (const frame of frames) {
			let still = 0;
			for (let cube = 0; cube < CUBES; cube++) {
				const move = frame[cube * COLUMNS.length + c] - value[cube];
				const turn = move - step[cube];
				value[cube] += move;
				step[cube] = move;
				if (turn === 0) {
					still++;
					continue;
				}
				put(still);
				put((turn << 1) ^ (turn >> 31));
				still = 0;
			}
			put(still);
			put(0);
		}
	}
	return Uint8Array.from(bytes);
}

/** The frames again. */
export function unpackTrace(bytes: Uint8Array): Int32Array[] {
	let at = 0;
	const take = (): number => {
		let n = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[at++];
			n |= (byte & 127) << shift;
			if (byte < 128) return n >>> 0;
		}
	};
	const frames = Array.from({ length: take() }, () => new Int32Array(CUBES * COLUMNS.length));
	for (let c = 0; c < COLUMNS.length; c++) {
		const value = new Int32Array(CUBES);
		const step = new Int32Array(CUBES);
		for (const frame of frames) {
			let cube = 0;
			const turn = (by: number): void => {
				step[cube] += by;
				value[cube] += step[cube];
				frame[cube * COLUMNS.length + c] = value[cube];
				cube++;
			};
			for (;;) {
				for (let still = take(); still > 0; still--) turn(0);
				const z = take();
				if (z === 0) break;
				turn((z >>> 1) ^ -(z & 1));
			}
		}
	}
	return frames;
}

/** The trace that comes with the sources; generate.mjs made it. */
export function loadTrace(): Int32Array[] {
	const beside = path.join(import.meta.dirname, "cubes.bin");
	const file = existsSync(beside)
		? beside
		: path.resolve(import.meta.dirname, "../../../bench/cubes/cubes.bin");
	return unpackTrace(new Uint8Array(brotliDecompressSync(readFileSync(file))));
}
