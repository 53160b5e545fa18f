import { type GameModule, instantiate } from "../module/game-module.ts";
import { randomInboxes } from "../swap/random-inboxes.ts";
import { type AmnesiaResult, amnesiaTest } from "./amnesia-test.ts";
import { describeModule, type ModuleDescription } from "./describe-module.ts";
import { type GrowthResult, growthTest } from "./growth-test.ts";
import { type Play, play } from "./play.ts";
import { type SyncResult, syncTest } from "./sync-test.ts";

export interface CheckOptions {
	/** Of the players and of the game's own random state. */
	readonly seed: number;
	readonly ticks: number;
	readonly players: number;
}

export interface Check {
	readonly module: ModuleDescription;
	readonly seed: number;
	readonly players: number;
	readonly play: Omit<Play, "hashes">;
	readonly sync: SyncResult;
	readonly amnesia: AmnesiaResult;
	readonly growth: GrowthResult;
}

/** Twenty sync tests in a default run, each over a third of its interval. */
const SYNC = { every: 30, length: 10 };
/** A fresh instance takes over once a second at 60 Hz. */
const AMNESIA_EVERY = 60;

/** Describes a module, plays it with random players, and tests what replays and swaps rely on. */
export function checkGame(
	game: GameModule,
	{ seed, ticks, players }: CheckOptions,
	now: () => number,
): Check {
	const seats = Math.min(players, game.descriptor.maxPlayers);
	const all = randomInboxes(game.descriptor, { seed, ticks, players: seats });
	const { hashes, ...played } = play(game, all, seed, now);
	const create = () => instantiate(game, () => {});
	// a tick that fails ends the play, and later results mean nothing
	const inboxes = all.slice(0, played.ticks);
	return {
		module: describeModule(game),
		seed,
		players: seats,
		play: played,
		sync: syncTest(create, { inboxes, seed, ...SYNC }),
		amnesia: amnesiaTest(create, { inboxes, seed, hashes, every: AMNESIA_EVERY }),
		growth: growthTest(game, create, {
			seed,
			ticks,
			players: seats,
			fuelPerTick: played.fuel?.mean ?? 0,
		}),
	};
}
