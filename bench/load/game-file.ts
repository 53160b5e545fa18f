import { stat } from "node:fs/promises";
import path from "node:path";
import { buildEditedGame, type Edit } from "../../game-logic/sdk/edit-game.ts";
import { DIST, ROOT } from "../root.ts";

const ROAMERS = path.join(ROOT, "bench/games/roamers");

/** What the games of the benchmark change in the sources of roamers. */
const EDITS: Readonly<Record<"crowd" | "roamers", readonly Edit[]>> = {
	roamers: [],
	/** The same walkers, more of them, all in sight of all. */
	crowd: [
		{ file: "schema.ts", from: 'name: "roamers"', to: 'name: "crowd"' },
		{ file: "schema.ts", from: "interest: { radius: 230 },", to: "" },
		{ file: "schema.ts", from: "maxPlayers: 400", to: "maxPlayers: 1024" },
		{ file: "schema.ts", from: "capacity: 400", to: "capacity: 1024" },
	],
};

async function changedMs(file: string): Promise<number> {
	return (await stat(file).catch(() => null))?.mtimeMs ?? 0;
}

/** The module of a game that only the benchmark has (bench/games); built when its sources are newer. */
export async function benchGame(name: "crowd" | "roamers"): Promise<string> {
	const file = path.join(DIST, "bench/games", `${name}.wasm`);
	const sources = ["schema.ts", "main.ts"].map((source) => changedMs(path.join(ROAMERS, source)));
	// an SDK built anew may lay the module out in another way
	const sdk = changedMs(path.join(DIST, ".built"));
	const newest = Math.max(...(await Promise.all([...sources, sdk])));
	if ((await changedMs(file)) > newest) return file;
	return (await buildEditedGame(ROAMERS, EDITS[name], file)).file;
}
