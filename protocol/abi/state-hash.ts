import { type LiveTable, type Simulation, usedRows } from "./simulation.ts";

const CANONICAL_NAN = 0x7fc00000;
/** The upper word of an f64 NaN; the lower one is 0. */
const CANONICAL_NAN_64 = 0x7ff80000;

/** Two independent 32-bit lanes in the manner of MurmurHash3's body (Appleby, public domain). */
class Mixer {
	private a = 0x9747b28c;
	private b = 0x2c1b3c6d;

	word(value: number): void {
		let k = Math.imul(value, 0xcc9e2d51);
		k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
		const a = this.a ^ k;
		this.a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
		const b = this.b ^ Math.imul(value, 0x85ebca6b);
		this.b = (Math.imul((b << 11) | (b >>> 21), 9) + 0x38b34ae5) | 0;
	}

	hex(): string {
		const finish = (h: number): string => {
			let x = h ^ (h >>> 16);
			x = Math.imul(x, 0x85ebca6b);
			x ^= x >>> 13;
			x = Math.imul(x, 0xc2b2ae35);
			return ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, "0");
		};
		return finish(this.a) + finish(this.b);
	}
}

function hashTable(mixer: Mixer, table: LiveTable): void {
	const used = usedRows(table);
	for (let row = 0; row < used; row++) {
		const gen = table.gen[row];
		if (gen === 0) continue;
		mixer.word(row);
		mixer.word(gen);
	}
	for (const { about, values } of table.columns) {
		const wide = values.BYTES_PER_ELEMENT / 4;
		const isF32 = about.type === "f32";
		const isF64 = about.type === "f64";
		const words =
			wide >= 1 ? new Uint32Array(values.buffer, values.byteOffset, values.length * wide) : values;
		const per = Math.max(1, wide);
		for (let row = 0; row < used; row++) {
			if (table.gen[row] === 0) continue;
			if (isF64 && Number.isNaN(values[row])) {
				mixer.word(0);
				mixer.word(CANONICAL_NAN_64);
				continue;
			}
			for (let i = 0; i < per; i++) {
				const word = words[row * per + i] as number;
				mixer.word(isF32 && (word & 0x7fffffff) > 0x7f800000 ? CANONICAL_NAN : word);
			}
		}
	}
}

/**
 * Hash of what a game declares: every column of every live row, the random state and the tick that
 * comes next. 16 hex digits. NaNs count as one value, since their bits differ between machines.
 */
export function stateHash(simulation: Simulation, nextTick: number): string {
	const mixer = new Mixer();
	mixer.word(nextTick);
	for (let i = 0; i < 4; i++) mixer.word(simulation.randomState(i));
	for (const table of simulation.tables) hashTable(mixer, table);
	return mixer.hex();
}
