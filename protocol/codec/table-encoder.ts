import type { WireTable } from "../wire-schema.ts";
import { type BitPacker, maxBlockBytes } from "./bit-blocks.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type CellIndex, GLOBAL_CELL } from "./cell-index.ts";
import { type ChainColumn, type ChainTable, createChain } from "./chain-state.ts";
import { PART } from "./chunk-format.ts";
import { RowGroups } from "./row-groups.ts";
import { maxRowSetBytes, writeRowSet } from "./row-set.ts";

/** The quantised present of a table: what the encoder is given. */
export interface QuantisedTable {
	/** 0 where a row is free. */
	gen: Uint16Array;
	used: number;
	/** Per wire column, a value per row; free rows' values are not read. */
	values: readonly Int32Array[];
	/** The cell of each live row of a spatial table, or null: all are in the global cell. */
	cells?: Uint16Array | null;
}

/**
 * The delta chains of one table, one for each cell. Sorts the rows into removed, spawned, entered and
 * kept, and works out what the kept ones changed.
 */
export class TableEncoder {
	readonly chain: ChainTable;
	private readonly removed: RowGroups;
	private readonly spawned: RowGroups;
	private readonly entered: RowGroups;
	private readonly kept: RowGroups;
	private readonly live: RowGroups;
	private isLiveGrouped = false;
	/** Positions in `kept.rows` of those that left their guess, grouped like `kept`. */
	private readonly changed: Int32Array;
	private changedStart = new Int32Array(2);
	private changedCount = 0;
	private readonly residuals: readonly Int32Array[];
	/** Bits of a kept row's residuals, and of its moves. */
	private readonly dirty: Int32Array;
	private readonly moved: Int32Array;
	/** Tick in which a row last changed in any way. */
	private readonly stamp: Float64Array;
	private readonly scratch: Int32Array;
	private readonly rowScratch: Int32Array;
	private readonly stale: Int32Array;
	private index: CellIndex;
	private tick = -1;

	constructor(table: WireTable, index: CellIndex) {
		const { capacity } = table;
		const rows = () => new Int32Array(capacity);
		this.index = index;
		this.chain = createChain(table);
		this.removed = new RowGroups(capacity);
		this.spawned = new RowGroups(capacity);
		this.entered = new RowGroups(capacity);
		this.kept = new RowGroups(capacity);
		this.live = new RowGroups(capacity);
		this.changed = rows();
		this.residuals = table.columns.map(rows);
		this.dirty = rows();
		this.moved = rows();
		this.stamp = new Float64Array(capacity);
		this.scratch = rows();
		this.rowScratch = rows();
		this.stale = rows();
	}

	/** Adds the cells to the index in which rows are or were. */
	addCells({ gen, used, cells }: QuantisedTable): void {
		const { chain, index } = this;
		for (let row = 0; row < chain.used; row++) {
			if (chain.gen[row] !== 0) index.add(chain.cell[row] as number);
		}
		if (!cells) {
			if (used > 0) index.add(GLOBAL_CELL);
			return;
		}
		for (let row = 0; row < used; row++) if (gen[row] !== 0) index.add(cells[row] as number);
	}

	/** Moves the chains to the present. Afterwards groups and residuals describe the step. */
	advance(now: QuantisedTable, tick: number): void {
		this.tick = tick;
		this.isLiveGrouped = false;
		this.sortRows(now);
		const { dirty, moved, kept, chain, stamp } = this;
		dirty.fill(0, 0, kept.count);
		moved.fill(0, 0, kept.count);
		chain.columns.forEach((column, c) => {
			const values = now.values[c] as Int32Array;
			this.advanceKept(column, values, this.residuals[c] as Int32Array);
			this.place(this.spawned, column, values, false);
			this.place(this.entered, column, values, true);
		});
		for (let k = 0; k < kept.count; k++) {
			if (moved[k] !== 0) stamp[kept.rows[k] as number] = tick;
		}
		this.collectChanged();
	}

	/** Rows that a delta of every cell would carry values for. */
	get changedRows(): number {
		return this.changedCount + this.spawned.count + this.entered.count;
	}

