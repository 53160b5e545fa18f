import { alignColumns, showValue } from "../replay/dump-table.ts";
import type { Engine } from "./engine.ts";
import type { EngineDifference, MatchRun } from "./verify-match.ts";

/** What became of one engine. */
export interface EngineResult {
	readonly engine: string;
	/** One for each match file, in order, until one differs or fails. */
	readonly runs: readonly MatchRun[];
	/** Why it could not run at all. */
	readonly refused: string | null;
}

export function ticksOf({ runs }: EngineResult): number {
	return runs.reduce((sum, { ticks }) => sum + ticks, 0);
}

function showDifference(difference: EngineDifference): string {
	const { tick, hash, hashHere, fuel, fuelHere, state } = difference;
	const lines = [
		`DIFFERS in tick ${tick}: hash ${hash}, here ${hashHere}; fuel ${fuel}, here ${fuelHere}`,
	];
	if (state) {
		const { table, column, row, type, before, after } = state;
		const values = `is ${showValue(after, type)}, here ${showValue(before, type)}`;
		lines.push(`    first: ${table}.${column}[${row}] ${values}`);
	} else if (hash === hashHere) lines.push("    the state is the same, the fuel is not");
	return lines.join("\n");
}

/** A line for an engine, and more below it when something is wrong. */
export function showEngine(result: EngineResult, ticks: number): string {
	const { engine, runs, refused } = result;
	if (refused !== null) return `${engine.padEnd(14)}NOT RUN: ${refused}\n`;
	const last = runs.at(-1);
	const name = `${engine.padEnd(14)}${last?.engine ?? ""}`;
	const difference = last?.difference;
	if (difference) return `${name}\n  ${showDifference(difference)}\n`;
	if (last?.failure)
		return `${name}\n  FAILED after ${ticksOf(result)} of ${ticks} ticks: ${last.failure}\n`;
	const runNs = runs.reduce((sum, run) => sum + run.runNs, 0);
	const startNs = runs.reduce((most, run) => Math.max(most, run.startNs), 0);
	const peak = runs.reduce((most, run) => Math.max(most, run.peakBytes), 0);
	const memory = runs.every(({ sameImage }) => sameImage)
		? ", all of memory"
		: "; memory differs in what no hash sees";
	const figures = [
		`${((ticks * 1e9) / Math.max(runNs, 1)).toLocaleString("en", { maximumFractionDigits: 0 })} ticks/s`,
		`start ${(startNs / 1e6).toFixed(1)} ms`,
		...(peak > 0 ? [`${(peak / 2 ** 20).toFixed(0)} MiB`] : []),
	];
	return `${name}\n  agrees: ${ticks} ticks, every hash and fuel${memory} · ${figures.join(" · ")}\n`;
}

/** `hotstep verify --list`. */
export function showEngines(engines: readonly Engine[]): string {
	const lines = engines.map(({ name, about, get, missing }) => {
		const wanted = missing();
		const state = wanted.length === 0 ? "here" : `missing: ${wanted.join(", ")}`;
		return [name, state, wanted.length === 0 ? about : `${about}; get it: ${get}`];
	});
	return alignColumns(lines, 3);
}
