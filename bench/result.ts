/** The same work done another way, in the same run. */
export interface Peer {
	name: string;
	value: number;
	unit: string;
}

/** A further promise of the same measurement. */
export interface Check {
	name: string;
	value: number;
	unit: string;
	goal: number;
	/** The value should stay at or above the goal, not at or below. */
	atLeast: boolean;
	met: boolean;
}

/** What a measurement gives; `--json` writes a list of these. */
export interface Result {
	id: string;
	value: number;
	unit: string;
	/** Of the repeats: (most - least) / median. */
	spread: number;
	peers: Peer[];
	checks: Check[];
	/** What should stand among the peers and does not, and why. */
	notMeasured: string[];
	/** The value should not be above it; null when nothing was promised. */
	goal: number | null;
	/** The value should stay at or above the goal instead. */
	atLeast: boolean;
	/** Whether the goal and all checks are met; null when there are none. */
	met: boolean | null;
}

/** A measurement that could not be taken. */
export interface Failure {
	id: string;
	failed: string;
}

export interface Measurement {
	id: string;
	/** What is measured, in a few words. */
	about: string;
	run(): Promise<Result>;
}

/** Four significant digits: more is noise. */
function significant(value: number): number {
	return Number(value.toPrecision(4));
}

function holds(value: number, goal: number, atLeast: boolean): boolean {
	return atLeast ? value >= goal : value <= goal;
}

/** A further promise, judged before it is rounded. */
export function check(
	name: string,
	value: number,
	unit: string,
	goal: number,
	atLeast = false,
): Check {
	const met = holds(value, goal, atLeast);
	return { name, value: significant(value), unit, goal, atLeast, met };
}

/** A result whose value should stay at or below `goal`. */
export function judge(
	found: Pick<Result, "id" | "value" | "unit" | "spread"> &
		Partial<Pick<Result, "goal" | "peers" | "checks" | "notMeasured" | "atLeast">>,
): Result {
	const { goal = null, peers = [], checks = [], notMeasured = [], atLeast = false } = found;
	const { id, unit, value, spread } = found;
	const verdicts = checks.map(({ met }) => met);
	if (goal !== null) verdicts.push(holds(value, goal, atLeast));
	return {
		id,
		unit,
		value: significant(value),
		spread: significant(spread),
		peers: peers.map((peer) => ({ ...peer, value: significant(peer.value) })),
		checks: [...checks],
		notMeasured: [...notMeasured],
		goal,
		atLeast,
		met: verdicts.length === 0 ? null : verdicts.every((met) => met),
	};
}
