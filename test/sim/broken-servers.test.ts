import { beforeAll, describe, expect, it } from "vitest";
import { BROKEN_SERVERS } from "./match/broken-servers.ts";
import { hunt } from "./match/hunt.ts";
import { loadSimGames, type SimGame } from "./match/sim-games.ts";

const FIRST = 1;
/** Ten times what the slowest of them needed: `node dist/test/sim/matches.js --broken`. */
const MOST = 200;

let games: SimGame[];
beforeAll(async () => {
	games = await loadSimGames();
}, 120_000);

describe("the watchers of random matches notice a server that", () => {
	it.each(Object.entries(BROKEN_SERVERS))(
		"%s",
		async (_, broken) => {
			const { what } = await hunt(games, broken, FIRST, MOST);
			expect(what).not.toBeNull();
		},
		120_000,
	);
});
