import { type LiveTable, type Simulation, usedRows } from "../protocol/abi/simulation.ts";
import { publicColumns } from "./games.ts";

/** How a state is written without a codec: an array `[row, generation, ...values]` for each row. */
export type PlainRows = number[][][];

function plainTable(table: LiveTable): number[][] {
	const { gen } = table;
	const values = publicColumns(table).map((column) => column.values as ArrayLike<number>);
	const rows: number[][] = [];
	for (let row = 0; row < usedRows(table); row++) {
		if (gen[row] === 0) continue;
		const plain = [row, gen[row]];
		for (const column of values) plain.push(column[row]);
		rows.push(plain);
	}
	return rows;
}

/** The live rows of every table with what clients see of them. */
export function plainRows({ tables }: Simulation): PlainRows {
	return tables.map(plainTable);
}
