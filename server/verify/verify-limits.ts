/** Every maximum of `hotstep verify`, each with its reason. */
export const VERIFY_LIMITS = {
	/** Bytes of ticks in one match file: hosts read it whole. Two hours of 16 players; then a new one begins. */
	matchBytes: 128 * 1024 * 1024,
	/** Bytes of one line of a host: more is no line of ours. */
	lineBytes: 4_096,
	/** A host that says nothing for so long hangs, ms: the slowest interpreter takes a second for a tick. */
	silenceMs: 120_000,
	/** Time that a host has to end by itself when it is stopped, ms: a browser has to be ended, too. */
	killMs: 3_000,
	/** Building a host may compile a whole engine, ms. */
	buildMs: 1_800_000,
	/** Bytes kept of what a failing build said. */
	buildOutputBytes: 1024 * 1024,
} as const;
