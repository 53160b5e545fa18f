import type { Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { runTick } from "../history/stretch.ts";
import { migrate } from "../migration/migrate.ts";
import { firstDifference, type StateDifference } from "../replay/compare-states.ts";
import type { CreateSimulation } from "./play.ts";
import { planToItself } from "./same-schema.ts";

interface AmnesiaFailure {
	/** Everything except the columns was dropped before this tick. */
	readonly forgottenTick: number;
	/** The first tick that differed; the one before `forgottenTick` if the start did. */
	readonly tick: number;
	/** `before` is the run that dropped nothing. */
	readonly difference: StateDifference | null;
	readonly detail: string;
}

export interface AmnesiaResult {
	readonly checks: number;
	readonly failure: AmnesiaFailure | null;
}

interface AmnesiaOptions {
	readonly inboxes: readonly Uint8Array[];
	readonly seed: number;
	/** Hashes of the run that drops nothing, before each tick and after the last. */
	readonly hashes: readonly string[];
	/** A fresh instance takes over at intervals of this many ticks, and runs to the end. */
	readonly every: number;
}

/** A fresh instance with nothing but what `simulation` declares, as a swap would make it. */
function forget(
	create: CreateSimulation,
	simulation: Simulation,
	seed: number,
	tick: number,
): { fresh: Simulation } | { problem: string } {
	const fresh = create();
	const started = fresh.init(seed);
	if (started) return { problem: `hs_init: ${started.detail}` };
	const refusal = migrate(simulation, fresh, planToItself(simulation));
	if (refusal) return { problem: `${refusal.error}: ${refusal.detail}` };
	const unhappy = fresh.migrated(simulation.descriptor.version, tick);
	return unhappy ? { problem: `hs_migrated: ${unhappy.detail}` } : { fresh };
}

/**
 * At intervals, a fresh instance is given the declared columns, the rows' generations and the random
 * state, and continues with the same inboxes. If it reaches another state than the run that dropped
 * nothing, the game keeps state that a swap would lose.
 */
export function amnesiaTest(create: CreateSimulation, options: AmnesiaOptions): AmnesiaResult {
	const { inboxes, seed, hashes, every } = options;
	const whole = create();
	whole.init(seed);
	let checks = 0;
	for (let tick = 0; tick < inboxes.length; tick++) {
		if (tick > 0 && tick % every === 0) {
			if (stateHash(whole, tick) !== hashes[tick]) {
				const detail = "a second fresh run came to another state, with nothing forgotten";
				return { checks, failure: failureAt(tick, tick - 1, detail) };
			}
			checks++;
			const failure = goOn(create, whole, options, tick);
			if (failure) return { checks, failure };
		}
		runTick(whole, tick, inboxes[tick]);
	}
	return { checks, failure: null };
}

function failureAt(forgottenTick: number, tick: number, detail: string): AmnesiaFailure {
	return { forgottenTick, tick, difference: null, detail };
}

/**
 * Drops state before `from` and compares to the end. On a difference, `whole` is run there to name it.
 */
function goOn(
	create: CreateSimulation,
	whole: Simulation,
	{ inboxes, seed, hashes }: AmnesiaOptions,
	from: number,
): AmnesiaFailure | null {
	const made = forget(create, whole, seed, from);
	if ("problem" in made) return failureAt(from, from - 1, made.problem);
	const { fresh } = made;
	for (let tick = from; tick <= inboxes.length; tick++) {
		if (stateHash(fresh, tick) !== hashes[tick]) {
			for (let t = from; t < tick; t++) {
				runTick(whole, t, inboxes[t]);
			}
			const difference = firstDifference(whole, fresh, planToItself(whole));
			return { ...failureAt(from, tick - 1, "it came to another state"), difference };
		}
		if (tick === inboxes.length) break;
		const fault = runTick(fresh, tick, inboxes[tick]);
		if (fault) return failureAt(from, tick, `${fault.kind}: ${fault.detail}`);
	}
	return null;
}
