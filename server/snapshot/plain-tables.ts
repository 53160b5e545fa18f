import { CELLS } from "../../protocol/codec/cell-index.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import { type Dequantise, dequantiserFor } from "../../protocol/dequantise.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { EVERYWHERE } from "./focus.ts";
import { PlainWriter } from "./plain-writer.ts";
import type { SnapshotEncoder } from "./snapshot-encoder.ts";

/**
 * The tables of a snapshot as plain arrays of numbers, for clients that ask for them: whole each time,
 * and written once for all who look from the same cell.
 *
 *     [ for each table: [ for each live row that is seen: [ row, generation, value … ] ] ]
 */
export class PlainTables {
	private readonly schema: WireSchema;
	private readonly values: readonly (readonly Dequantise[])[];
	private readonly made = new Map<number, PlainWriter>();
	private readonly window = new Uint16Array(CELLS);
	private readonly isSeen = new Uint8Array(CELLS);
	private tick = -1;

	constructor(schema: WireSchema) {
		this.schema = schema;
		this.values = schema.tables.map(({ columns }) => columns.map(dequantiserFor));
	}

	/** The tables of the encoder's last emission, as seen from `focus`. */
	seenFrom(focus: number, encoder: SnapshotEncoder): PlainWriter {
		if (this.tick !== encoder.tick) this.made.clear();
		this.tick = encoder.tick;
		const made = this.made.get(focus);
		if (made) return made;
		const to = new PlainWriter();
		this.made.set(focus, to);
		const seen = focus === EVERYWHERE ? 0 : encoder.windowOf(focus, this.window);
		for (let i = 0; i < seen; i++) this.isSeen[this.window[i] as number] = 1;
		to.array(this.schema.tables.length);
		this.schema.tables.forEach(({ spatial }, t) => {
			this.writeTable(to, t, encoder.chunks.chainOf(t), spatial && focus !== EVERYWHERE);
		});
		for (let i = 0; i < seen; i++) this.isSeen[this.window[i] as number] = 0;
		return to;
	}

	private writeTable(to: PlainWriter, t: number, chain: ChainTable, inCells: boolean): void {
		const { gen, cell, columns, used } = chain;
		const values = this.values[t] as readonly Dequantise[];
		const isShown = (row: number): boolean =>
			gen[row] !== 0 && (!inCells || this.isSeen[cell[row] as number] === 1);
		let n = 0;
		for (let row = 0; row < used; row++) if (isShown(row)) n++;
		to.array(n);
		for (let row = 0; row < used; row++) {
			if (!isShown(row)) continue;
			to.array(2 + columns.length);
			to.integer(row);
			to.integer(gen[row] as number);
			for (let c = 0; c < columns.length; c++) {
				to.number((values[c] as Dequantise)(columns[c]?.value[row] as number));
			}
		}
	}
}
