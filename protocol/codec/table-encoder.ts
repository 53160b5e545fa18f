import type { WireTable } from "../wire-schema.ts";
import { type BitPacker, maxBlockBytes } from "./bit-blocks.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { CellIndex } from "./cell-index.ts";
import { PART } from "./chunk-format.ts";
import { maxOrderBytes, writeOrders } from "./guess-order.ts";
import type { KernelMemory } from "./kernel.ts";
import { CODED_SPILL, type ResidualEncoder } from "./residual-coder.ts";
import { type RowGroups, sizeOf } from "./row-groups.ts";
import { maxRowSetBytes, writeRowSet } from "./row-set.ts";
import { stepArrays, TableStep } from "./table-step.ts";

/** Space that packing one column may spill into, over all parts of a chunk. */
const SPILL = 5 * maxBlockBytes(0);

/** Arrays of a table's capacity that `TableEncoder` takes from the kernel's memory. */
export function kernelArrays(table: WireTable): number {
	return stepArrays(table) + 1;
}

/** Writes what happened to one cell's rows of a table in the last step. */
export class TableEncoder {
	readonly step: TableStep;
	private readonly scratch: Int32Array;
	private readonly rowScratch: Int32Array;
	private readonly stale: Int32Array;

	private readonly coder: ResidualEncoder | null;

	/** With a `coder` it codes residuals wherever that is shorter. */
	constructor(
		table: WireTable,
		index: CellIndex,
		memory: KernelMemory,
		coder: ResidualEncoder | null,
	) {
		this.coder = coder;
		this.step = new TableStep(table, index, memory, coder !== null);
		this.scratch = memory.ints(table.capacity);
		this.rowScratch = new Int32Array(table.capacity);
		this.stale = new Int32Array(table.capacity);
	}

	/** The step of one cell, by its slot. */
	writeDelta(out: ByteWriter, packer: BitPacker, slot: number, coded: boolean): void {
		const { step } = this;
		const removed = sizeOf(step.removed, slot);
		const spawned = sizeOf(step.spawned, slot);
		const entered = sizeOf(step.entered, slot);
		const changed = step.toldRows(slot);
		const orders = step.isUsual || sizeOf(step.kept, slot) === 0 ? 0 : PART.orders;
		out.ensure(this.mostBytes(removed + spawned + 3 * entered + changed));
		const partsAt = out.length;
		out.u8(
			orders |
				(removed > 0 ? PART.removed : 0) |
				(changed > 0 ? PART.changed : 0) |
				(spawned > 0 ? PART.spawned : 0) |
				(entered > 0 ? PART.entered : 0),
		);
		if (removed > 0) this.writeRows(out, step.removed, slot, removed);
		if (orders !== 0) writeOrders(out, step.chain.columns, step.orders);
		if (changed > 0) {
			const from = out.length;
			this.writeChanged(out, packer, slot, changed);
			if (coded && this.codeChanged(out, slot, from)) {
				out.bytes[partsAt] = out.bytes[partsAt] ^ (PART.changed | PART.coded);
			}
			out.ensure(this.mostBytes(spawned + 3 * entered));
		}
		if (spawned > 0) {
			this.writeWhole(out, packer, this.rowsOf(step.spawned, slot), spawned, false);
		}
		if (entered > 0) {
			this.writeWhole(out, packer, this.rowsOf(step.entered, slot), entered, true);
		}
	}

	/** Every live row of one cell as it stands after `advance`. */
	writeKeyframe(out: ByteWriter, packer: BitPacker, slot: number): void {
		const live = this.step.liveRows();
		const n = sizeOf(live, slot);
		out.ensure(3 * this.mostBytes(n));
		out.u8(n > 0 ? PART.entered : 0);
		if (n > 0) this.writeWhole(out, packer, this.rowsOf(live, slot), n, true);
	}

