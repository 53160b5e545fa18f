import type { DescribedColumn } from "../../protocol/abi/describe-column.ts";
import type { DescribedTable } from "../../protocol/abi/describe-table.ts";
import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { RecordSpec } from "../../protocol/schema/define-game.ts";
import { isFloat, type ScalarName } from "../../protocol/schema/scalar.ts";

/** Where one column of the new module gets its values. */
export interface ColumnPlan {
	readonly to: number;
	/** Index in the old table, or -1: every row starts at the default. */
	readonly from: number;
}

export interface TablePlan {
	readonly to: number;
	/** Index of the old table, or -1: the new table stays as the new module's start left it. */
	readonly from: number;
	readonly columns: readonly ColumnPlan[];
}

/** How the state of one module becomes the state of another, and what of it changes. */
export interface MigrationPlan {
	readonly tables: readonly TablePlan[];
	/** One line for each rename, default, conversion and loss, for the operator to decide. */
	readonly report: readonly string[];
}

/** Whether a number type can become another at all; each value is checked when it is copied. */
function canBecome(from: ScalarName, to: ScalarName): boolean {
	if (from === to) return true;
	// rounding would quietly change the game
	return !isFloat(from) || isFloat(to);
}

function sameRecord(a: RecordSpec, b: RecordSpec): boolean {
	const text = ({ size, fields }: RecordSpec): string =>
		JSON.stringify([size, fields.map(({ name, type, offset }) => [name, type, offset])]);
	return text(a) === text(b);
}

/** Whether two rules take the same inputs. */
export function sameInput(a: Descriptor, b: Descriptor): boolean {
	return sameRecord(a.input, b.input);
}

function findByName<T extends { name: string }>(
	items: readonly T[],
	{ name, was }: { name: string; was: string | null },
): number {
	const same = items.findIndex((item) => item.name === name);
	return same >= 0 || was === null ? same : items.findIndex((item) => item.name === was);
}

function compareColumns(
	before: DescribedTable,
	after: DescribedTable,
	report: string[],
): ColumnPlan[] | Refusal {
	const plans: ColumnPlan[] = [];
	for (const [to, column] of after.columns.entries()) {
		const where = `${after.name}.${column.name}`;
		const from = findByName(before.columns, column);
		const old = before.columns[from] as DescribedColumn | undefined;
		if (!old) report.push(`+ ${where} starts at ${column.default}`);
		else if (!canBecome(old.type, column.type)) {
			return {
				error: "ERR_SWAP_TYPE",
				detail: `${where} was ${old.type}, cannot become ${column.type}`,
			};
		} else {
			if (old.name !== column.name) report.push(`~ ${where} was ${old.name}`);
			if (old.type !== column.type) report.push(`~ ${where} from ${old.type} to ${column.type}`);
		}
		plans.push({ to, from });
	}
	before.columns.forEach((column, from) => {
		if (!plans.some((plan) => plan.from === from)) report.push(`- ${before.name}.${column.name}`);
	});
	return plans;
}

/**
 * Plans how to carry one module's columns to another: by name, otherwise by former name, otherwise by
 * default. Refuses what cannot be carried.
 */
export function compareSchemas(
	before: Descriptor,
	after: Descriptor,
): { plan: MigrationPlan } | Refusal {
	if (before.name !== after.name) {
		return { error: "ERR_SWAP_GAME", detail: `${after.name} cannot replace ${before.name}` };
	}
	if (!sameInput(before, after)) {
		return {
			error: "ERR_SWAP_INPUT",
			detail: "the input's fields differ, and clients' inputs are under way: use the policy pin",
		};
	}
	if (before.tickRate !== after.tickRate || before.snapshotRate !== after.snapshotRate) {
		return { error: "ERR_SWAP_RATE", detail: "a running room keeps its tick and snapshot rates" };
	}
	if (after.maxPlayers < before.maxPlayers) {
		return {
			error: "ERR_SWAP_CAPACITY",
			detail: `${before.maxPlayers} seats cannot become ${after.maxPlayers}`,
		};
	}
	const report: string[] = [];
	const tables: TablePlan[] = [];
	for (const [to, table] of after.tables.entries()) {
		const from = findByName(before.tables, table);
		const old = before.tables[from];
		if (!old) {
			report.push(`+ table ${table.name}`);
			tables.push({ to, from: -1, columns: [] });
			continue;
		}
		if (old.name !== table.name) report.push(`~ table ${table.name} was ${old.name}`);
		const columns = compareColumns(old, table, report);
		if ("error" in columns) return columns;
		tables.push({ to, from, columns });
	}
	before.tables.forEach((table, from) => {
		if (!tables.some((plan) => plan.from === from)) report.push(`- table ${table.name}`);
	});
	return { plan: { tables, report } };
}
