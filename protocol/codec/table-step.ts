import type { WireTable } from "../wire-schema.ts";
import { advanceColumn, type StepMarks, settleRows } from "./advance-column.ts";
import { type CellIndex, GLOBAL_CELL } from "./cell-index.ts";
import { type ChainTable, createChain, ORDER } from "./chain-state.ts";
import { chooseOrder } from "./guess-order.ts";
import type { KernelMemory } from "./kernel.ts";
import type { Past } from "./residual-coder.ts";
import { RowGroups, sizeOf } from "./row-groups.ts";

/** Above this share of changed rows, a bit mask costs more than the rows it leaves out. */
const MOSTLY = 7 / 8;

/** Arrays of a table's capacity that `TableStep` takes from the kernel's memory. */
export function stepArrays({ columns }: WireTable): number {
	return columns.length * 5 + 5;
}

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
 * The delta chains of one table, one for each cell, and their last step: all rows moved on at once, sorted
 * into removed, spawned, entered and kept, and what the kept ones changed.
 */
export class TableStep {
	readonly chain: ChainTable;
	readonly removed: RowGroups;
	readonly spawned: RowGroups;
	readonly entered: RowGroups;
	readonly kept: RowGroups;
	/** Kept rows that left their guess: those of a slot from `changedStart[slot]` on. */
	readonly changed: Int32Array;
	changedStart = new Int32Array(2);
	readonly orders: Uint8Array;
	/** All orders are the default, which is not sent. */
	isUsual = true;
	/** By column and row. */
	readonly residuals: readonly Int32Array[];
	readonly marks: StepMarks;
	/** How the rows moved before the step, for a coder that goes by it. */
	readonly past: Past | null;
	private readonly live: RowGroups;
	private isLiveGrouped = false;
	/** All live rows are in `kept`. */
	private isKeptWhole = false;
	private changedCount = 0;
	/** The best place for the present, by column: the kernel can read it there. */
	readonly input: readonly Int32Array[];
	private readonly newGen: Uint16Array;
	private readonly memory: KernelMemory;
	private index: CellIndex;
	private tick = -1;
	/** The column that counts a row's jumps, or -1. */
	private readonly jumps: number;

	constructor(table: WireTable, index: CellIndex, memory: KernelMemory, keepsPast: boolean) {
		const { capacity } = table;
		const rows = () => memory.ints(capacity);
		this.memory = memory;
		this.input = table.columns.map(rows);
		this.index = index;
		this.jumps = table.columns.findIndex(({ jumps }) => jumps === true);
		this.chain = createChain(table, rows, memory.shorts(capacity));
		this.newGen = memory.shorts(capacity);
		this.removed = new RowGroups(capacity);
		this.spawned = new RowGroups(capacity);
		this.entered = new RowGroups(capacity);
		this.kept = new RowGroups(capacity);
		this.live = new RowGroups(capacity);
		this.changed = new Int32Array(capacity);
		this.residuals = table.columns.map(rows);
		this.orders = new Uint8Array(table.columns.length);
		const copies = () => table.columns.map(() => new Int32Array(capacity));
		this.past = keepsPast ? { steps: copies(), bends: copies() } : null;
		this.marks = { dirty: rows(), moved: rows(), stamp: rows() };
	}

	/** Continues from a smaller one. */
	takeOver({ chain: { used, gen, cell, columns }, marks }: TableStep): void {
		const { chain } = this;
		chain.used = used;
		chain.gen.set(gen);
		chain.cell.set(cell);
		for (let c = 0; c < columns.length; c++) {
			const [from, to] = [columns[c], chain.columns[c]];
			to.value.set(from.value);
			to.step.set(from.step);
			to.bend.set(from.bend);
		}
		this.marks.stamp.set(marks.stamp);
	}

	/** Adds the cells to the index in which rows are or were. */
	addCells({ gen, used, cells }: QuantisedTable): void {
		const { chain, index } = this;
		for (let row = 0; row < chain.used; row++) {
			if (chain.gen[row] !== 0) index.add(chain.cell[row]);
		}
		if (!cells) {
			if (used > 0) index.add(GLOBAL_CELL);
			return;
		}
		for (let row = 0; row < used; row++) if (gen[row] !== 0) index.add(cells[row]);
	}

	/** Moves the chains to the present. Afterwards groups and residuals describe the step. */
	advance(now: QuantisedTable, tick: number): void {
		this.tick = tick;
		this.isLiveGrouped = false;
		this.sortRows(now);
		this.moveRows(now);
		this.collectChanged(now.used);
	}

	/** Rows that a delta of every cell would carry values for. */
	get changedRows(): number {
		return this.changedCount + this.spawned.count + this.entered.count;
	}

