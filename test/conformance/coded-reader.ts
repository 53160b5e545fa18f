import type { ColumnShape } from "./schema-reader.ts";

/*
 * Coded residuals, read decision by decision as PROTOCOL.md §5.1 says: slow, with plain numbers and maps.
 */

/** Chance of one more bit by class - k, from -6 to 6. */
const MORE = [
	440, 971, 2122, 4537, 9279, 17681, 29502, 42305, 52429, 58910, 62397, 64114, 64906,
] as const;
const ROW = [655, 8000, 52429, 52429, 58982] as const;

interface Context {
	chance: number;
	n: number;
}

/** One row as it moved before. */
export interface PastRow {
	steps: number[];
	bends: number[];
}

export class CodedReader {
	private readonly next: () => number;
	private readonly contexts = new Map<string, Context>();
	private low = 0;
	private high = 2 ** 32 - 1;
	private at = 0;

	/** `next` gives the part's bytes, one after the other. */
	constructor(next: () => number) {
		this.next = next;
		for (let i = 0; i < 4; i++) this.at = this.at * 256 + next();
	}

	/** The residuals of each row that left its guess, by its place in `rows`. */
	read(columns: readonly ColumnShape[], rows: readonly PastRow[]): Map<number, number[]> {
		const residuals = new Map<number, number[]>();
		let before = 0;
		rows.forEach((row, i) => {
			const moved = (numbers: number[]) => columns.some((c, k) => c.isGuessed && numbers[k] !== 0);
			const [steps, bends] = [moved(row.steps), moved(row.bends)];
			const context = bends ? (steps ? 4 : 3) : steps ? 2 : before;
			before = this.learned(`row ${context}`, ROW[context]);
			if (before === 0) return;
			residuals.set(
				i,
				columns.map((column, c) => this.number(column, row.bends[c])),
			);
		});
		return residuals;
	}

	private number({ isGuessed }: ColumnShape, bend: number): number {
		const kind = Math.min(8, bend === 0 ? 0 : 1 + Math.floor(Math.log2(Math.abs(bend))));
		let bits = 0;
		while (bits < 32) {
			const distance = Math.max(-6, Math.min(6, kind - bits));
			const guessed = MORE[distance + 6];
			const first = isGuessed ? guessed : bits === 0 ? 3277 : 32768;
			if (this.learned(`more ${isGuessed ? kind : "whole"} ${bits}`, first) === 0) break;
			bits++;
		}
		if (bits === 0) return 0;
		const sign = this.decide(32768) === 1 ? -1 : 1;
		let size = 1;
		for (let i = 1; i < bits; i++) {
			size = size * 2 + (i === 1 ? this.learned(`second ${bits}`, 32768) : this.decide(32768));
		}
		return sign * size;
	}

	/** A decision whose chance follows those before in the same context. */
	private learned(name: string, first: number): number {
		const context = this.contexts.get(name) ?? { chance: first, n: 0 };
		this.contexts.set(name, context);
		const decision = this.decide(context.chance);
		const pace = Math.round(65536 / (Math.min(context.n, 16) + 4));
		const change = Math.floor(((decision * 65536 - context.chance) * pace) / 65536);
		context.chance = Math.max(32, Math.min(65504, context.chance + change));
		context.n++;
		return decision;
	}

	private decide(chance: number): number {
		const middle = this.low + Math.floor(((this.high - this.low) * chance) / 65536);
		const decision = this.at <= middle ? 1 : 0;
		if (decision === 1) this.high = middle;
		else this.low = middle + 1;
		while (Math.floor(this.low / 2 ** 24) === Math.floor(this.high / 2 ** 24)) {
			this.low = (this.low * 256) % 2 ** 32;
			this.high = ((this.high * 256) % 2 ** 32) + 255;
			this.at = ((this.at * 256) % 2 ** 32) + this.next();
		}
		return decision;
	}
}
