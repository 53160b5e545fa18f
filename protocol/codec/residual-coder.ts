import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { ChainColumn } from "./chain-state.ts";
import {
	Chances,
	EVEN,
	MOST_BYTES,
	RangeDecoder,
	RangeEncoder,
	TAIL_BYTES,
} from "./range-coder.ts";

/*
 * Residuals by arithmetic coding, row by row. For each kept row: whether it left its guess, and if so
 * each column's residual: how many bits its size has, one decision for each more; its sign; the bits below
 * the highest. How likely a decision is follows from how the row and the column moved before, which both
 * ends know, and from the decisions before it in this very part: nothing is carried from chunk to chunk.
 */

/** Contexts of "this row left its guess": it rested, after a row that kept or left it; it moved … */
const ROW_CHANCES = [655, 8_000, 52_429, 52_429, 58_982];
/** Classes of a guessed column: bits of its last bend, at most so many. */
const MOST_CLASS = 8;
/** The class for columns that are not guessed. */
const WHOLE_CLASS = MOST_CLASS + 1;
const CLASSES = MOST_CLASS + 2;
/** Bits of a residual's size. */
const BITS = 32;
/** Chance that a residual has more than k bits, by class - k, from -6 to 6. */
const MORE_CHANCES = [
	440, 971, 2_122, 4_537, 9_279, 17_681, 29_502, 42_305, 52_429, 58_910, 62_397, 64_114, 64_906,
];
/** The same for columns that are not guessed: most stay as they are. */
const WHOLE_FIRST = 3_277;

function moreChance(context: number): number {
	const kind = Math.floor(context / BITS);
	const k = context % BITS;
	if (kind === WHOLE_CLASS) return k === 0 ? WHOLE_FIRST : EVEN;
	return MORE_CHANCES[Math.max(0, Math.min(12, kind - k + 6))];
}

/** Most bytes that one number takes, with the decision about its row. */
const NUMBER_BYTES = (2 * BITS + 2) * MOST_BYTES;
/** Space that `encode` needs beyond the bytes it may use. */
export const CODED_SPILL = NUMBER_BYTES + TAIL_BYTES;

/** How the columns of a table moved before the step that is coded. */
export interface Past {
	readonly steps: readonly Int32Array[];
	readonly bends: readonly Int32Array[];
}

class Model {
	readonly row = new Chances(ROW_CHANCES);
	readonly more = new Chances(Array.from({ length: CLASSES * BITS }, (_, i) => moreChance(i)));
	readonly second = new Chances(new Array<number>(BITS + 1).fill(EVEN));

	reset(): void {
		this.row.reset();
		this.more.reset();
		this.second.reset();
	}

	/** Context of whether the row left its guess. */
	rowContext(columns: readonly ChainColumn[], past: Past, row: number, before: number): number {
		let steps = 0;
		let bends = 0;
		for (let c = 0; c < columns.length; c++) {
			if (!columns[c].guessed) continue;
			steps |= past.steps[c][row];
			bends |= past.bends[c][row];
		}
		if (bends !== 0) return steps !== 0 ? 4 : 3;
		return steps !== 0 ? 2 : before;
	}

	/** First context of how many bits a residual has. */
	moreContext(column: ChainColumn, bends: Int32Array, row: number): number {
		if (!column.guessed) return WHOLE_CLASS * BITS;
		return Math.min(MOST_CLASS, bitsOf(Math.abs(bends[row]))) * BITS;
	}
}

function bitsOf(size: number): number {
	return 32 - Math.clz32(size);
}

export class ResidualEncoder {
	private readonly model = new Model();
	private readonly coder = new RangeEncoder();

	/**
	 * Codes the residuals of `rows[from..to)` if that takes fewer than `most` bytes; the caller has made
	 * room for those and `CODED_SPILL`. False if it takes more; what was written is then invalid.
	 */
	encode(
		out: ByteWriter,
		columns: readonly ChainColumn[],
		past: Past,
		residuals: readonly Int32Array[],
		dirty: Int32Array,
		rows: Int32Array,
		from: number,
		to: number,
		most: number,
	): boolean {
		const { model, coder } = this;
		const end = out.length + most;
		model.reset();
		coder.begin();
		let before = 0;
		for (let i = from; i < to; i++) {
			const row = rows[i];
			const context = model.rowContext(columns, past, row, before);
			before = dirty[row] === 0 ? 0 : 1;
			coder.put(out, before, model.row.of(context));
			model.row.learn(context, before);
			if (before === 0) continue;
			for (let c = 0; c < columns.length; c++) {
				const base = model.moreContext(columns[c], past.bends[c], row);
				this.encodeNumber(out, base, residuals[c][row]);
				if (out.length >= end) return false;
			}
			if (out.length >= end) return false;
		}
		coder.finish(out);
		return out.length < end;
	}

	private encodeNumber(out: ByteWriter, base: number, n: number): void {
		const { coder, model } = this;
		const { more, second } = model;
		const size = Math.abs(n);
		const bits = bitsOf(size);
		for (let k = 0; k < BITS; k++) {
			const bit = bits > k ? 1 : 0;
			coder.put(out, bit, more.of(base + k));
			more.learn(base + k, bit);
			if (bit === 0) break;
		}
		if (bits === 0) return;
		coder.put(out, n < 0 ? 1 : 0, EVEN);
		if (bits === 1) return;
		const bit = (size >>> (bits - 2)) & 1;
		coder.put(out, bit, second.of(bits));
		second.learn(bits, bit);
		coder.putEven(out, size, bits - 2);
	}
}

export class ResidualDecoder {
	private readonly model = new Model();
	private readonly coder = new RangeDecoder();

	/**
	 * Reads the residuals of `kept[0..n)`, column by column into `numbers`, for the rows that it puts into
	 * `rows`. Returns how many these are.
	 */
	decode(
		from: ByteReader,
		columns: readonly ChainColumn[],
		past: Past,
		kept: Int32Array,
		n: number,
		rows: Int32Array,
		numbers: readonly Int32Array[],
	): number {
		const { model, coder } = this;
		model.reset();
		coder.begin(from);
		let count = 0;
		let before = 0;
		for (let i = 0; i < n && !from.failed; i++) {
			const row = kept[i];
			const context = model.rowContext(columns, past, row, before);
			before = coder.take(from, model.row.of(context));
			model.row.learn(context, before);
			if (before === 0) continue;
			for (let c = 0; c < columns.length; c++) {
				const base = model.moreContext(columns[c], past.bends[c], row);
				numbers[c][count] = this.decodeNumber(from, base);
			}
			rows[count++] = row;
		}
		return count;
	}

	private decodeNumber(from: ByteReader, base: number): number {
		const { coder, model } = this;
		const { more, second } = model;
		let bits = 0;
		for (; bits < BITS; bits++) {
			const bit = coder.take(from, more.of(base + bits));
			more.learn(base + bits, bit);
			if (bit === 0) break;
		}
		if (bits === 0) return 0;
		const isNegative = coder.take(from, EVEN) === 1;
		let size = 1;
		if (bits > 1) {
			const bit = coder.take(from, second.of(bits));
			second.learn(bits, bit);
			size = (2 | bit) << (bits - 2);
			size |= coder.takeEven(from, bits - 2);
		}
		return isNegative ? -size | 0 : size | 0;
	}
}
