import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { repositoryRoot } from "./repository-root.ts";

/**
 * A game with a column of every kind that can travel, built in a folder of its own. `edit` may change
 * its schema.ts, for a version that differs.
 */
export async function buildMedley(edit = (schema: string): string => schema): Promise<GameModule> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-medley-"));
	const sources = path.join(repositoryRoot(), "test/support/fixtures/medley");
	await cp(sources, folder, { recursive: true });
	const schema = path.join(folder, "schema.ts");
	await writeFile(schema, edit(await readFile(schema, "utf8")));
	const built = await buildGame(folder, path.join(folder, "medley.wasm"));
	if ("error" in built) throw new Error(`${built.error}: ${built.detail}`);
	const bytes = await readFile(built.file);
	await rm(folder, { recursive: true });
	return compileGame(new Uint8Array(bytes), "medley");
}
