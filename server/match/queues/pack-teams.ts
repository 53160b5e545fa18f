import type { Waiting } from "./waiting.ts";

/** Team to put so many players into: the one with most room; -1 if there is none. */
function roomiest(free: readonly number[], size: number): number {
	let best = -1;
	free.forEach((seats, team) => {
		if (seats >= size && (best < 0 || seats > (free[best] as number))) best = team;
	});
	return best;
}

/**
 * Parties into teams of a size each, no party apart; null when they do not fit. The largest go first, into the
 * team with least room that will do: with parties this small that finds a way wherever there is one, but for
 * contrived sizes, which wait for others.
 */
export function packTeams<T extends Pick<Waiting, "size">>(
	parties: readonly T[],
	teams: number,
	teamSize: number,
): T[][] | null {
	const packed: T[][] = Array.from({ length: teams }, () => []);
	const free = Array<number>(teams).fill(teamSize);
	for (const party of [...parties].sort((a, b) => b.size - a.size)) {
		let best = -1;
		free.forEach((seats, team) => {
			if (seats >= party.size && (best < 0 || seats < (free[best] as number))) best = team;
		});
		if (best < 0) return null;
		packed[best]?.push(party);
		free[best] = (free[best] as number) - party.size;
	}
	return packed;
}

function sumOf(team: readonly Waiting[]): number {
	return team.reduce((sum, { rating, size }) => sum + rating * size, 0);
}

/** Difference between the strongest and the weakest team, as sums of ratings. */
export function unfairness(teams: readonly (readonly Waiting[])[]): number {
	const sums = teams.map(sumOf);
	return Math.max(...sums) - Math.min(...sums);
}

/** Puts full teams together anew so that they are as strong as one another, or nearly. */
export function balanceTeams(
	teams: readonly (readonly Waiting[])[],
	teamSize: number,
): Waiting[][] {
	if (teams.length < 2) return teams.map((team) => [...team]);
	// the large parties first, then by strength, each to whoever is weakest by now and has room
	const parties = teams.flat().sort((a, b) => b.size - a.size || b.rating - a.rating);
	const picked: Waiting[][] = teams.map(() => []);
	const free = teams.map(() => teamSize);
	for (const party of parties) {
		const sums = picked.map(sumOf);
		let best = -1;
		free.forEach((seats, team) => {
			if (seats < party.size) return;
			// who has more seats to fill is further behind
			const gain = (sums[team] as number) + seats * 1e-6;
			if (best < 0 || gain < (sums[best] as number) + (free[best] as number) * 1e-6) best = team;
		});
		if (best < 0) best = roomiest(free, party.size);
		if (best < 0) return swapToBalance(teams.map((team) => [...team]));
		picked[best]?.push(party);
		free[best] = (free[best] as number) - party.size;
	}
	const isFull = free.every((seats) => seats === 0);
	const start = isFull ? picked : teams.map((team) => [...team]);
	return swapToBalance(start);
}

/** Swaps parties of one size between teams as long as that makes them more even. */
function swapToBalance(teams: Waiting[][]): Waiting[][] {
	for (let rounds = 0; rounds < 8; rounds++) {
		const order = teams.map((team, i) => ({ i, sum: sumOf(team) })).sort((a, b) => a.sum - b.sum);
		const weak = teams[order[0]?.i as number] as Waiting[];
		const strong = teams[order.at(-1)?.i as number] as Waiting[];
		const gap = sumOf(strong) - sumOf(weak);
		let best: { from: number; to: number; left: number } | null = null;
		strong.forEach((a, from) => {
			weak.forEach((b, to) => {
				if (a.size !== b.size) return;
				const left = Math.abs(gap - 2 * (a.rating - b.rating) * a.size);
				if (left < (best?.left ?? gap)) best = { from, to, left };
			});
		});
		const swap = best as { from: number; to: number } | null;
		if (!swap) return teams;
		const moved = strong[swap.from] as Waiting;
		strong[swap.from] = weak[swap.to] as Waiting;
		weak[swap.to] = moved;
	}
	return teams;
}
