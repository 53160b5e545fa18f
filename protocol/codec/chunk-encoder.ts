import type { WireTable } from "../wire-schema.ts";
import { BitPacker, LEAST_KERNEL_ROWS, packedWords } from "./bit-blocks.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { CELLS, CellIndex, GLOBAL_CELL } from "./cell-index.ts";
import type { ChainTable } from "./chain-state.ts";
import { CODEC_BLOCKS } from "./chunk-format.ts";
import { KernelMemory } from "./kernel.ts";
import { ResidualEncoder } from "./residual-coder.ts";
import { kernelArrays, TableEncoder } from "./table-encoder.ts";
import type { QuantisedTable } from "./table-step.ts";

export type { QuantisedTable } from "./table-step.ts";

interface ChunkOptions {
	/** False to use the plain loops, which do the same more slowly. */
	kernel?: boolean;
	/** Code residuals arithmetically where that is shorter: fewer bytes for more time. */
	coded?: boolean;
}

/** Initial size of a table's arrays, in rows. */
const FIRST_ROWS = 16;

/**
 * The delta chains of a game, one per cell: remembers the last emission, and turns the present into
 * keyframes, deltas and catch-ups. Nothing is allocated per row; the arrays are made for as many rows
 * as are in use and twice as many when those are not enough, so that a large table with little in it
 * costs little memory and few cache lines.
 */
export class ChunkEncoder {
	private tables: readonly TableEncoder[] = [];
	private spatial: readonly TableEncoder[] = [];
	private global: readonly TableEncoder[] = [];
	private packer = new BitPacker();
	private readonly shapes: readonly WireTable[];
	private readonly allowsKernel: boolean;
	private readonly coder: ResidualEncoder | null;
	private readonly globalIndex = new CellIndex(1);
	/** The cells in which there is, or was at the last emission, any row of a spatial table. */
	readonly index: CellIndex;

	constructor(tables: readonly WireTable[], { kernel = true, coded = false }: ChunkOptions = {}) {
		this.shapes = tables;
		this.allowsKernel = kernel;
		this.coder = coded ? new ResidualEncoder() : null;
		this.index = new CellIndex(tables.some(({ spatial }) => spatial) ? CELLS : 1);
		this.globalIndex.clear();
		this.globalIndex.add(GLOBAL_CELL);
		this.makeTables(tables.map(() => FIRST_ROWS));
	}

	/** Creates arrays for this many rows of each table, and continues from the old ones. */
	private makeTables(rows: readonly number[]): void {
		const shapes = this.shapes.map((table, t) => ({
			...table,
			capacity: Math.min(table.capacity, rows[t]),
		}));
		const most = Math.max(0, ...shapes.map((table) => table.capacity));
		let words = packedWords(most);
		let arrays = 1;
		for (const table of shapes) {
			words += kernelArrays(table) * table.capacity;
			arrays += kernelArrays(table);
		}
		const memory = new KernelMemory(words, arrays, this.allowsKernel && most >= LEAST_KERNEL_ROWS);
		const before = this.tables;
		this.packer = new BitPacker(memory, most);
		this.tables = shapes.map((table, t) => {
			const index = table.spatial ? this.index : this.globalIndex;
			const made = new TableEncoder(table, index, memory, this.coder);
			const old = before[t];
			if (old) made.step.takeOver(old.step);
			return made;
		});
		this.spatial = this.tables.filter((_, t) => shapes[t]?.spatial);
		this.global = this.tables.filter((_, t) => !shapes[t]?.spatial);
	}

	private makeRoom(table: number, used: number): void {
		const rows = this.tables.map(({ step }) => step.chain.capacity);
		if (used <= rows[table]) return;
		while (rows[table] < used) rows[table] = 2 * rows[table];
		this.makeTables(rows);
	}

	/**
	 * Arrays for `used` rows of a table, to be filled with the present of each column; other arrays would
	 * be copied there.
	 */
	inputOf(table: number, used: number): readonly Int32Array[] {
		this.makeRoom(table, used);
		return this.tables[table].step.input;
	}

	/** Advances to the present, as of `tick`. The `write…` functions then describe this step. */
	advance(tables: readonly QuantisedTable[], tick: number): void {
		for (let t = 0; t < tables.length; t++) this.makeRoom(t, tables[t].used);
		this.index.clear();
		for (let t = 0; t < this.tables.length; t++) {
			if (this.shapes[t]?.spatial) {
				this.tables[t].step.addCells(tables[t]);
			}
		}
		for (let t = 0; t < this.tables.length; t++) {
			this.tables[t].step.advance(tables[t], tick);
		}
	}

	/** Rows that the last deltas carry values for. */
	get changedRows(): number {
		return this.tables.reduce((sum, table) => sum + table.step.changedRows, 0);
	}

	/** Whether the cell needs a chunk: a cell that is and was empty does not. */
	hasCell(cell: number): boolean {
		return cell === GLOBAL_CELL ? this.global.length > 0 : this.index.slotOf(cell) >= 0;
	}

	/** Whether residuals may be coded. */
	get isCoded(): boolean {
		return this.coder !== null;
	}

	/** What was last emitted of a table. */
	chainOf(table: number): ChainTable {
		return this.tables[table].step.chain;
	}

	/** With `coded` false, in the form that every client can read. */
	writeDelta(out: ByteWriter, cell = GLOBAL_CELL, coded = true): void {
		const slot = this.open(out, cell);
		for (const table of this.tablesOf(cell)) table.writeDelta(out, this.packer, slot, coded);
	}

	writeKeyframe(out: ByteWriter, cell = GLOBAL_CELL): void {
		const slot = this.open(out, cell);
		for (const table of this.tablesOf(cell)) table.writeKeyframe(out, this.packer, slot);
	}

	/** What changed after the emission of tick `from`. */
	writeCatchUp(out: ByteWriter, from: number, cell = GLOBAL_CELL): void {
		const slot = this.open(out, cell);
		for (const table of this.tablesOf(cell)) table.writeCatchUp(out, this.packer, slot, from);
	}

	private open(out: ByteWriter, cell: number): number {
		out.ensure(1);
		out.u8(CODEC_BLOCKS);
		return cell === GLOBAL_CELL ? 0 : this.index.slotOf(cell);
	}

	private tablesOf(cell: number): readonly TableEncoder[] {
		return cell === GLOBAL_CELL ? this.global : this.spatial;
	}
}
