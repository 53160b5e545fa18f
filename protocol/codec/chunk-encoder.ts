import type { WireTable } from "../wire-schema.ts";
import { BitPacker, maxBlockBytes } from "./bit-blocks.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type ChainColumn, type ChainTable, createChain } from "./chain-state.ts";
import { CODEC_BLOCKS, PART } from "./chunk-format.ts";
import { maxRowSetBytes, writeRowSet } from "./row-set.ts";

/** The quantised present of a table: what the encoder is given. */
export interface QuantisedTable {
	/** 0 where a row is free. */
	gen: Uint16Array;
	used: number;
	/** Per wire column, a value per row; free rows' values are not read. */
	values: readonly Int32Array[];
}

/** Sorts a table's rows into removed, spawned and kept, and works out what the kept ones changed. */
class TableEncoder {
	readonly chain: ChainTable;
	private readonly removed: Int32Array;
	private readonly spawned: Int32Array;
	private readonly kept: Int32Array;
	private readonly changed: Int32Array;
	private readonly dirty: Int32Array;
	private readonly residuals: readonly Int32Array[];
	private readonly live: Int32Array;
	private readonly scratch: Int32Array;
	removedCount = 0;
	spawnedCount = 0;
	keptCount = 0;
	changedCount = 0;

	constructor(table: WireTable) {
		const rows = () => new Int32Array(table.capacity);
		this.chain = createChain(table);
		this.removed = rows();
		this.spawned = rows();
		this.kept = rows();
		this.changed = rows();
		this.dirty = rows();
		this.live = rows();
		this.scratch = rows();
		this.residuals = table.columns.map(rows);
	}

	/** Moves the chain to the present. Afterwards the counts and residuals describe the step. */
	advance(now: QuantisedTable): void {
		this.sortRows(now);
		const { dirty, keptCount, chain } = this;
		dirty.fill(0, 0, keptCount);
		chain.columns.forEach((column, c) => {
			this.advanceKept(column, now.values[c] as Int32Array, this.residuals[c] as Int32Array);
			this.placeSpawned(column, now.values[c] as Int32Array);
		});
		let n = 0;
		for (let k = 0; k < keptCount; k++) if (dirty[k] !== 0) this.changed[n++] = k;
		this.changedCount = n;
	}

	private sortRows({ gen, used }: QuantisedTable): void {
		const { chain, removed, spawned, kept } = this;
		const limit = Math.max(used, chain.used);
		let nRemoved = 0;
		let nSpawned = 0;
		let nKept = 0;
		for (let row = 0; row < limit; row++) {
			const before = chain.gen[row] as number;
			const after = row < used ? (gen[row] as number) : 0;
			if (before === after) {
				if (after !== 0) kept[nKept++] = row;
				continue;
			}
			if (before !== 0) removed[nRemoved++] = row;
			if (after !== 0) spawned[nSpawned++] = row;
			chain.gen[row] = after;
		}
		chain.used = used;
		this.removedCount = nRemoved;
		this.spawnedCount = nSpawned;
		this.keptCount = nKept;
	}

	private advanceKept(column: ChainColumn, now: Int32Array, residual: Int32Array): void {
		const { kept, keptCount, dirty } = this;
		const { value, step, shift, predicted } = column;
		for (let k = 0; k < keptCount; k++) {
			const row = kept[k] as number;
			const next = now[row] as number;
			const move = ((next - (value[row] as number)) << shift) >> shift;
			const rest = predicted ? ((move - (step[row] as number)) << shift) >> shift : move;
			residual[k] = rest;
			dirty[k] = (dirty[k] as number) | rest;
			step[row] = move;
			value[row] = next;
		}
	}

	private placeSpawned({ value, step }: ChainColumn, now: Int32Array): void {
		for (let i = 0; i < this.spawnedCount; i++) {
			const row = this.spawned[i] as number;
			value[row] = now[row] as number;
			step[row] = 0;
		}
	}

	writeDelta(out: ByteWriter, packer: BitPacker): void {
		const { removedCount, spawnedCount, changedCount, chain } = this;
		out.ensure(1 + this.mostBytes(removedCount + spawnedCount + changedCount));
		out.u8(
			(removedCount > 0 ? PART.removed : 0) |
				(changedCount > 0 ? PART.changed : 0) |
				(spawnedCount > 0 ? PART.spawned : 0),
		);
		if (removedCount > 0) writeRowSet(out, this.removed, removedCount);
		if (changedCount > 0) this.writeChanged(out, packer);
		if (spawnedCount > 0) {
			writeRowSet(out, this.spawned, spawnedCount);
			this.packRows(out, packer, chain.gen, this.spawned, spawnedCount);
			for (const column of chain.columns) {
				this.packRows(out, packer, column.value, this.spawned, spawnedCount);
			}
			packer.finish(out);
		}
	}

	/** Every live row as it stands after `advance`. */
	writeKeyframe(out: ByteWriter, packer: BitPacker): void {
		const { chain, live } = this;
		let n = 0;
		for (let row = 0; row < chain.used; row++) if (chain.gen[row] !== 0) live[n++] = row;
		out.ensure(1 + this.mostBytes(n) * 2);
		out.u8(n > 0 ? PART.spawned : 0);
		if (n === 0) return;
		writeRowSet(out, live, n);
		this.packRows(out, packer, chain.gen, live, n);
		for (const column of chain.columns) this.packRows(out, packer, column.value, live, n);
		for (const column of chain.columns) {
			if (column.predicted) this.packRows(out, packer, column.step, live, n);
		}
		packer.finish(out);
	}

	private writeChanged(out: ByteWriter, packer: BitPacker): void {
		const { changed, changedCount, keptCount, kept, scratch } = this;
		const isAll = changedCount === keptCount;
		if (!isAll)
			for (let i = 0; i < changedCount; i++) scratch[i] = kept[changed[i] as number] as number;
		writeRowSet(out, scratch, changedCount, isAll);
		for (const residual of this.residuals) {
			if (!isAll) {
				for (let i = 0; i < changedCount; i++)
					scratch[i] = residual[changed[i] as number] as number;
			}
			packer.pack(out, isAll ? residual : scratch, changedCount);
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
		return 2 * maxRowSetBytes(rows, this.chain.capacity) + columns * maxBlockBytes(rows);
	}
}

/**
 * One delta chain: knows what was last sent and turns the present into a keyframe or a delta.
 * Nothing is allocated per row; the arrays are made once, for each table's capacity.
 */
export class ChunkEncoder {
	private readonly tables: readonly TableEncoder[];
	private readonly packer = new BitPacker();

	constructor(tables: readonly WireTable[]) {
		this.tables = tables.map((table) => new TableEncoder(table));
	}

	/** Takes over the present. `writeDelta` and `writeKeyframe` then write this very step. */
	advance(tables: readonly QuantisedTable[]): void {
		this.tables.forEach((encoder, t) => {
			encoder.advance(tables[t] as QuantisedTable);
		});
	}

	/** Rows that the last delta carries values for. */
	get changedRows(): number {
		return this.tables.reduce((sum, t) => sum + t.changedCount + t.spawnedCount, 0);
	}

	writeDelta(out: ByteWriter): void {
		out.ensure(1);
		out.u8(CODEC_BLOCKS);
		for (const table of this.tables) table.writeDelta(out, this.packer);
	}

	writeKeyframe(out: ByteWriter): void {
		out.ensure(1);
		out.u8(CODEC_BLOCKS);
		for (const table of this.tables) table.writeKeyframe(out, this.packer);
	}
}
