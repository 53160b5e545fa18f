import { stat } from "node:fs/promises";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { DIST, ROOT } from "../root.ts";

const GAMES = path.join(ROOT, "bench/games");

async function changedMs(file: string): Promise<number> {
	return (await stat(file).catch(() => null))?.mtimeMs ?? 0;
}

/** The module of a game that only the benchmark has (bench/games); built when its sources are newer. */
export async function benchGame(name: "crowd" | "roamers"): Promise<string> {
	const folder = path.join(GAMES, name);
	const file = path.join(DIST, "bench/games", `${name}.wasm`);
	const sources = ["schema.ts", "main.ts"].map((source) => changedMs(path.join(folder, source)));
	// an SDK built anew may lay the module out in another way
	const sdk = changedMs(path.join(DIST, ".built"));
	const newest = Math.max(...(await Promise.all([...sources, sdk])));
	if ((await changedMs(file)) > newest) return file;
	const built = await buildGame(folder, file);
	if ("error" in built) throw new Error(`${name}: ${built.error}: ${built.detail}`);
	return file;
}
