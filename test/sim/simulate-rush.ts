import { SeededRandom } from "../../protocol/seeded-random.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { matchWaiting } from "../../server/match/queues/match-waiting.ts";
import type { QueueConfig } from "../../server/match/queues/queue-config.ts";
import type { Waiting } from "../../server/match/queues/waiting.ts";

/** Players of the largest parties. */
const MOST_PARTY = 5;

export interface RushReport {
	/** Players who found a match, and those who still waited at the end. */
	matched: number;
	left: number;
	/** Each of these gives the value below which a share of all lies. */
	waitMs: (share: number) => number;
	/** Highest less lowest rating of a match. */
	spread: (share: number) => number;
	/** Between the mean ratings of a match's teams. */
	difference: (share: number) => number;
}

function quantile(values: number[]): (share: number) => number {
	const sorted = values.sort((a, b) => a - b);
	return (share) =>
		sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** From a normal distribution (Box and Muller). */
function normal(random: SeededRandom, mean: number, deviation: number): number {
	const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
	return mean + deviation * radius * Math.cos(2 * Math.PI * random.next());
}

/** Parties: 70 % alone, 20 % in pairs, the rest as large as a team may be. */
function partySize(random: SeededRandom, most: number): number {
	const share = random.next();
	if (share < 0.7 || most === 1) return 1;
	return share < 0.9 || most === 2 ? 2 : 3 + random.below(most - 2);
}

/** Players of such a party on average. */
function meanParty(most: number): number {
	if (most === 1) return 1;
	return most === 2 ? 1.3 : 1.1 + 0.1 * ((3 + most) / 2);
}

/** A region's players like their own best, and then the others. */
function wishes(random: SeededRandom, regions: readonly string[]): string[] {
	if (regions.length === 0) return [];
	const share = random.next();
	const home = share < 0.5 ? 0 : share < 0.85 ? 1 : 2;
	return [...regions.slice(home), ...regions.slice(0, home)];
}

/** A queue over some hours: nobody leaves, nobody comes back. Everything is a function of the seed. */
export function simulateRush(
	config: QueueConfig,
	{ players, hours, seed }: { players: number; hours: number; seed: number },
): RushReport {
	const random = new SeededRandom(seed);
	const waits: number[] = [];
	const spreads: number[] = [];
	const differences: number[] = [];
	const perParty = meanParty(Math.min(config.teamSize, MOST_PARTY));
	const perSecond = players / perParty / 3600;
	const parties: Waiting[] = [];
	const endMs = hours * 3_600_000;
	for (let atMs = 0, id = 0; atMs < endMs; atMs += random.gapMs(perSecond), id++) {
		parties.push({
			id: String(id),
			size: partySize(random, Math.min(config.teamSize, MOST_PARTY)),
			rating: normal(random, 1_500, 300),
			regions: wishes(random, config.regions),
			sinceMs: atMs,
		});
	}
	let waiting: Waiting[] = [];
	let next = 0;
	for (let nowMs = 0; nowMs < endMs; nowMs += MATCH_LIMITS.cycleMs) {
		while (next < parties.length && (parties[next] as Waiting).sinceMs <= nowMs) {
			waiting.push(parties[next++] as Waiting);
		}
		const gone = new Set<Waiting>();
		for (const { teams } of matchWaiting(config, waiting, [], nowMs)) {
			const all = teams.flat();
			for (const one of all) {
				gone.add(one);
				for (let i = 0; i < one.size; i++) waits.push(nowMs - one.sinceMs);
			}
			const ratings = all.map(({ rating }) => rating);
			spreads.push(Math.max(...ratings) - Math.min(...ratings));
			const means = teams.map((team) => {
				const size = team.reduce((sum, one) => sum + one.size, 0);
				return team.reduce((sum, one) => sum + one.rating * one.size, 0) / size;
			});
			differences.push(Math.max(...means) - Math.min(...means));
		}
		if (gone.size > 0) waiting = waiting.filter((one) => !gone.has(one));
	}
	return {
		matched: waits.length,
		left: waiting.reduce((sum, { size }) => sum + size, 0),
		waitMs: quantile(waits),
		spread: quantile(spreads),
		difference: quantile(differences),
	};
}
