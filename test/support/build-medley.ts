import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";

/** A game with a column of every kind that can travel, built in a folder of its own. */
export async function buildMedley(): Promise<GameModule> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-medley-"));
	await cp(path.join(import.meta.dirname, "fixtures/medley"), folder, { recursive: true });
	const built = await buildGame(folder, path.join(folder, "medley.wasm"));
	if ("error" in built) throw new Error(`${built.error}: ${built.detail}`);
	const bytes = await readFile(built.file);
	await rm(folder, { recursive: true });
	return compileGame(new Uint8Array(bytes), "medley");
}
