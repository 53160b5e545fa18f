import { type LiveTable, type Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { ColumnPlan, MigrationPlan } from "./compare-schemas.ts";

/** Copies a column; false if a live row's value does not fit the new type. */
function carryColumn(before: LiveTable, after: LiveTable, { from, to }: ColumnPlan): boolean {
	const target = after.columns[to];
	const source = before.columns[from];
	if (!target) return false;
	const { values } = target;
	if (!source) {
		// `fill` takes a number or, for 64-bit integers, a bigint, never either: so the cast
		const big = values instanceof BigInt64Array || values instanceof BigUint64Array;
		(values as Float64Array).fill(
			(big ? BigInt(target.about.default) : target.about.default) as number,
		);
		return true;
	}
	const used = usedRows(before);
	if (source.about.type === target.about.type) {
		(values as Float64Array).set((source.values as Float64Array).subarray(0, used));
		return true;
	}
	const wide = values instanceof BigInt64Array || values instanceof BigUint64Array;
	for (let row = 0; row < used; row++) {
		if (before.gen[row] === 0) continue;
		const value = Number(source.values[row]);
		(values as Float64Array)[row] = (wide ? BigInt(value) : value) as number;
		const kept = Number(values[row]);
		// f64 to f32 may round; nothing else may change a value
		if (kept !== value && !(target.about.type === "f32" && kept === Math.fround(value)))
			return false;
	}
	return true;
}

/**
 * Carries the state of `before` over to `after`, which has been started and has no players: rows with
 * their generations, columns as planned, the random state. 10,000 rows of 5 columns take microseconds.
 */
export function migrate(
	before: Simulation,
	after: Simulation,
	plan: MigrationPlan,
): Refusal | null {
	for (const tablePlan of plan.tables) {
		const source = before.tables[tablePlan.from];
		const target = after.tables[tablePlan.to];
		if (!source || !target) continue;
		const used = usedRows(source);
		if (used > target.capacity) {
			return {
				error: "ERR_SWAP_CAPACITY",
				detail: `${source.name} has ${used} rows in use, the new one only ${target.capacity}`,
			};
		}
		target.gen.fill(0);
		target.gen.set(source.gen.subarray(0, used));
		target.usedCell[0] = used;
		for (const column of tablePlan.columns) {
			if (carryColumn(source, target, column)) continue;
			const name = `${target.name}.${target.columns[column.to]?.about.name}`;
			return { error: "ERR_SWAP_TYPE", detail: `a value of ${name} does not fit its new type` };
		}
	}
	for (let word = 0; word < 4; word++) after.setRandomState(word, before.randomState(word));
	return null;
}
