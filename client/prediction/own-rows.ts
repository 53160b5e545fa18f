import { ByteReader } from "../../protocol/codec/byte-reader.ts";
import { scalarBytes } from "../../protocol/schema/scalar.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";

/** The own rows of one table, as last sent. */
export interface OwnTable {
	/** Place of the table in the schema. */
	readonly table: number;
	/** Bytes of one row's values. */
	readonly rowBytes: number;
	/** Where each own column's value lies in a row. */
	readonly offsets: readonly number[];
	count: number;
	readonly rows: Uint16Array;
	readonly gens: Uint16Array;
	/** Values of row k begin at k * rowBytes. */
	values: Uint8Array<ArrayBuffer>;
}

/** Most own rows of a table: their number is one byte. */
const MOST_ROWS = 255;

/** What only this player receives: exact values of its own rows, read from own chunks. */
export class OwnRows {
	/** The tables that have own columns. */
	readonly tables: readonly OwnTable[];
	private readonly capacities: readonly number[];

	constructor(tables: readonly WireTable[]) {
		this.capacities = tables.map(({ capacity }) => capacity);
		this.tables = tables.flatMap(({ own, capacity }, table) => {
			if (own.length === 0) return [];
			let rowBytes = 0;
			const offsets = own.map(({ type }) => {
				rowBytes += scalarBytes(type);
				return rowBytes - scalarBytes(type);
			});
			const most = Math.min(MOST_ROWS, capacity);
			const rows = new Uint16Array(most);
			const gens = new Uint16Array(most);
			return [{ table, rowBytes, offsets, count: 0, rows, gens, values: new Uint8Array(0) }];
		});
	}

	get isEmpty(): boolean {
		return this.tables.every(({ count }) => count === 0);
	}

	clear(): void {
		for (const table of this.tables) table.count = 0;
	}

	/**
	 * Reads a chunk that replaces the one before. Returns null, or the error; then there are no own rows.
	 */
	read(data: Uint8Array): string | null {
		const from = new ByteReader(data);
		for (const table of this.tables) {
			const problem = this.readTable(from, table);
			if (problem === null && !from.failed) continue;
			this.clear();
			return `own rows of table ${table.table}: ${problem ?? "the chunk ends too early"}`;
		}
		if (from.atEnd) return null;
		this.clear();
		return "bytes follow the own rows";
	}

	private readTable(from: ByteReader, table: OwnTable): string | null {
		const capacity = this.capacities[table.table];
		const { rowBytes, rows, gens } = table;
		const n = from.u8();
		if (n > rows.length) return `${n} rows of ${capacity}`;
		if (table.values.length < n * rowBytes) table.values = new Uint8Array(n * rowBytes);
		let last = -1;
		for (let k = 0; k < n; k++) {
			const row = from.varint();
			const gen = from.varint();
			// ascending, so none appears twice
			if (row <= last || row >= capacity) return `row ${row} after ${last}, of ${capacity}`;
			if (gen < 1 || gen > 0xffff) return `generation ${gen}`;
			if (from.at + rowBytes > from.bytes.length) return "the values end too early";
			last = row;
			rows[k] = row;
			gens[k] = gen;
			for (let i = 0; i < rowBytes; i++) {
				table.values[k * rowBytes + i] = from.bytes[from.at + i];
			}
			from.at += rowBytes;
		}
		table.count = n;
		return null;
	}
}
