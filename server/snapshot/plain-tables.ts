import { CELLS } from "../../protocol/codec/cell-index.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import { type Dequantise, dequantiserFor } from "../../protocol/dequantise.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { EVERYWHERE } from "./focus.ts";
import { PlainWriter } from "./plain-writer.ts";
import type { SnapshotEncoder } from "./snapshot-encoder.ts";

// one room after the other uses them
const window = new Uint16Array(CELLS);
const isSeen = new Uint8Array(CELLS);

/**
 * The tables of a snapshot as plain arrays of numbers, for clients that ask for them: complete each
 * time, and written once for all that look from the same cell.
 *
 *     [ for each table: [ for each live row that is seen: [ row, generation, value … ] ] ]
 */
export class PlainTables {
	private readonly schema: WireSchema;
	private readonly values: readonly (readonly Dequantise[])[];
	private readonly made = new Map<number, PlainWriter>();

	constructor(schema: WireSchema) {
		this.schema = schema;
		this.values = schema.tables.map(({ columns }) => columns.map(dequantiserFor));
	}

	/** The tables have changed. */
	clear(): void {
		if (this.made.size > 0) this.made.clear();
	}

	/** The tables of the encoder's last emission, as seen from `focus`. */
	seenFrom(focus: number, encoder: SnapshotEncoder): PlainWriter {
		const made = this.made.get(focus);
		if (made) return made;
		const to = new PlainWriter();
		this.made.set(focus, to);
		const seen = focus === EVERYWHERE ? 0 : encoder.windowOf(focus, window);
		for (let i = 0; i < seen; i++) isSeen[window[i]] = 1;
		to.array(this.schema.tables.length);
		this.schema.tables.forEach(({ spatial }, t) => {
			this.writeTable(to, t, encoder.chunks.chainOf(t), spatial && focus !== EVERYWHERE);
		});
		for (let i = 0; i < seen; i++) isSeen[window[i]] = 0;
		return to;
	}

	private writeTable(to: PlainWriter, t: number, chain: ChainTable, inCells: boolean): void {
		const { gen, cell, columns, used } = chain;
		const values = this.values[t] as readonly Dequantise[];
		const isShown = (row: number): boolean =>
			gen[row] !== 0 && (!inCells || isSeen[cell[row]] === 1);
		let n = 0;
		for (let row = 0; row < used; row++) if (isShown(row)) n++;
		to.array(n);
		for (let row = 0; row < used; row++) {
			if (!isShown(row)) continue;
			to.array(2 + columns.length);
			to.integer(row);
			to.integer(gen[row]);
			for (let c = 0; c < columns.length; c++) {
				to.number(values[c](columns[c]?.value[row]));
			}
		}
	}
}
