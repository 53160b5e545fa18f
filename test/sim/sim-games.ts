import type { Behaviour } from "../../bots/behaviour.ts";
import { behaviour as arenaBehaviour } from "../../game-logic/arena/bots.ts";
import { compileGame } from "../../server/module/game-module.ts";
import { buildEdited } from "../support/arena-v2.ts";
import { buildMedley } from "../support/build-medley.ts";
import { loadFixture } from "../support/load-fixture.ts";
import type { SimGame } from "./match.ts";

/** The games of the simulations: a small one, one where nobody sees far, one with a column of every kind, and a real one. */
export async function loadSimGames(): Promise<SimGame[]> {
	const next = await buildEdited();
	const widerMedley = await buildMedley((schema) =>
		schema.replace("version: 3", "version: 4").replace("capacity: 700", "capacity: 900"),
	);
	return [
		{ game: await loadFixture("dots"), next: null, behaviour: null },
		{ game: await loadFixture("meadow"), next: null, behaviour: null },
		{ game: await buildMedley(), next: widerMedley, behaviour: null },
		{
			game: await loadFixture("arena"),
			next: compileGame(next.bytes, next.origin, next.sourceMap ?? null),
			behaviour: arenaBehaviour as unknown as Behaviour,
		},
	];
}
