import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BuiltGame, buildGame } from "./build-game.ts";

/** A place in a file, by the text that stands there, and what stands there afterwards. */
export interface Edit {
	readonly file: string;
	readonly from: string;
	readonly to: string;
}

/** Applies edits to the files of a folder. @throws Error naming the edit whose place is not there */
async function applyEdits(folder: string, edits: readonly Edit[]): Promise<void> {
	for (const { file, from, to } of edits) {
		const target = path.join(folder, file);
		const source = await readFile(target, "utf8");
		if (!source.includes(from)) throw new Error(`${file} has no "${from}"`);
		await writeFile(
			target,
			source.replace(from, () => to),
		);
	}
}

/** Builds a game with edits made to a copy of its sources. @throws Error with the compiler's words */
export async function buildEditedGame(
	gameFolder: string,
	edits: readonly Edit[],
	outFile: string,
): Promise<BuiltGame> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-edited-"));
	try {
		await cp(gameFolder, folder, { recursive: true });
		await applyEdits(folder, edits);
		const built = await buildGame(folder, outFile);
		if ("error" in built) throw new Error(built.detail);
		return built;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