	private sortRows(now: QuantisedTable): void {
		const { chain, index, removed, spawned, entered, kept } = this;
		const { gen, used, cells } = now;
		const slots = Math.max(1, index.count);
		for (const groups of [removed, spawned, entered]) groups.clear(slots);
		if (this.isKeptWhole && !cells && this.hasSameRows(now)) {
			for (const groups of [removed, spawned, entered]) groups.close();
			return;
		}
		kept.clear(slots);
		const limit = Math.max(used, chain.used);
		for (let row = 0; row < limit; row++) {
			const before = chain.gen[row];
			const after = row < used ? gen[row] : 0;
			if (before === 0 && after === 0) continue;
			const from = chain.cell[row];
			const to = cells ? cells[row] : GLOBAL_CELL;
			const isSame = before === after && !this.hasJumped(now, row);
			if (isSame && from === to) {
				kept.push(row, index.slotOf(to));
				continue;
			}
			if (before !== 0) removed.push(row, index.slotOf(from));
			if (after !== 0) (isSame ? entered : spawned).push(row, index.slotOf(to));
			chain.gen[row] = after;
			chain.cell[row] = to;
			this.marks.stamp[row] = this.tick;
		}
		chain.used = used;
		for (const groups of [removed, spawned, entered, kept]) groups.close();
		this.isKeptWhole = spawned.count === 0 && entered.count === 0;
	}

	/** Treated as one row that left and one that came, so no step leads from one place to the other. */
	private hasJumped({ values }: QuantisedTable, row: number): boolean {
		const { jumps, chain } = this;
		return jumps >= 0 && values[jumps]?.[row] !== chain.columns[jumps]?.value[row];
	}

	/** No row came or went: the rows are still grouped as before. */
	private hasSameRows(now: QuantisedTable): boolean {
		const { gen, used } = now;
		const { chain, newGen } = this;
		const { loops } = this.memory;
		if (used !== chain.used) return false;
		for (let row = 0; this.jumps >= 0 && row < used; row++)
			if (this.hasJumped(now, row)) return false;
		if (loops) {
			newGen.set(used === gen.length ? gen : gen.subarray(0, used));
			// above the used rows both are free, or the rows are searched
			return loops.same(newGen.byteOffset, chain.gen.byteOffset, used * 2) === 1;
		}
		for (let row = 0; row < used; row++) if (gen[row] !== chain.gen[row]) return false;
		return true;
	}

	/** Moves every row below the highest live one: sorting out the free ones would cost more. */
	private moveRows(table: QuantisedTable): void {
		const { values, used } = table;
		const { chain, orders, spawned, marks } = this;
		marks.dirty.fill(0, 0, used);
		marks.moved.fill(0, 0, used);
		this.isUsual = true;
		for (let c = 0; c < orders.length; c++) {
			const column = chain.columns[c];
			const now = this.input[c];
			const given = values[c];
			if (now !== given) now.set(used === given.length ? given : given.subarray(0, used));
			const order = column.guessed
				? chooseOrder(column, now, table, marks.stamp, this.tick | 0)
				: ORDER.steady;
			orders[c] = order;
			if (this.past && column.guessed) {
				this.past.steps[c]?.set(column.step);
				this.past.bends[c]?.set(column.bend);
			}
			if (order !== ORDER.steady) this.isUsual = false;
			advanceColumn(this.memory, column, now, used, order, this.residuals[c], marks);
			for (let i = 0; i < spawned.count; i++) {
				const row = spawned.rows[i];
				column.step[row] = 0;
				column.bend[row] = 0;
			}
		}
	}

	private collectChanged(used: number): void {
		const { kept, changed, changedStart } = this;
		const { dirty } = this.marks;
		const slots = Math.max(1, this.index.count);
		const count = settleRows(this.memory, this.marks, used, this.tick);
		if (slots === 1 && kept.count === used && count >= used * MOSTLY) {
			// all will be sent, so which ones does not matter
			changedStart[0] = 0;
			changedStart[1] = count;
			this.changedCount = count;
			return;
		}
		if (this.changedStart.length <= slots) this.changedStart = new Int32Array(slots * 2 + 1);
		let n = 0;
		for (let slot = 0; slot < slots; slot++) {
			this.changedStart[slot] = n;
			const end = kept.start[slot + 1];
			for (let k = kept.start[slot]; k < end; k++) {
				const row = kept.rows[k];
				if (dirty[row] !== 0) changed[n++] = row;
			}
		}
		this.changedStart[slots] = n;
		this.changedCount = n;
	}

	/**
	 * Rows whose residuals are sent: all, if leaving out those that kept to their guess saves nothing.
	 */
	toldRows(slot: number): number {
		const n = this.changedStart[slot + 1] - this.changedStart[slot];
		const kept = sizeOf(this.kept, slot);
		return n > 0 && n >= kept * MOSTLY ? kept : n;
	}

	/** The live rows by cell: grouped once per emission, and only on demand. */
	liveRows(): RowGroups {
		const { chain, live, index } = this;
		if (this.isLiveGrouped) return live;
		this.isLiveGrouped = true;
		live.clear(Math.max(1, index.count));
		for (let row = 0; row < chain.used; row++) {
			if (chain.gen[row] !== 0) live.push(row, index.slotOf(chain.cell[row]));
		}
		live.close();
		return live;
	}
}
