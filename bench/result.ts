/** The same work done another way, in the same run. */
export interface Peer {
	name: string;
	value: number;
	unit: string;
}

/** What a measurement gives; `--json` writes a list of these. */
export interface Result {
	id: string;
	value: number;
	unit: string;
	/** Of the repeats: (most - least) / median. */
	spread: number;
	peers: Peer[];
	/** The value should not be above it; null when nothing was promised. */
	goal: number | null;
	met: boolean | null;
}

export interface Measurement {
	id: string;
	/** What is measured, in a few words. */
	about: string;
	run(): Promise<Result>;
}

/** Four significant digits: more is noise. */
export function significant(value: number): number {
	return Number(value.toPrecision(4));
}

/** A result whose value should stay at or below `goal`. */
export function judge(
	found: Omit<Result, "met" | "goal" | "peers"> & {
		goal?: number;
		peers?: Peer[];
		/** The value should stay at or above the goal instead. */
		atLeast?: boolean;
	},
): Result {
	const { goal = null, peers = [], value, spread, atLeast = false, id, unit } = found;
	return {
		id,
		unit,
		value: significant(value),
		spread: significant(spread),
		peers: peers.map((peer) => ({ ...peer, value: significant(peer.value) })),
		goal,
		met: goal === null ? null : atLeast ? value >= goal : value <= goal,
	};
}
