import type { WireTable } from "../wire-schema.ts";
import { advance, correct, guess } from "./apply-column.ts";
import { BitUnpacker } from "./bit-blocks.ts";
import { ByteReader } from "./byte-reader.ts";
import { CELLS, GLOBAL_CELL } from "./cell-index.ts";
import { type ChainTable, createChain } from "./chain-state.ts";
import { CODEC_BLOCKS, PART, PARTS_OF_KIND } from "./chunk-format.ts";
import { readOrders } from "./guess-order.ts";
import { ResidualDecoder } from "./residual-coder.ts";
import { RowGroups } from "./row-groups.ts";
import { isEveryRow, readRowSet } from "./row-set.ts";

const KEYFRAME = 0;
const DELTA = 1;

/** A table's rows by cell, as they were before the snapshot that is being applied. */
class CellRows {
	private readonly groups: RowGroups;
	private readonly slots = new Map<number, number>();
	private isFresh = false;

	constructor(capacity: number) {
		this.groups = new RowGroups(capacity);
	}

	forget(): void {
		this.isFresh = false;
	}

	/** Copies the rows that are in `cell`, ascending, to `rows`; returns how many. */
	collect(table: ChainTable, cell: number, rows: Int32Array): number {
		if (!this.isFresh) this.group(table);
		const slot = this.slots.get(cell);
		if (slot === undefined) return 0;
		const { start, rows: all } = this.groups;
		let n = 0;
		for (let i = start[slot]; i < start[slot + 1]; i++) {
			const row = all[i];
			// another chunk of the snapshot may have moved it to another cell
			if (table.gen[row] !== 0 && table.cell[row] === cell) rows[n++] = row;
		}
		return n;
	}

	private group(table: ChainTable): void {
		this.isFresh = true;
		this.slots.clear();
		for (let row = 0; row < table.used; row++) {
			if (table.gen[row] === 0) continue;
			const cell = table.cell[row];
			if (!this.slots.has(cell)) this.slots.set(cell, this.slots.size);
		}
		this.groups.clear(Math.max(1, this.slots.size));
		for (let row = 0; row < table.used; row++) {
			if (table.gen[row] === 0) continue;
			this.groups.push(row, this.slots.get(table.cell[row]) as number);
		}
		this.groups.close();
	}
}

/** The other end of the delta chains: applies chunks to the tables it holds. */
export class ChunkDecoder {
	readonly tables: readonly ChainTable[];
	private readonly isSpatial: readonly boolean[];
	private readonly cellRows: readonly CellRows[];
	private readonly unpacker = new BitUnpacker();
	private readonly kept: Int32Array;
	private readonly rows: Int32Array;
	private readonly numbers: Int32Array;
	private readonly orders: Uint8Array;
	/** Created when the first coded residuals arrive, as few servers send any. */
	private coder: ResidualDecoder | null = null;
	private readonly codedNumbers: Int32Array[] = [];

	constructor(tables: readonly WireTable[]) {
		this.tables = tables.map((table) => createChain(table));
		this.isSpatial = tables.map((table) => table.spatial);
		this.cellRows = tables.map(({ capacity }) => new CellRows(capacity));
		const most = Math.max(0, ...tables.map((t) => t.capacity));
		this.kept = new Int32Array(most);
		this.rows = new Int32Array(most);
		this.numbers = new Int32Array(most);
		this.orders = new Uint8Array(Math.max(0, ...tables.map((t) => t.columns.length)));
	}

	/** Call it before the chunks of each snapshot. */
	begin(): void {
		for (const rows of this.cellRows) rows.forget();
	}

	/** Forgets everything: what follows is from another connection. */
	clear(): void {
		for (const table of this.tables) {
			table.gen.fill(0);
			table.used = 0;
		}
		this.begin();
	}

	/**
	 * Applies a keyframe, a delta or a catch-up. Returns null, or why the bytes are wrong; then the
	 * tables are half changed, and only keyframes can repair them.
	 */
	apply(kind: number, data: Uint8Array, cell = GLOBAL_CELL): string | null {
		const from = new ByteReader(data);
		if (from.u8() !== CODEC_BLOCKS) return "an unknown codec";
		if (cell >= CELLS) return `no cell ${cell}`;
		for (let t = 0; t < this.tables.length; t++) {
			if (this.isSpatial[t] !== (cell !== GLOBAL_CELL)) continue;
			const problem = this.applyTable(from, t, kind, cell);
			if (problem !== null) return `table ${t}: ${problem}`;
			if (from.failed) return `table ${t}: the chunk ends too early`;
		}
		return from.atEnd ? null : "bytes follow the last table";
	}

	/** Applies a list of cells that are no longer shown; the global one stands for all others. */
	applyGone(data: Uint8Array): string | null {
		const from = new ByteReader(data);
		while (!from.atEnd) {
			const cell = from.varint();
			if (from.failed || cell >= CELLS) return "a bad list of cells";
			this.tables.forEach((table, t) => {
				if (!this.isSpatial[t]) return;
				if (cell === GLOBAL_CELL) table.gen.fill(0);
				const n = this.collect(t, cell);
				for (let i = 0; i < n; i++) table.gen[this.kept[i]] = 0;
				trim(table);
			});
		}
		return null;
	}

