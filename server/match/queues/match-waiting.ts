import { balanceTeams, packTeams } from "./pack-teams.ts";
import type { QueueConfig } from "./queue-config.ts";
import { type Opening, takesRegion, type Waiting, windowOf } from "./waiting.ts";

/** Who is to play together. */
export type Formed =
	| { readonly kind: "match"; readonly region: string | null; readonly teams: Waiting[][] }
	/** `teams` are those who come to the seats that are free there, by team. */
	| { readonly kind: "backfill"; readonly match: string; readonly teams: Waiting[][] };

/** How many others are looked at around somebody: more of them are hardly any nearer. */
const LOOK_AT = 96;

/** One cycle's work: who still waits, in the order of their ratings, as a chain that those who go are taken out of. */
class Pool {
	readonly byWait: readonly Waiting[];
	private readonly byRating: readonly Waiting[];
	private readonly places = new Map<Waiting, number>();
	private readonly isTaken: Uint8Array;
	/** Place of the next one below and above that is not taken; the ends are -1 and the number of all. */
	private readonly below: Int32Array;
	private readonly above: Int32Array;

	constructor(waiting: readonly Waiting[]) {
		this.byWait = [...waiting].sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1));
		this.byRating = [...this.byWait].sort((a, b) => a.rating - b.rating);
		this.byRating.forEach((one, place) => {
			this.places.set(one, place);
		});
		const { length } = waiting;
		this.isTaken = new Uint8Array(length);
		this.below = Int32Array.from({ length }, (_, place) => place - 1);
		this.above = Int32Array.from({ length }, (_, place) => place + 1);
	}

	isFree(one: Waiting): boolean {
		return this.isTaken[this.places.get(one) as number] === 0;
	}

	take(all: readonly Waiting[]): void {
		for (const one of all) {
			const place = this.places.get(one) as number;
			this.isTaken[place] = 1;
			const low = this.below[place] as number;
			const high = this.above[place] as number;
			if (low >= 0) this.above[low] = high;
			if (high < this.byRating.length) this.below[high] = low;
		}
	}

	/** Those who wait, the nearest rating first. */
	*around(one: Waiting, most: number): Generator<Waiting> {
		const { byRating, below, above } = this;
		const place = this.places.get(one) as number;
		let low = below[place] as number;
		let high = above[place] as number;
		for (let found = 0; found < most; found++) {
			const lower = byRating[low];
			const higher = byRating[high];
			const isLower =
				lower !== undefined &&
				(higher === undefined || one.rating - lower.rating <= higher.rating - one.rating);
			const next = isLower ? lower : higher;
			if (!next) return;
			if (isLower) low = below[low] as number;
			else high = above[high] as number;
			yield next;
		}
	}
}

/** Fills teams of `teamSize` with those who come first; null while there are too few. */
function fillTeams(
	candidates: Iterable<Waiting>,
	{ teams }: QueueConfig,
	teamSize: number,
): Waiting[][] | null {
	const wanted = teams * teamSize;
	const chosen: Waiting[] = [];
	let players = 0;
	for (const candidate of candidates) {
		if (players + candidate.size > wanted || candidate.size > teamSize) continue;
		// singles always fit where there is room; parties are looked at
		const fits = candidate.size === 1 || packTeams([...chosen, candidate], teams, teamSize);
		if (!fits) continue;
		chosen.push(candidate);
		players += candidate.size;
		if (players === wanted) break;
	}
	if (players < wanted) return null;
	const packed = packTeams(chosen, teams, teamSize);
	return packed && balanceTeams(packed, teamSize);
}

/** Who could play with somebody, themselves first and then the nearest. */
function* candidatesFor(
	anchor: Waiting,
	region: string | null,
	pool: Pool,
	config: QueueConfig,
	nowMs: number,
): Generator<Waiting> {
	yield anchor;
	const own = windowOf(anchor, config, nowMs);
	for (const other of pool.around(anchor, LOOK_AT)) {
		const distance = Math.abs(other.rating - anchor.rating);
		if (distance > own) return;
		if (distance > windowOf(other, config, nowMs)) continue;
		if (takesRegion(other, region, config, nowMs)) yield other;
	}
}

function formAround(
	anchor: Waiting,
	region: string | null,
	pool: Pool,
	config: QueueConfig,
	nowMs: number,
): Waiting[][] | null {
	const candidates = () => candidatesFor(anchor, region, pool, config, nowMs);
	const full = fillTeams(candidates(), config, config.teamSize);
	const { incomplete } = config;
	if (full || !incomplete || nowMs - anchor.sinceMs < incomplete.afterMs) return full;
	const known = [...candidates()];
	for (let size = config.teamSize - 1; size >= incomplete.teamSize; size--) {
		if (config.teams * size < 2) return null;
		const fewer = fillTeams(known, config, size);
		if (fewer) return fewer;
	}
	return null;
}

function fillOpening(
	opening: Opening,
	pool: Pool,
	config: QueueConfig,
	nowMs: number,
): Waiting[][] | null {
	const free = [...opening.free];
	const teams: Waiting[][] = free.map(() => []);
	const came: Waiting[] = [];
	for (const one of pool.byWait) {
		if (free.every((seats) => seats === 0)) break;
		if (!pool.isFree(one) || !takesRegion(one, opening.region, config, nowMs)) continue;
		if (Math.abs(one.rating - opening.rating) > windowOf(one, config, nowMs)) continue;
		// to the team that lacks most
		const most = Math.max(...free);
		const team = free.indexOf(most);
		if (one.size > most) continue;
		teams[team]?.push(one);
		free[team] = most - one.size;
		came.push(one);
	}
	pool.take(came);
	return came.length > 0 ? teams : null;
}

/**
 * Puts those who wait together: first into matches that lack players, then into new ones, beginning with
 * whoever has waited longest. Everybody in a match lies within the window of that one, and that one within
 * theirs. A function of what it is given: the same players at the same moment give the same matches.
 */
export function matchWaiting(
	config: QueueConfig,
	waiting: readonly Waiting[],
	openings: readonly Opening[],
	nowMs: number,
): Formed[] {
	const pool = new Pool(waiting);
	const formed: Formed[] = [];
	if (config.backfill) {
		for (const opening of [...openings].sort((a, b) => a.sinceMs - b.sinceMs)) {
			const teams = fillOpening(opening, pool, config, nowMs);
			if (teams) formed.push({ kind: "backfill", match: opening.match, teams });
		}
	}
	const regions: readonly (string | null)[] = config.regions.length > 0 ? config.regions : [null];
	for (const anchor of pool.byWait) {
		// the anchor's own wishes decide the order
		const wishes = anchor.regions.length > 0 ? anchor.regions : regions;
		for (const region of wishes) {
			if (!pool.isFree(anchor) || !takesRegion(anchor, region, config, nowMs)) break;
			const teams = formAround(anchor, region, pool, config, nowMs);
			if (!teams) continue;
			pool.take(teams.flat());
			formed.push({ kind: "match", region, teams });
		}
	}
	return formed;
}
