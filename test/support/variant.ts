import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { type FixtureName, sourceFolder } from "../fixtures/build-module.ts";

export interface Variant {
	/** The game to change: dots unless told otherwise. */
	game?: FixtureName;
	/** Changes the source of schema.ts. */
	schema?: (source: string) => string;
	/** Changes the source of main.ts. */
	main?: (source: string) => string;
	/** Changes the source of other files, by name. */
	others?: Readonly<Record<string, (source: string) => string>>;
}

/** Puts `replacement` for `what`, which must be there. */
export function replace(what: string, replacement: string): (source: string) => string {
	return (source) => {
		if (!source.includes(what)) throw new Error(`the source has no "${what}"`);
		return source.replace(what, replacement);
	};
}

/** A copy of a game with other rules, built in a folder of its own; gives the module's file. */
export async function buildVariant({
	game = "dots",
	schema,
	main,
	others = {},
}: Variant): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-variant-"));
	await cp(sourceFolder(game), folder, { recursive: true });
	for (const [name, change] of [
		["schema.ts", schema],
		["main.ts", main],
		...Object.entries(others),
	] as const) {
		const file = path.join(folder, name);
		if (change) await writeFile(file, change(await readFile(file, "utf8")));
	}
	const file = path.join(folder, "game.wasm");
	const built = await buildGame(folder, file);
	if ("error" in built) throw new Error(built.detail);
	return file;
}

export async function loadVariant(variant: Variant): Promise<GameModule> {
	const file = await buildVariant(variant);
	const sourceMap = await readFile(`${file}.map`, "utf8");
	return compileGame(new Uint8Array(await readFile(file)), file, sourceMap);
}
