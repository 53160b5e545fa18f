import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import { ownOnlyColumns } from "../prediction/show-own-rows.ts";
import { ColumnPath } from "./column-path.ts";
import { LEAPT, MOVED } from "./jumps.ts";
import type { TableSnapshot } from "./snapshot-buffer.ts";

interface ViewColumn {
	readonly path: ColumnPath;
	readonly predicted: boolean;
	readonly shown: Float64Array;
}

/** A table as shown: what `room.state.<table>` is. */
export interface ShownTable {
	readonly capacity: number;
	used: number;
	readonly gen: Uint16Array;
	readonly [column: string]: unknown;
}

class TableShower {
	readonly shown: ShownTable;
	private readonly columns: readonly ViewColumn[];

	constructor(table: WireTable, chain: ChainTable) {
		this.columns = table.columns.map((about, c) => ({
			path: new ColumnPath(about),
			predicted: chain.columns[c]?.guessed ?? false,
			shown: new Float64Array(table.capacity),
		}));
		this.shown = {
			capacity: table.capacity,
			used: 0,
			gen: new Uint16Array(table.capacity),
			...Object.fromEntries(table.columns.map(({ name }, c) => [name, this.columns[c]?.shown])),
			...Object.fromEntries(
				ownOnlyColumns(table).map((name) => [name, new Float64Array(table.capacity)]),
			),
		};
	}

	/** Shows the same as `before`, for the columns they share. */
	copy(before: ShownTable): void {
		const { shown } = this;
		shown.used = Math.min(before.used, shown.capacity);
		shown.gen.set(before.gen.subarray(0, shown.used));
		for (const [name, values] of Object.entries(shown)) {
			const old = before[name];
			if (!(values instanceof Float64Array && old instanceof Float64Array)) continue;
			values.set(old.subarray(0, shown.used));
		}
	}

	/** Shows the chain as it is. */
	showLatest(chain: ChainTable): void {
		this.shown.used = chain.used;
		this.shown.gen.set(chain.gen.subarray(0, chain.used));
		this.columns.forEach(({ path, shown }, c) => {
			const { value } = chain.columns[c] as ChainTable["columns"][number];
			for (let row = 0; row < chain.used; row++) shown[row] = path.value(value[row]);
		});
	}

	/**
	 * Shows the moment `share` of the way from `a` to `b`, or `ahead` snapshots after `a`. A row that
	 * jumped to its place in `b` stays at its place in `a` until then.
	 */
	showBetween(
		a: TableSnapshot["tables"][number],
		b: TableSnapshot["tables"][number],
		share: number,
		ahead: number,
	): void {
		const { shown } = this;
		shown.used = a.used;
		shown.gen.set(a.gen.subarray(0, a.used));
		this.columns.forEach((column, c) => {
			const from = a.values[c];
			const to = b.values[c];
			const step = a.steps[c];
			const { path } = column;
			for (let row = 0; row < a.used; row++) {
				const start = from[row];
				let value = start;
				if (path.interpolated && row < b.used && b.gen[row] === a.gen[row]) {
					if (ahead > 0) {
						const isKnown = column.predicted && a.arrival[row] !== LEAPT;
						if (isKnown) value += path.way(0, step[row]) * ahead;
					} else if (b.arrival[row] === MOVED) {
						value += path.way(start, to[row]) * share;
					}
				}
				column.shown[row] = path.value(value);
			}
		});
	}
}

/** Fills the arrays of `room.state` for one moment; they are created once and stay the same objects. */
export class StateShower {
	readonly state: Record<string, ShownTable>;
	private readonly showers: readonly TableShower[];

	constructor(tables: readonly WireTable[], chains: readonly ChainTable[]) {
		this.showers = tables.map((table, t) => new TableShower(table, chains[t]));
		this.state = Object.fromEntries(tables.map(({ name }, t) => [name, this.showers[t].shown]));
	}

	/** Continues to show what was shown under other rules, table by table and column by column. */
	goOnFrom(before: Readonly<Record<string, ShownTable>>): void {
		Object.keys(this.state).forEach((name, t) => {
			const table = before[name];
			if (table) this.showers[t].copy(table);
		});
	}

	showLatest(chains: readonly ChainTable[]): void {
		this.showers.forEach((shower, t) => {
			shower.showLatest(chains[t]);
		});
	}

	/** `intervalTicks` between two snapshots; beyond `b`, the motion continues unchanged. */
	showAt(tick: number, a: TableSnapshot, b: TableSnapshot, intervalTicks: number): void {
		const share = b.tick > a.tick ? Math.max(0, (tick - a.tick) / (b.tick - a.tick)) : 0;
		const ahead = a === b ? Math.max(0, (tick - a.tick) / intervalTicks) : 0;
		this.showers.forEach((shower, t) => {
			shower.showBetween(
				a.tables[t] as TableSnapshot["tables"][number],
				b.tables[t] as TableSnapshot["tables"][number],
				share,
				ahead,
			);
		});
	}
}
