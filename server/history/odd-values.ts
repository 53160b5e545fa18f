import { type Simulation, usedRows } from "../../protocol/abi/simulation.ts";

/** Maximum places listed; one would be enough to know. */
const MOST_PLACES = 1_024;

/** Places of NaN and infinities in live rows ("ship.x[3]"). */
export function oddValues(simulation: Simulation): ReadonlyMap<string, number> {
	const odd = new Map<string, number>();
	for (const table of simulation.tables) {
		const used = usedRows(table);
		for (const { about, values } of table.columns) {
			if (about.type !== "f32" && about.type !== "f64") continue;
			for (let row = 0; row < used; row++) {
				const value = values[row] as number;
				if (table.gen[row] === 0 || Number.isFinite(value)) continue;
				odd.set(`${table.name}.${about.name}[${row}]`, value);
				if (odd.size === MOST_PLACES) return odd;
			}
		}
	}
	return odd;
}
