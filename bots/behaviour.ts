import type { Game } from "../protocol/schema/define-game.ts";
import type { InputView, StateView } from "../protocol/schema/view-types.ts";
import type { Random } from "../protocol/seeded-random.ts";

/** What a bot sees when it thinks, and the input that it sets. */
export interface BotView<G extends Game = Game> {
	/** The room as last heard of; what it holds is only fresh for a behaviour that `looks`. */
	readonly state: StateView<G>;
	/** Number of the bot's own seat. */
	readonly player: number;
	/** What it does now; stays until it thinks again. */
	readonly input: InputView<G>;
	readonly nowMs: number;
}

/** How the bots of a game play. A game keeps its own in `bots.ts`, exported as `behaviour`. */
export interface Behaviour<G extends Game = Game> {
	readonly thinksPerSecond: number;
	/** Whether it reads `state`: filling that costs time for each row. */
	readonly looks: boolean;
	/** Makes one bot's function; what it remembers stays inside. */
	create(random: Random): (view: BotView<G>) => void;
}
