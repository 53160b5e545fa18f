import type { Meddle } from "./match.ts";
import { playMatch } from "./match.ts";
import type { SimGame } from "./sim-games.ts";

export interface Catch {
	/** Matches that it took. */
	readonly matches: number;
	/** What was wrong; null when nothing was noticed. */
	readonly what: string | null;
}

/** Plays matches on a broken server, one seed after the other, until one of them notices. */
export async function hunt(
	games: readonly SimGame[],
	broken: Meddle,
	seed: number,
	most: number,
): Promise<Catch> {
	for (let n = 0; n < most; n++) {
		try {
			await playMatch(games, seed + n, broken);
		} catch (thrown) {
			return { matches: n + 1, what: (thrown as Error).message };
		}
	}
	return { matches: most, what: null };
}
