import path from "node:path";
import type { LiveColumn, LiveTable, Simulation } from "../protocol/abi/simulation.ts";
import { type GameModule, instantiate, loadGame } from "../server/module/game-module.ts";

/** A game of this installation, as a server would load it. */
export function loadBuiltIn(name: "arena" | "swarm"): Promise<GameModule> {
	return loadGame(path.resolve(import.meta.dirname, "../games", `${name}.wasm`));
}

/** A running copy, after `hs_init`. */
export function start(game: GameModule, seed: number): Simulation {
	const simulation = instantiate(game, () => {});
	const fault = simulation.init(seed);
	if (fault) throw new Error(`${game.name} failed to start: ${fault.detail}`);
	return simulation;
}

/** One tick on what the inbox holds. */
export function runTick(simulation: Simulation, tick: number): void {
	const fault = simulation.tick(tick);
	if (fault) throw new Error(`tick ${tick} failed: ${fault.detail}`);
}

export function tableOf({ tables }: Simulation, name: string): LiveTable {
	const table = tables.find((t) => t.name === name);
	if (!table) throw new Error(`there is no table "${name}"`);
	return table;
}

/** A column's values, live. */
export function columnOf({ columns }: LiveTable, name: string): Float32Array {
	const column = columns.find(({ about }) => about.name === name);
	if (!column) throw new Error(`there is no column "${name}"`);
	return column.values as Float32Array;
}

/** The columns that clients get. */
export function publicColumns({ columns }: LiveTable): LiveColumn[] {
	return columns.filter(({ about }) => !about.private);
}
