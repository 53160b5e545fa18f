import type { Contender, Crowd } from "./contender.ts";
import { type LoadRun, type LoadTimes, runLoad } from "./run-load.ts";

/** A server to compare with, made after the run of our own whose bytes it may have to match. */
export interface PeerPlan {
	name: string;
	/** Why it cannot take part, null when it can. */
	unavailable?: string | null;
	make(own: LoadRun): Contender;
}

export interface Comparison {
	own: LoadRun[];
	/** Runs of each peer; a round in which it failed is missing. */
	peers: Map<string, LoadRun[]>;
	/** `name: why` of peers without any run. */
	notMeasured: string[];
}

/**
 * Rounds of one run each, ours first, then every peer's, so that a busy moment of the machine hits all
 * of them. @throws when a run of our own fails
 */
export async function compareLoads(
	own: Contender,
	plans: readonly PeerPlan[],
	crowd: Crowd,
	times: LoadTimes,
	rounds: number,
): Promise<Comparison> {
	const runs: LoadRun[] = [];
	const peers = new Map<string, LoadRun[]>();
	const problems = new Map<string, string>();
	for (const { name, unavailable } of plans) {
		if (unavailable) problems.set(name, unavailable);
	}
	for (let round = 0; round < rounds; round++) {
		const run = await runLoad(own, crowd, times);
		runs.push(run);
		for (const { name, make } of plans) {
			if (problems.has(name)) continue;
			try {
				const found = await runLoad(make(run), crowd, times);
				peers.set(name, [...(peers.get(name) ?? []), found]);
			} catch (thrown) {
				problems.set(name, (thrown as Error).message);
			}
		}
	}
	const notMeasured = [...problems]
		.filter(([name]) => !peers.has(name))
		.map(([name, why]) => `${name}: ${why}`);
	return { own: runs, peers, notMeasured };
}
