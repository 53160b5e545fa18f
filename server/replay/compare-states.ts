import {
	type LiveColumn,
	type LiveTable,
	type Simulation,
	usedRows,
} from "../../protocol/abi/simulation.ts";
import type { ScalarName } from "../../protocol/schema/scalar.ts";
import type { MigrationPlan, TablePlan } from "../migration/compare-schemas.ts";

/** The first place where two states differ. */
export interface StateDifference {
	/** "random" for the words of the random state. */
	readonly table: string;
	readonly row: number;
	/** "gen" where a row's occupant differs; 0 is a free row. */
	readonly column: string;
	/** Of the value after. */
	readonly type: ScalarName;
	readonly before: number | bigint;
	readonly after: number | bigint;
}

export interface TableDifference {
	readonly table: string;
	/** Rows that are live in either state. */
	readonly rows: number;
	/** Those of them that differ in anything. */
	readonly differing: number;
}

function genOf(table: LiveTable, row: number): number {
	return row < usedRows(table) ? table.gen[row] : 0;
}

function isLive(table: LiveTable, row: number): boolean {
	return genOf(table, row) !== 0;
}

/** As a state hash sees it: NaN equals NaN, and -0 is not 0. */
function isSameValue(before: LiveColumn, after: LiveColumn, row: number): boolean {
	const a = before.values[row] as number | bigint;
	const b = after.values[row] as number | bigint;
	if (before.about.type === after.about.type) return Object.is(a, b);
	const value = Number(a);
	return Object.is(after.about.type === "f32" ? Math.fround(value) : value, Number(b));
}

/** Views of columns as bytes, made once: states are compared after every tick. */
const bytesOfColumn = new WeakMap<ArrayBufferView, Buffer>();

function bytesOf(column: ArrayBufferView): Buffer {
	let bytes = bytesOfColumn.get(column);
	if (!bytes) {
		bytes = Buffer.from(column.buffer as ArrayBuffer, column.byteOffset, column.byteLength);
		bytesOfColumn.set(column, bytes);
	}
	return bytes;
}

/** Whether the first `bytes` bytes are the same: then nothing differs, which is the usual case. */
function hasSameBytes(before: ArrayBufferView, after: ArrayBufferView, bytes: number): boolean {
	if (before.byteLength < bytes || after.byteLength < bytes) return false;
	return bytesOf(before).compare(bytesOf(after), 0, bytes, 0, bytes) === 0;
}

function firstOtherGen(before: LiveTable, after: LiveTable, rows: number): number {
	if (usedRows(before) === usedRows(after) && hasSameBytes(before.gen, after.gen, rows * 2))
		return -1;
	for (let row = 0; row < rows; row++) if (genOf(before, row) !== genOf(after, row)) return row;
	return -1;
}

function firstOtherValue(
	before: LiveColumn,
	after: LiveColumn,
	table: LiveTable,
	rows: number,
): number {
	const isSameType = before.about.type === after.about.type;
	const bytes = rows * after.values.BYTES_PER_ELEMENT;
	if (isSameType && hasSameBytes(before.values, after.values, bytes)) return -1;
	for (let row = 0; row < rows; row++) {
		if (isLive(table, row) && !isSameValue(before, after, row)) return row;
	}
	return -1;
}

function firstInTable(
	before: LiveTable,
	after: LiveTable,
	{ columns }: TablePlan,
): StateDifference | null {
	const rows = Math.max(usedRows(before), usedRows(after));
	const table = after.name;
	const row = firstOtherGen(before, after, rows);
	if (row >= 0) {
		const [a, b] = [genOf(before, row), genOf(after, row)];
		return { table, row, column: "gen", type: "u16", before: a, after: b };
	}
	for (const { from, to } of columns) {
		const source = before.columns[from];
		const target = after.columns[to];
		if (!source || !target) continue;
		const row = firstOtherValue(source, target, after, rows);
		if (row < 0) continue;
		return {
			table,
			row,
			column: target.about.name,
			type: target.about.type,
			before: source.values[row] as number | bigint,
			after: target.values[row] as number | bigint,
		};
	}
	return null;
}

/**
 * The first difference of two states in what both modules declare: which row has which occupant, the
 * columns that a swap would carry from one to the other, the random state. Null when there is none.
 */
export function firstDifference(
	before: Simulation,
	after: Simulation,
	plan: MigrationPlan,
): StateDifference | null {
	for (const tablePlan of plan.tables) {
		const source = before.tables[tablePlan.from];
		const target = after.tables[tablePlan.to];
		const found = source && target && firstInTable(source, target, tablePlan);
		if (found) return found;
	}
	for (let word = 0; word < 4; word++) {
		const [a, b] = [before.randomState(word), after.randomState(word)];
		if (a === b) continue;
		return { table: "random", row: word, column: "state", type: "u32", before: a, after: b };
	}
	return null;
}

function isSameRow(
	before: LiveTable,
	after: LiveTable,
	{ columns }: TablePlan,
	row: number,
): boolean {
	if (genOf(before, row) !== genOf(after, row)) return false;
	return columns.every(({ from, to }) => {
		const source = before.columns[from];
		const target = after.columns[to];
		return !source || !target || isSameValue(source, target, row);
	});
}

/** How far two states are apart, table by table. */
export function countDifferences(
	before: Simulation,
	after: Simulation,
	plan: MigrationPlan,
): TableDifference[] {
	const counted: TableDifference[] = [];
	for (const tablePlan of plan.tables) {
		const source = before.tables[tablePlan.from];
		const target = after.tables[tablePlan.to];
		if (!source || !target) continue;
		let rows = 0;
		let differing = 0;
		for (let row = 0; row < Math.max(usedRows(source), usedRows(target)); row++) {
			if (!isLive(source, row) && !isLive(target, row)) continue;
			rows++;
			if (!isSameRow(source, target, tablePlan, row)) differing++;
		}
		counted.push({ table: target.name, rows, differing });
	}
	return counted;
}
