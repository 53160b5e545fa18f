import { type LiveTable, type Simulation, usedRows } from "../../../protocol/abi/simulation.ts";
import type { Cell, RowPage, StateAnswer, TableLine } from "../../../protocol/admin-answers.ts";
import { readMap } from "./read-map.ts";

/** The requested part of a state. */
export interface StateQuery {
	/** Name of the table whose rows are wanted, null for none. */
	readonly table: string | null;
	readonly offset: number;
	readonly limit: number;
	readonly map: boolean;
}

function countLive({ gen }: LiveTable, used: number): number {
	let live = 0;
	for (let row = 0; row < used; row++) if (gen[row] !== 0) live++;
	return live;
}

function describeTable(table: LiveTable): TableLine {
	return {
		name: table.name,
		capacity: table.capacity,
		live: countLive(table, usedRows(table)),
		columns: table.columns.map(({ about }) => ({
			name: about.name,
			type: about.type,
			private: about.private,
			owner: about.owner,
			axis: about.axis,
		})),
	};
}

/** JSON has no 64-bit integers, no NaN and no infinity. An f32 gets no more digits than it has. */
function cellOf(value: number | bigint, isSingle: boolean): Cell {
	if (typeof value === "bigint" || !Number.isFinite(value)) return String(value);
	return isSingle ? Number(value.toPrecision(8)) : value;
}

function readPage(table: LiveTable, { offset, limit }: StateQuery): RowPage {
	const rows: Cell[][] = [];
	const used = usedRows(table);
	let live = 0;
	for (let row = 0; row < used && rows.length < limit; row++) {
		const gen = table.gen[row] as number;
		if (gen === 0 || live++ < offset) continue;
		const cells = table.columns.map(({ about, values }) =>
			cellOf(values[row] as number | bigint, about.type === "f32"),
		);
		rows.push([row, gen, ...cells]);
	}
	return { table: table.name, offset, rows };
}

/** Copies the requested part from a module between two ticks; bounded, whatever the tables hold. */
export function readState(
	simulation: Simulation,
	tick: number,
	source: StateAnswer["source"],
	query: StateQuery,
): StateAnswer {
	const { tables, descriptor } = simulation;
	const wanted = tables.find((table) => table.name === query.table);
	return {
		tick,
		source,
		version: descriptor.version,
		tables: tables.map(describeTable),
		page: wanted ? readPage(wanted, query) : null,
		map: query.map ? readMap(tables) : null,
	};
}
