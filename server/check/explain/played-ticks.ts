import type { Simulation } from "../../../protocol/abi/simulation.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { runTick } from "../../history/stretch.ts";
import { type Journal, JournalReader } from "../../journal/journal-reader.ts";
import { type GameModule, instantiate } from "../../module/game-module.ts";
import { Rerun } from "../../replay/rerun.ts";
import { type PlayerOptions, randomPlayers } from "../../swap/random-inboxes.ts";

/** Ticks that can be played as often as wanted, each time from the same state on the same inbox. */
export interface PlayedTicks {
	/**
	 * Plays them: `before` a tick, the state is the one that it starts from and must be left so; `after` it,
	 * hears the fuel it spent. Ends at a tick that fails.
	 */
	play(
		before: (simulation: Simulation, tick: number, inbox: Uint8Array) => void,
		after: (fuel: number) => void,
	): Refusal | null;
}

/** Ticks of players who press at random. */
export function randomTicks(
	game: GameModule,
	{ ticks, ...options }: PlayerOptions & { readonly ticks: number },
): PlayedTicks {
	return {
		play(before, after) {
			const simulation = instantiate(game, () => {});
			const inboxOf = randomPlayers(game.descriptor, options);
			if (simulation.init(options.seed)) return null;
			for (let tick = 0; tick < ticks; tick++) {
				const inbox = inboxOf(tick);
				before(simulation, tick, inbox);
				if (runTick(simulation, tick, inbox)) return null;
				after(simulation.fuelSpent);
			}
			return null;
		},
	};
}

/** The first `most` ticks of a journal that this very build ran. */
export function recordedTicks(game: GameModule, journal: Journal, most: number): PlayedTicks {
	return {
		play(before, after) {
			const rerun = Rerun.start(journal);
			if ("error" in rerun) return rerun;
			const reader = new JournalReader(journal);
			let ticks = 0;
			for (let record = reader.next(); record !== null && ticks < most; record = reader.next()) {
				if ("error" in record) return record;
				const inbox = record.type === "tick" ? record.inbox : null;
				const isOurs = inbox !== null && rerun.rules.game.hash === game.hash;
				if (isOurs) before(rerun.simulation, record.tick, inbox);
				const outcome = rerun.apply(record);
				if (outcome && "error" in outcome) return outcome;
				if (outcome?.type === "fault") break;
				if (!isOurs) continue;
				ticks++;
				after(rerun.simulation.fuelSpent);
			}
			if (ticks > 0) return null;
			const detail = "no tick of the journal ran on this build: record one with it";
			return { error: "ERR_CHECK_JOURNAL", detail };
		},
	};
}