	private applyTable(from: ByteReader, t: number, kind: number, cell: number): string | null {
		const table = this.tables[t];
		const parts = from.u8();
		if ((parts & ~(PARTS_OF_KIND[kind] ?? 0)) !== 0) return `unknown parts ${parts}`;
		if (kind === KEYFRAME) this.removeAll(t, cell);
		if ((parts & PART.present) !== 0 && !this.applyPresent(from, t, cell)) {
			return "a bad set of present rows";
		}
		if ((parts & PART.removed) !== 0) {
			const n = readRowSet(from, this.rows, table.capacity, this.kept, 0);
			if (n < 0) return "a bad set of removed rows";
			for (let i = 0; i < n; i++) {
				const row = this.rows[i];
				if (table.cell[row] === cell) table.gen[row] = 0;
			}
		}
		const kept = kind === DELTA ? this.collect(t, cell) : 0;
		const hasOrders = (parts & PART.orders) !== 0;
		if (!readOrders(hasOrders ? from : null, table.columns, this.orders)) return "an unknown order";
		const coded = (parts & PART.coded) === 0 ? 0 : this.readCoded(from, table, kept);
		if ((parts & PART.changed) !== 0 && isEveryRow(from)) {
			if (coded > 0) return "residuals that come twice";
			this.applyEvery(from, table, kept);
		} else {
			if (kind === DELTA) this.applyGuess(table, kept);
			if (coded > 0) this.applyCoded(table, coded);
			if ((parts & PART.changed) !== 0) {
				if (coded > 0) return "residuals that come twice";
				const n = readRowSet(from, this.rows, table.capacity, this.kept, kept);
				if (n < 0) return "a bad set of changed rows";
				this.applyChanged(from, table, n);
			}
		}
		for (const part of [PART.spawned, PART.entered]) {
			if ((parts & part) === 0) continue;
			const n = readRowSet(from, this.rows, table.capacity, this.kept, 0);
			if (n < 0) return "a bad set of new rows";
			this.applyWhole(from, table, n, cell, part === PART.entered);
		}
		trim(table);
		return null;
	}

	private collect(t: number, cell: number): number {
		const table = this.tables[t];
		if (this.isSpatial[t]) return this.cellRows[t].collect(table, cell, this.kept);
		let n = 0;
		for (let row = 0; row < table.used; row++) if (table.gen[row] !== 0) this.kept[n++] = row;
		return n;
	}

	private removeAll(t: number, cell: number): void {
		const table = this.tables[t];
		const n = this.collect(t, cell);
		for (let i = 0; i < n; i++) table.gen[this.kept[i]] = 0;
	}

	/** Frees the rows of the cell that are not in the set; false when it is malformed. */
	private applyPresent(from: ByteReader, t: number, cell: number): boolean {
		const table = this.tables[t];
		const n = readRowSet(from, this.rows, table.capacity, this.kept, 0);
		if (n < 0) return false;
		const kept = this.collect(t, cell);
		let i = 0;
		for (let k = 0; k < kept; k++) {
			const row = this.kept[k];
			while (i < n && this.rows[i] < row) i++;
			if (i === n || this.rows[i] !== row) table.gen[row] = 0;
		}
		return true;
	}

	/** Residuals for every kept row: guess and correction in one go. */
	private applyEvery(from: ByteReader, { columns }: ChainTable, kept: number): void {
		from.at++; // the form of the row set
		for (let c = 0; c < columns.length; c++) {
			this.unpacker.unpack(from, this.numbers, kept);
			const order = this.orders[c];
			advance(columns[c], order, this.kept, this.numbers, kept);
		}
		this.unpacker.finish();
	}

	private applyGuess({ columns }: ChainTable, kept: number): void {
		for (let c = 0; c < columns.length; c++) {
			const column = columns[c];
			if (column.guessed) guess(column, this.orders[c], this.kept, kept);
		}
	}

	private applyChanged(from: ByteReader, table: ChainTable, n: number): void {
		for (const column of table.columns) {
			this.unpacker.unpack(from, this.numbers, n);
			correct(column, this.rows, this.numbers, n);
		}
		this.unpacker.finish();
	}

	/**
	 * Reads coded residuals, whose contexts depend on how the rows have moved; returns for how many rows.
	 */
	private readCoded(from: ByteReader, table: ChainTable, kept: number): number {
		const { columns } = table;
		this.coder ??= new ResidualDecoder();
		while (this.codedNumbers.length < columns.length) {
			this.codedNumbers.push(new Int32Array(this.rows.length));
		}
		const past = { steps: columns.map((c) => c.step), bends: columns.map((c) => c.bend) };
		return this.coder.decode(from, columns, past, this.kept, kept, this.rows, this.codedNumbers);
	}

	private applyCoded({ columns }: ChainTable, n: number): void {
		for (let c = 0; c < columns.length; c++) {
			correct(columns[c], this.rows, this.codedNumbers[c], n);
		}
	}

	private applyWhole(
		from: ByteReader,
		table: ChainTable,
		n: number,
		cell: number,
		withSteps: boolean,
	): void {
		const { rows, numbers } = this;
		this.unpacker.unpack(from, numbers, n);
		for (let i = 0; i < n; i++) {
			table.gen[rows[i]] = numbers[i];
			table.cell[rows[i]] = cell;
		}
		if (n > 0) table.used = Math.max(table.used, rows[n - 1] + 1);
		for (const { value, step, bend } of table.columns) {
			this.unpacker.unpack(from, numbers, n);
			for (let i = 0; i < n; i++) {
				const row = rows[i];
				value[row] = numbers[i];
				step[row] = 0;
				bend[row] = 0;
			}
		}
		for (const { guessed, step, bend } of withSteps ? table.columns : []) {
			for (const paces of guessed ? [step, bend] : []) {
				this.unpacker.unpack(from, numbers, n);
				for (let i = 0; i < n; i++) paces[rows[i]] = numbers[i];
			}
		}
		this.unpacker.finish();
	}
}

function trim(table: ChainTable): void {
	while (table.used > 0 && table.gen[table.used - 1] === 0) table.used--;
}
