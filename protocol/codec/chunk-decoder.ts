import { CHUNK } from "../messages/server-message.ts";
import type { WireTable } from "../wire-schema.ts";
import { BitUnpacker } from "./bit-blocks.ts";
import { ByteReader } from "./byte-reader.ts";
import { type ChainTable, clearChain, createChain } from "./chain-state.ts";
import { CODEC_BLOCKS, PART } from "./chunk-format.ts";
import { readRowSet } from "./row-set.ts";

/** The other end of a delta chain: applies chunks to the tables it holds. */
export class ChunkDecoder {
	readonly tables: readonly ChainTable[];
	private readonly unpacker = new BitUnpacker();
	private readonly kept: Int32Array;
	private readonly rows: Int32Array;
	private readonly numbers: Int32Array;

	constructor(tables: readonly WireTable[]) {
		this.tables = tables.map(createChain);
		const most = Math.max(0, ...tables.map((t) => t.capacity));
		this.kept = new Int32Array(most);
		this.rows = new Int32Array(most);
		this.numbers = new Int32Array(most);
	}

	/**
	 * Applies a keyframe or a delta. Returns null, or why the bytes are wrong; the tables are then
	 * half changed and only a keyframe makes them whole.
	 */
	apply(kind: number, data: Uint8Array): string | null {
		const from = new ByteReader(data);
		if (from.u8() !== CODEC_BLOCKS) return "an unknown codec";
		if (kind === CHUNK.keyframe) for (const table of this.tables) clearChain(table);
		for (let t = 0; t < this.tables.length; t++) {
			const problem = this.applyTable(from, this.tables[t] as ChainTable, kind);
			if (problem !== null) return `table ${t}: ${problem}`;
			if (from.failed) return `table ${t}: the chunk ends too early`;
		}
		return from.atEnd ? null : "bytes follow the last table";
	}

	private applyTable(from: ByteReader, table: ChainTable, kind: number): string | null {
		const parts = from.u8();
		if (parts > 7) return `unknown parts ${parts}`;
		if ((parts & PART.removed) !== 0) {
			const n = readRowSet(from, this.rows, table.capacity, this.kept, 0);
			if (n < 0) return "a bad set of removed rows";
			for (let i = 0; i < n; i++) table.gen[this.rows[i] as number] = 0;
		}
		const kept = this.collectKept(table);
		this.applyGuess(table, kept);
		if ((parts & PART.changed) !== 0) {
			const n = readRowSet(from, this.rows, table.capacity, this.kept, kept);
			if (n < 0) return "a bad set of changed rows";
			this.applyChanged(from, table, n);
		}
		if ((parts & PART.spawned) !== 0) {
			const n = readRowSet(from, this.rows, table.capacity, this.kept, 0);
			if (n < 0) return "a bad set of spawned rows";
			this.applySpawned(from, table, n, kind === CHUNK.keyframe);
		}
		while (table.used > 0 && table.gen[table.used - 1] === 0) table.used--;
		return null;
	}

	private collectKept(table: ChainTable): number {
		let n = 0;
		for (let row = 0; row < table.used; row++) if (table.gen[row] !== 0) this.kept[n++] = row;
		return n;
	}

	private applyGuess(table: ChainTable, kept: number): void {
		for (const { predicted, value, step, mask } of table.columns) {
			if (!predicted) continue;
			for (let k = 0; k < kept; k++) {
				const row = this.kept[k] as number;
				value[row] = ((value[row] as number) + (step[row] as number)) & mask;
			}
		}
	}

	private applyChanged(from: ByteReader, table: ChainTable, n: number): void {
		for (const { predicted, value, step, mask, shift } of table.columns) {
			this.unpacker.unpack(from, this.numbers, n);
			for (let i = 0; i < n; i++) {
				const row = this.rows[i] as number;
				const rest = this.numbers[i] as number;
				value[row] = ((value[row] as number) + rest) & mask;
				if (predicted) step[row] = (((step[row] as number) + rest) << shift) >> shift;
			}
		}
		this.unpacker.finish();
	}

	private applySpawned(from: ByteReader, table: ChainTable, n: number, steps: boolean): void {
		const { rows, numbers } = this;
		this.unpacker.unpack(from, numbers, n);
		for (let i = 0; i < n; i++) table.gen[rows[i] as number] = numbers[i] as number;
		if (n > 0) table.used = Math.max(table.used, (rows[n - 1] as number) + 1);
		for (const { value, step } of table.columns) {
			this.unpacker.unpack(from, numbers, n);
			for (let i = 0; i < n; i++) {
				value[rows[i] as number] = numbers[i] as number;
				step[rows[i] as number] = 0;
			}
		}
		if (steps) {
			for (const { predicted, step } of table.columns) {
				if (!predicted) continue;
				this.unpacker.unpack(from, numbers, n);
				for (let i = 0; i < n; i++) step[rows[i] as number] = numbers[i] as number;
			}
		}
		this.unpacker.finish();
	}
}
