import { type LiveTable, type Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { scalarBytes } from "../../protocol/schema/scalar.ts";

/** An owner-only column, as bytes of linear memory. */
interface OwnBytes {
	readonly size: number;
	readonly bytes: Uint8Array;
}

/** One table's rows by owner: a list for each player, ascending, threaded through `next`. */
class OwnTable {
	private readonly table: LiveTable;
	private readonly owners: ArrayLike<number | bigint>;
	private readonly columns: readonly OwnBytes[];
	private readonly rowBytes: number;
	private readonly first: Int32Array;
	private readonly next: Int32Array;

	constructor(table: LiveTable, predicted: boolean, players: number) {
		this.table = table;
		const owner = table.columns.find(({ about }) => about.owner);
		if (!owner) throw new Error(`${table.name} has own columns and no owner`);
		this.owners = owner.values;
		this.columns = table.columns
			.filter(({ about }) => predicted || about.ownerOnly)
			.map(({ about, values }) => ({
				size: scalarBytes(about.type),
				bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
			}));
		this.rowBytes = this.columns.reduce((sum, { size }) => sum + size, 0);
		this.first = new Int32Array(players);
		this.next = new Int32Array(table.capacity);
	}

	/** Sorts the live rows by owner. */
	capture(): void {
		const { table, owners, first, next } = this;
		first.fill(-1);
		for (let row = usedRows(table) - 1; row >= 0; row--) {
			if (table.gen[row] === 0) continue;
			const owner = Number(owners[row]);
			if (owner < 0 || owner >= first.length) continue;
			next[row] = first[owner];
			first[owner] = row;
		}
	}

	write(player: number, out: ByteWriter): void {
		const { first, next, columns, table } = this;
		const countAt = out.length;
		out.ensure(1);
		out.u8(0);
		let n = 0;
		for (let row = first[player]; row >= 0 && n < 255; row = next[row]) {
			out.ensure(8 + this.rowBytes);
			out.varint(row);
			out.varint(table.gen[row]);
			for (let c = 0; c < columns.length; c++) {
				const { size, bytes } = columns[c];
				for (let i = row * size; i < (row + 1) * size; i++) out.u8(bytes[i]);
			}
			n++;
		}
		out.bytes[countAt] = n;
	}
}

/**
 * Writes what only a row's owner gets, exactly as it lies in linear memory: the data of an own chunk.
 *
 *     for each table with own columns:
 *     u8 rows | for each: varint row | varint gen | value of each own column
 *
 * A player has at most 255 own rows of a table; further ones are left out.
 */
export class OwnRowsEncoder {
	private readonly out = new ByteWriter(256);
	private tables: readonly OwnTable[] = [];
	private live: readonly LiveTable[] = [];

	/** Whether the game has owner-only values. */
	get isNeeded(): boolean {
		return this.tables.length > 0;
	}

	/** Reads which rows belong to whom; once after a tick whose state is sent. */
	capture({ descriptor, tables }: Simulation): void {
		if (tables !== this.live) {
			this.live = tables;
			this.tables = tables.flatMap((table, t) => {
				const predicted = descriptor.tables[t]?.predicted ?? false;
				const has = predicted || table.columns.some(({ about }) => about.ownerOnly);
				return has ? [new OwnTable(table, predicted, descriptor.maxPlayers)] : [];
			});
		}
		for (let t = 0; t < this.tables.length; t++) this.tables[t].capture();
	}

	/** The rows of one player, valid until the next call; `length` bytes of it count. */
	write(player: number): ByteWriter {
		this.out.length = 0;
		for (let t = 0; t < this.tables.length; t++) this.tables[t].write(player, this.out);
		return this.out;
	}
}
