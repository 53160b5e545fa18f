import { type LiveTable, type Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import type { ScalarName } from "../../protocol/schema/scalar.ts";

/** The live rows of a table: `row`, `gen`, then the columns, private ones too. */
interface TableDump {
	readonly table: string;
	readonly columns: readonly string[];
	readonly rows: readonly (readonly (number | bigint)[])[];
}

export function dumpTable(table: LiveTable): TableDump {
	const rows: (number | bigint)[][] = [];
	for (let row = 0; row < usedRows(table); row++) {
		const gen = table.gen[row] as number;
		if (gen === 0) continue;
		const values = table.columns.map((column) => column.values[row] as number | bigint);
		rows.push([row, gen, ...values]);
	}
	const names = table.columns.map((column) => column.about.name);
	return { table: table.name, columns: ["row", "gen", ...names], rows };
}

export function findTable({ tables }: Simulation, name: string): LiveTable | null {
	return tables.find((table) => table.name === name) ?? null;
}

/** A number as its type sees it: 0.1 in an f32 is not 0.10000000149011612. */
export function showValue(value: number | bigint, type: ScalarName | null = null): string {
	if (typeof value === "bigint" || type !== "f32" || !Number.isFinite(value)) return String(value);
	for (let digits = 6; digits < 9; digits++) {
		const short = Number(value.toPrecision(digits));
		if (Math.fround(short) === value) return String(short);
	}
	return String(Number(value.toPrecision(9)));
}

/** Lines of columns: the first `left` of them left-aligned, as words are, the others as numbers. */
export function alignColumns(lines: readonly (readonly string[])[], left = 1): string {
	const widths: number[] = [];
	for (const line of lines) {
		line.forEach((cell, i) => {
			widths[i] = Math.max(widths[i] ?? 0, cell.length);
		});
	}
	const pad = (cell: string, i: number): string =>
		i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i]);
	return lines.map((line) => `${line.map(pad).join("  ").trimEnd()}\n`).join("");
}

/** The dump as text, a line for each row. */
export function showDump(dump: TableDump, table: LiveTable): string {
	const types = [null, null, ...table.columns.map((column) => column.about.type)];
	const rows = dump.rows.map((row) => row.map((value, i) => showValue(value, types[i])));
	return alignColumns([dump.columns, ...rows]);
}