	private sortRows({ gen, used, cells }: QuantisedTable): void {
		const { chain, index, removed, spawned, entered, kept } = this;
		const slots = Math.max(1, index.count);
		removed.clear(slots);
		spawned.clear(slots);
		entered.clear(slots);
		kept.clear(slots);
		const limit = Math.max(used, chain.used);
		for (let row = 0; row < limit; row++) {
			const before = chain.gen[row] as number;
			const after = row < used ? (gen[row] as number) : 0;
			if (before === 0 && after === 0) continue;
			const from = chain.cell[row] as number;
			const to = cells ? (cells[row] as number) : GLOBAL_CELL;
			if (before === after && from === to) {
				kept.push(row, index.slotOf(to));
				continue;
			}
			if (before !== 0) removed.push(row, index.slotOf(from));
			if (after !== 0) (before === after ? entered : spawned).push(row, index.slotOf(to));
			chain.gen[row] = after;
			chain.cell[row] = to;
			this.stamp[row] = this.tick;
		}
		chain.used = used;
		removed.close();
		spawned.close();
		entered.close();
		kept.close();
	}

	private advanceKept(column: ChainColumn, now: Int32Array, residual: Int32Array): void {
		const { dirty, moved } = this;
		const { rows, count } = this.kept;
		const { value, step, shift, predicted } = column;
		for (let k = 0; k < count; k++) {
			const row = rows[k] as number;
			const next = now[row] as number;
			const move = ((next - (value[row] as number)) << shift) >> shift;
			const rest = predicted ? ((move - (step[row] as number)) << shift) >> shift : move;
			residual[k] = rest;
			dirty[k] = (dirty[k] as number) | rest;
			moved[k] = (moved[k] as number) | rest | move;
			step[row] = move;
			value[row] = next;
		}
	}

	/** Takes over the values of rows that are new to their cell; those that moved keep their step. */
	private place(
		{ rows, count }: RowGroups,
		{ value, step, shift }: ChainColumn,
		now: Int32Array,
		keepsStep: boolean,
	): void {
		for (let i = 0; i < count; i++) {
			const row = rows[i] as number;
			const next = now[row] as number;
			step[row] = keepsStep ? ((next - (value[row] as number)) << shift) >> shift : 0;
			value[row] = next;
		}
	}

	private collectChanged(): void {
		const { kept, dirty, changed } = this;
		const slots = Math.max(1, this.index.count);
		if (this.changedStart.length <= slots) this.changedStart = new Int32Array(slots * 2 + 1);
		let n = 0;
		for (let slot = 0; slot < slots; slot++) {
			this.changedStart[slot] = n;
			const end = kept.start[slot + 1] as number;
			for (let k = kept.start[slot] as number; k < end; k++) if (dirty[k] !== 0) changed[n++] = k;
		}
		this.changedStart[slots] = n;
		this.changedCount = n;
	}

	/** The step of one cell, by its slot. */
	writeDelta(out: ByteWriter, packer: BitPacker, slot: number): void {
		const removed = sizeOf(this.removed, slot);
		const spawned = sizeOf(this.spawned, slot);
		const entered = sizeOf(this.entered, slot);
		const changed = (this.changedStart[slot + 1] as number) - (this.changedStart[slot] as number);
		out.ensure(1 + this.mostBytes(removed + spawned + 2 * entered + changed));
		out.u8(
			(removed > 0 ? PART.removed : 0) |
				(changed > 0 ? PART.changed : 0) |
				(spawned > 0 ? PART.spawned : 0) |
				(entered > 0 ? PART.entered : 0),
		);
		if (removed > 0) this.writeRows(out, this.removed, slot, removed);
		if (changed > 0) this.writeChanged(out, packer, slot, changed);
		if (spawned > 0) {
			this.writeWhole(out, packer, this.rowsOf(this.spawned, slot), spawned, false);
		}
		if (entered > 0) {
			this.writeWhole(out, packer, this.rowsOf(this.entered, slot), entered, true);
		}
	}

