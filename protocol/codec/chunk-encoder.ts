import type { WireTable } from "../wire-schema.ts";
import { BitPacker, LEAST_KERNEL_ROWS, packedWords } from "./bit-blocks.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { CELLS, CellIndex, GLOBAL_CELL } from "./cell-index.ts";
import { CODEC_BLOCKS } from "./chunk-format.ts";
import { KernelMemory } from "./kernel.ts";
import { ResidualEncoder } from "./residual-coder.ts";
import { kernelArrays, TableEncoder } from "./table-encoder.ts";
import type { QuantisedTable } from "./table-step.ts";

export type { QuantisedTable } from "./table-step.ts";

export interface ChunkOptions {
	/** False for the plain loops, which do the same more slowly. */
	kernel?: boolean;
	/** Code residuals arithmetically where that is shorter: fewer bytes for more time. */
	coded?: boolean;
}

/**
 * The delta chains of a game, one for each cell: knows what was last emitted and turns the present
 * into keyframes, deltas and catch-ups. Nothing is allocated per row; the arrays are made once, for
 * each table's capacity.
 */
export class ChunkEncoder {
	private readonly tables: readonly TableEncoder[];
	private readonly spatial: readonly TableEncoder[];
	private readonly global: readonly TableEncoder[];
	private readonly isSpatial: readonly boolean[];
	private readonly packer: BitPacker;
	private readonly globalIndex = new CellIndex(1);
	/** The cells in which there is, or was at the last emission, any row of a spatial table. */
	readonly index: CellIndex;

	constructor(tables: readonly WireTable[], { kernel = true, coded = false }: ChunkOptions = {}) {
		const most = Math.max(0, ...tables.map((t) => t.capacity));
		let words = packedWords(most);
		let arrays = 1;
		for (const table of tables) {
			words += kernelArrays(table) * table.capacity;
			arrays += kernelArrays(table);
		}
		const memory = new KernelMemory(words, arrays, kernel && most >= LEAST_KERNEL_ROWS);
		const coder = coded ? new ResidualEncoder() : null;
		this.packer = new BitPacker(memory, most);
		this.isSpatial = tables.map((table) => table.spatial);
		this.index = new CellIndex(this.isSpatial.includes(true) ? CELLS : 1);
		this.tables = tables.map(
			(table) =>
				new TableEncoder(table, table.spatial ? this.index : this.globalIndex, memory, coder),
		);
		this.spatial = this.tables.filter((_, t) => this.isSpatial[t]);
		this.global = this.tables.filter((_, t) => !this.isSpatial[t]);
		this.globalIndex.clear();
		this.globalIndex.add(GLOBAL_CELL);
	}

	/** Takes over the present, as of `tick`. The `write…` functions then tell of this very step. */
	advance(tables: readonly QuantisedTable[], tick: number): void {
		this.index.clear();
		for (let t = 0; t < this.tables.length; t++) {
			if (this.isSpatial[t]) {
				(this.tables[t] as TableEncoder).step.addCells(tables[t] as QuantisedTable);
			}
		}
		for (let t = 0; t < this.tables.length; t++) {
			(this.tables[t] as TableEncoder).step.advance(tables[t] as QuantisedTable, tick);
		}
	}

	/** Rows that the last deltas carry values for. */
	get changedRows(): number {
		return this.tables.reduce((sum, table) => sum + table.step.changedRows, 0);
	}

	/** Whether anything can be said of the cell: a chunk of one that is empty, and was, is left out. */
	hasCell(cell: number): boolean {
		return cell === GLOBAL_CELL ? this.global.length > 0 : this.index.slotOf(cell) >= 0;
	}

	writeDelta(out: ByteWriter, cell = GLOBAL_CELL): void {
		const slot = this.open(out, cell);
		for (const table of this.tablesOf(cell)) table.writeDelta(out, this.packer, slot);
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
