import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import { JumpFinder, MOVED } from "./jumps.ts";

/** One table of a received snapshot, as integers. */
export interface TableFrame {
	used: number;
	readonly gen: Uint16Array;
	readonly values: readonly Int32Array[];
	/** Of guessed columns alone; others are empty. */
	readonly steps: readonly Int32Array[];
	/** How each row came here from the snapshot before: `MOVED`, `JUMPED`, `LEAPT` or `CAME`. */
	readonly arrival: Uint8Array;
}

export interface TableSnapshot {
	tick: number;
	readonly tables: TableFrame[];
}

/** Snapshots kept for interpolation: a second and a half at 20 Hz. */
const KEPT = 32;
/** Minimum capacity of a snapshot, in rows. */
const LEAST_ROWS = 16;
/** A snapshot with this many times the capacity in use is made smaller. */
const MOST_SPARE = 4;

function createTable({ capacity, columns }: ChainTable, used: number): TableFrame {
	const rows = Math.min(capacity, Math.max(LEAST_ROWS, 2 ** Math.ceil(Math.log2(used + 1))));
	return {
		used: 0,
		gen: new Uint16Array(rows),
		values: columns.map(() => new Int32Array(rows)),
		steps: columns.map(({ guessed }) => new Int32Array(guessed ? rows : 0)),
		arrival: new Uint8Array(rows),
	};
}

/** Whether a table's capacity suffices for its rows, without being far too large. */
function fits({ gen }: TableFrame, used: number): boolean {
	return used <= gen.length && gen.length <= MOST_SPARE * Math.max(LEAST_ROWS, used);
}

/** The last snapshots in a ring; snapshots are reused, and as large as their rows require. */
export class SnapshotBuffer {
	private readonly snapshots: TableSnapshot[] = [];
	private readonly chain: readonly ChainTable[];
	private readonly finders: readonly JumpFinder[];
	private count = 0;
	/** Ticks between two snapshots when none was missed. */
	private interval = Number.POSITIVE_INFINITY;

	constructor(tables: readonly WireTable[], chain: readonly ChainTable[]) {
		this.chain = chain;
		this.finders = tables.map((table) => new JumpFinder(table));
	}

	/** Drops everything and frees the memory. */
	clear(): void {
		this.count = 0;
		this.snapshots.length = 0;
	}

	get newest(): TableSnapshot | null {
		return this.count === 0 ? null : this.snapshots[(this.count - 1) % KEPT];
	}

	/** Copies the chain's present state. */
	push(tick: number): void {
		const before = this.newest;
		const slot = this.count % KEPT;
		this.snapshots[slot] ??= {
			tick,
			tables: this.chain.map((table) => createTable(table, table.used)),
		};
		const snapshot = this.snapshots[slot];
		snapshot.tick = tick;
		this.chain.forEach((table, t) => {
			if (!fits(snapshot.tables[t], table.used)) {
				snapshot.tables[t] = createTable(table, table.used);
			}
			const copy = snapshot.tables[t];
			copy.used = table.used;
			copy.gen.set(table.gen.subarray(0, table.used));
			table.columns.forEach((column, c) => {
				copy.values[c].set(column.value.subarray(0, table.used));
				if (column.guessed) copy.steps[c].set(column.step.subarray(0, table.used));
			});
		});
		this.count++;
		this.findJumps(before, snapshot);
	}

	private findJumps(before: TableSnapshot | null, snapshot: TableSnapshot): void {
		if (before === null) {
			for (const { arrival } of snapshot.tables) arrival.fill(MOVED);
			return;
		}
		const ticks = Math.max(1, snapshot.tick - before.tick);
		this.interval = Math.min(this.interval, ticks);
		snapshot.tables.forEach((table, t) => {
			const from = before.tables[t];
			this.finders[t].find(from, table, ticks / this.interval);
		});
	}

	/** The two snapshots around `tick`; the same one twice at either end. */
	around(tick: number): [TableSnapshot, TableSnapshot] | null {
		const { newest } = this;
		if (newest === null) return null;
		let after = newest;
		const oldest = Math.max(0, this.count - KEPT);
		for (let i = this.count - 1; i >= oldest; i--) {
			const snapshot = this.snapshots[i % KEPT];
			if (snapshot.tick <= tick) return [snapshot, after];
			after = snapshot;
		}
		return [after, after];
	}
}
