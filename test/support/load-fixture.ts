import { readFile } from "node:fs/promises";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { type FixtureName, moduleFile } from "../fixtures/build-module.ts";

/** A game of this repository, built and compiled. */
export async function loadFixture(name: FixtureName): Promise<GameModule> {
	return compileGame(new Uint8Array(await readFile(await moduleFile(name))), name);
}