	/** Which rows are in the cell, and those of them that changed after tick `from`. */
	writeCatchUp(out: ByteWriter, packer: BitPacker, slot: number, from: number): void {
		const { stale, step } = this;
		const live = step.liveRows();
		const n = sizeOf(live, slot);
		out.ensure(4 * this.mostBytes(n));
		const at = live.start[slot];
		let changed = 0;
		for (let i = 0; i < n; i++) {
			const row = live.rows[at + i];
			if (step.marks.stamp[row] >>> 0 > from) stale[changed++] = row;
		}
		out.u8(PART.present | (changed > 0 ? PART.entered : 0));
		this.writeRows(out, live, slot, n);
		if (changed > 0) this.writeWhole(out, packer, stale, changed, true);
	}

	private rowsOf(groups: RowGroups, slot: number): Int32Array {
		const at = groups.start[slot];
		if (at === 0) return groups.rows;
		const n = groups.start[slot + 1] - at;
		for (let i = 0; i < n; i++) this.rowScratch[i] = groups.rows[at + i];
		return this.rowScratch;
	}

	private writeRows(out: ByteWriter, groups: RowGroups, slot: number, n: number): void {
		writeRowSet(out, this.rowsOf(groups, slot), n);
	}

	private writeChanged(out: ByteWriter, packer: BitPacker, slot: number, told: number): void {
		const { scratch, step } = this;
		const { changed, kept } = step;
		const isAll = told === sizeOf(kept, slot);
		const rows = isAll ? kept.rows : changed;
		const from = ((isAll ? kept.start : step.changedStart)[slot] ?? 0) as number;
		if (!isAll) for (let i = 0; i < told; i++) scratch[i] = rows[from + i];
		writeRowSet(out, scratch, told, isAll);
		// rows without a gap lie in the residuals as they are
		const isDense = from === 0 && rows[told - 1] === told - 1;
		for (const residual of step.residuals) {
			if (!isDense) {
				for (let i = 0; i < told; i++) scratch[i] = residual[rows[from + i]] as number;
			}
			packer.pack(out, isDense ? residual : scratch, told);
		}
		packer.finish(out);
	}

	/** Replaces the residuals from `from` on by coded ones, if those are shorter. */
	private codeChanged(out: ByteWriter, slot: number, from: number): boolean {
		const { step, coder } = this;
		const { past, chain, residuals, marks, kept } = step;
		if (!coder || !past) return false;
		const at = out.length;
		const plain = at - from;
		out.ensure(plain + CODED_SPILL);
		const [start, end] = [kept.start[slot], kept.start[slot + 1]];
		const { columns } = chain;
		const isShorter = coder.encode(
			out,
			columns,
			past,
			residuals,
			marks.dirty,
			kept.rows,
			start,
			end,
			plain,
		);
		if (isShorter) {
			out.bytes.copyWithin(from, at, out.length);
			out.length -= plain;
		} else out.length = at;
		return isShorter;
	}

	/** Rows with everything a reader needs to continue from them. */
	private writeWhole(
		out: ByteWriter,
		packer: BitPacker,
		rows: Int32Array,
		n: number,
		withSteps: boolean,
	): void {
		const { chain } = this.step;
		writeRowSet(out, rows, n);
		this.packRows(out, packer, chain.gen, rows, n);
		for (const column of chain.columns) this.packRows(out, packer, column.value, rows, n);
		if (withSteps) {
			for (const column of chain.columns) {
				if (!column.guessed) continue;
				this.packRows(out, packer, column.step, rows, n);
				this.packRows(out, packer, column.bend, rows, n);
			}
		}
		packer.finish(out);
	}

	private packRows(
		out: ByteWriter,
		packer: BitPacker,
		source: Int32Array | Uint16Array,
		rows: Int32Array,
		n: number,
	): void {
		const { scratch } = this;
		for (let i = 0; i < n; i++) scratch[i] = source[rows[i]] as number;
		packer.pack(out, scratch, n);
	}

	/** Maximum bytes of a chunk's parts that carry this many values of each column. */
	private mostBytes(rows: number): number {
		const { chain } = this.step;
		const columns = chain.columns.length + 1;
		const sets = 4 * maxRowSetBytes(rows, chain.capacity);
		return 1 + sets + maxOrderBytes(columns) + columns * (maxBlockBytes(rows) + SPILL);
	}
}
