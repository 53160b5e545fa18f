import type { OutboxHandler } from "../../protocol/abi/outbox-reader.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { runTick } from "../history/stretch.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import type { FuelUse } from "../replay/candidate-run.ts";
import { describeFault, type TickFault } from "../replay/tick-fault.ts";

/** A module to be tested: returns a fresh instance, before `hs_init`. */
export type CreateSimulation = () => Simulation;

export interface Play {
	/** Ticks that took effect. */
	readonly ticks: number;
	/** State hash before each tick, and after the last. */
	readonly hashes: readonly string[];
	readonly fuel: FuelUse | null;
	/** Of a tick, once the engine has warmed up. */
	readonly tickMs: { readonly mean: number; readonly p99: number; readonly max: number };
	readonly memoryBytes: number;
	/** Events, refusals and kicks. */
	readonly messages: number;
	/** Messages that did not fit the outbox. */
	readonly messagesDropped: number;
	readonly logLines: number;
	readonly fault: TickFault | null;
}

/** Warm-up ticks whose times do not count, because the engine is still compiling. */
const WARM_UP_TICKS = 120;

function summarise(times: readonly number[]): Play["tickMs"] {
	const warm = times.length > 2 * WARM_UP_TICKS ? times.slice(WARM_UP_TICKS) : times;
	const sorted = [...warm].sort((a, b) => a - b);
	if (sorted.length === 0) return { mean: 0, p99: 0, max: 0 };
	const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
	const p99 = sorted[Math.floor(sorted.length * 0.99)];
	return { mean, p99, max: sorted.at(-1) as number };
}

/** Runs a fresh instance on the inboxes and measures it; a tick that fails ends it. */
export function play(
	game: GameModule,
	inboxes: readonly Uint8Array[],
	seed: number,
	now: () => number,
): Play {
	let logLines = 0;
	let messages = 0;
	const count = (): void => {
		messages++;
	};
	const counter: OutboxHandler = {
		event: count,
		eventNear: count,
		refuse: count,
		kick: count,
		effect: count,
	};
	const simulation = instantiate(game, () => {
		logLines++;
	});
	const times: number[] = [];
	const fuel: number[] = [];
	const hashes: string[] = [];
	let fault = simulation.init(seed);
	for (let tick = 0; tick < inboxes.length && fault === null; tick++) {
		hashes.push(stateHash(simulation, tick));
		const startMs = now();
		fault = runTick(simulation, tick, inboxes[tick]);
		times.push(now() - startMs);
		fuel.push(simulation.fuelSpent);
		if (fault === null) simulation.outbox.read(simulation.outboxLength, counter);
	}
	// before the first tick when it was hs_init that failed
	const failedTick = times.length - 1;
	const ticks = fault && times.length > 0 ? times.length - 1 : times.length;
	if (fault === null) hashes.push(stateHash(simulation, ticks));
	const max = Math.max(0, ...fuel);
	return {
		ticks,
		hashes,
		fuel:
			max === 0
				? null
				: {
						max,
						maxTick: fuel.indexOf(max),
						mean: fuel.reduce((sum, units) => sum + units, 0) / fuel.length,
						budget: simulation.fuelPerTick,
					},
		tickMs: summarise(times),
		memoryBytes: simulation.memoryBytes,
		messages,
		messagesDropped: simulation.outboxDropped,
		logLines,
		fault: fault && describeFault(game, failedTick, fault),
	};
}