	/** Every live row of one cell as it stands after `advance`. */
	writeKeyframe(out: ByteWriter, packer: BitPacker, slot: number): void {
		this.groupLive();
		const n = sizeOf(this.live, slot);
		out.ensure(1 + 2 * this.mostBytes(n));
		out.u8(n > 0 ? PART.entered : 0);
		if (n > 0) this.writeWhole(out, packer, this.rowsOf(this.live, slot), n, true);
	}

	/** Which rows are in the cell, and those of them that changed after tick `from`. */
	writeCatchUp(out: ByteWriter, packer: BitPacker, slot: number, from: number): void {
		this.groupLive();
		const { live, stamp, stale } = this;
		const n = sizeOf(live, slot);
		out.ensure(1 + 3 * this.mostBytes(n));
		const at = live.start[slot] as number;
		let changed = 0;
		for (let i = 0; i < n; i++) {
			const row = live.rows[at + i] as number;
			if ((stamp[row] as number) > from) stale[changed++] = row;
		}
		out.u8(PART.present | (changed > 0 ? PART.entered : 0));
		this.writeRows(out, live, slot, n);
		if (changed > 0) this.writeWhole(out, packer, stale, changed, true);
	}

	/** Groups the live rows by cell, once per emission and only if somebody needs it. */
	private groupLive(): void {
		if (this.isLiveGrouped) return;
		this.isLiveGrouped = true;
		const { chain, live, index } = this;
		live.clear(Math.max(1, index.count));
		for (let row = 0; row < chain.used; row++) {
			if (chain.gen[row] !== 0) live.push(row, index.slotOf(chain.cell[row] as number));
		}
		live.close();
	}

	private rowsOf(groups: RowGroups, slot: number): Int32Array {
		const at = groups.start[slot] as number;
		if (at === 0) return groups.rows;
		const n = (groups.start[slot + 1] as number) - at;
		for (let i = 0; i < n; i++) this.rowScratch[i] = groups.rows[at + i] as number;
		return this.rowScratch;
	}

	private writeRows(out: ByteWriter, groups: RowGroups, slot: number, n: number): void {
		writeRowSet(out, this.rowsOf(groups, slot), n);
	}

	private writeChanged(out: ByteWriter, packer: BitPacker, slot: number, n: number): void {
		const { changed, kept, scratch } = this;
		const from = this.changedStart[slot] as number;
		const isAll = n === sizeOf(kept, slot);
		if (!isAll) {
			for (let i = 0; i < n; i++) scratch[i] = kept.rows[changed[from + i] as number] as number;
		}
		writeRowSet(out, scratch, n, isAll);
		const isWhole = isAll && kept.start[slot] === 0;
		for (const residual of this.residuals) {
			if (!isWhole) {
				for (let i = 0; i < n; i++) scratch[i] = residual[changed[from + i] as number] as number;
			}
			packer.pack(out, isWhole ? residual : scratch, n);
		}
		packer.finish(out);
	}

	/** Rows with all that a reader needs to go on from them. */
	private writeWhole(
		out: ByteWriter,
		packer: BitPacker,
		rows: Int32Array,
		n: number,
		withSteps: boolean,
	): void {
		const { chain } = this;
		writeRowSet(out, rows, n);
		this.packRows(out, packer, chain.gen, rows, n);
		for (const column of chain.columns) this.packRows(out, packer, column.value, rows, n);
		if (withSteps) {
			for (const column of chain.columns) {
				if (column.predicted) this.packRows(out, packer, column.step, rows, n);
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
		for (let i = 0; i < n; i++) scratch[i] = source[rows[i] as number] as number;
		packer.pack(out, scratch, n);
	}

	private mostBytes(rows: number): number {
		const columns = this.chain.columns.length + 1;
		return 4 * maxRowSetBytes(rows, this.chain.capacity) + columns * maxBlockBytes(rows);
	}
}

function sizeOf({ start }: RowGroups, slot: number): number {
	return (start[slot + 1] as number) - (start[slot] as number);
}
