import { usedRows } from "../protocol/abi/simulation.ts";
import { CELLS } from "../protocol/codec/cell-index.ts";
import type { ChainTable } from "../protocol/codec/chain-state.ts";
import type { Room as ServerRoom } from "../server/room/room.ts";
import type { Viewer } from "../server/room/viewer.ts";
import { TableQuantiser } from "../server/snapshot/quantise.ts";

/** One row as it travels: who occupies it, and the integer of each shared column. */
export interface ViewedRow {
	readonly gen: number;
	readonly values: readonly number[];
}

export interface ViewedTable {
	readonly name: string;
	readonly columns: readonly string[];
	/** Live rows by number. */
	readonly rows: ReadonlyMap<number, ViewedRow>;
}

function rowsOf(
	used: number,
	gen: ArrayLike<number>,
	values: readonly ArrayLike<number>[],
): Map<number, ViewedRow> {
	const rows = new Map<number, ViewedRow>();
	for (let row = 0; row < used; row++) {
		if (gen[row] === 0) continue;
		rows.set(row, { gen: gen[row], values: values.map((v) => v[row]) });
	}
	return rows;
}

/**
 * What a viewer is to see of the room's present state, without private columns: every live row, and in
 * a game with interest management those of the cells in its sight.
 */
export function expectedView(room: ServerRoom, viewer: Viewer): ViewedTable[] {
	const { encoder } = room;
	const window = new Uint16Array(CELLS);
	const seen = new Set(window.subarray(0, encoder.windowOf(viewer.focus, window)));
	return room.game.schema.tables.map(({ name, columns }, t) => {
		const live = room.simulation.tables[t];
		if (!live) throw new Error(`the module has no table ${name}`);
		const quantiser = new TableQuantiser(live);
		const used = usedRows(live);
		quantiser.capture(
			used,
			columns.map(() => new Int32Array(used)),
		);
		const cells = encoder.cellsOf(t);
		const gen = quantiser.gen.map((g, row) => (!cells || seen.has(cells[row]) ? g : 0));
		return {
			name,
			columns: columns.map((c) => c.name),
			rows: rowsOf(quantiser.used, gen, quantiser.values),
		};
	});
}

/** What differs between the two, one line each; none when a client has exactly what it should have. */
export function differences(
	expected: readonly ViewedTable[],
	received: readonly ChainTable[],
): string[] {
	const found: string[] = [];
	if (expected.length !== received.length) {
		return [`${received.length} tables have arrived, the room has ${expected.length}`];
	}
	expected.forEach(({ name, columns, rows }, t) => {
		const { used, gen, columns: chain } = received[t];
		const here = rowsOf(
			used,
			gen,
			chain.map((c) => c.value),
		);
		for (const [row, { gen: born, values }] of rows) {
			const mine = here.get(row);
			if (!mine) {
				found.push(`${name} row ${row} has not arrived`);
			} else if (mine.gen !== born) {
				found.push(`${name} row ${row} is of generation ${mine.gen}, not ${born}`);
			} else {
				values.forEach((value, c) => {
					if (mine.values[c] === value) return;
					found.push(`${name} row ${row} ${columns[c]}: ${mine.values[c]} arrived, not ${value}`);
				});
			}
		}
		for (const row of here.keys()) {
			if (!rows.has(row)) found.push(`${name} row ${row} is shown, but should not be`);
		}
	});
	return found;
}
