/** Every maximum of a hand-over, each with its reason. Times are milliseconds. */
export const HAND_OVER_LIMITS = {
	/** Ticks that the taker may be behind when the giver freezes: it runs those while the room stands. */
	behindTicks: 2,
	/** Time for the taker to get the image, compile the module and catch up: 16 MiB and a cold compiler. */
	prepareMs: 5_000,
	/** A room stands still so long for an answer at most: twice the budget, three ticks of 60 Hz. */
	frozenMs: 50,
	/** What must not be lost is said again after so long: ten times the way there and back. */
	resendMs: 50,
	/** How often the giver offers a socket before it closes it: a second in all. */
	socketTries: 20,
	/** The taker waits so long for the last socket: as long as the giver offers it, twice. */
	settleMs: 2_000,
	/** The taker that hears nothing of a move for so long asks the register whether it is still wanted. */
	doubtMs: 250,
	/** The register asks the giver again after so long, and gives a move up after so many times: 8 s. */
	askMs: 200,
	asks: 40,
} as const;

/** The times that the decisions count with; a simulator has shorter ones. */
export type HandOverLimits = { readonly [name in keyof typeof HAND_OVER_LIMITS]: number };
