import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { repositoryRoot } from "./repository-root.ts";

/** The languages that rules can be written in; each has the game `orbs` in a folder of its name. */
export const LANGUAGES = ["assemblyscript", "c", "cpp", "rust", "zig", "go"] as const;
export type LanguageName = (typeof LANGUAGES)[number];

const orbs = path.join(repositoryRoot(), "test/fixtures/orbs");

/** A copy of the game in one language, to build or to change; whoever asks removes it. */
export async function copyOrbs(language: LanguageName): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), `hotstep-${language}-`));
	await cp(path.join(orbs, "schema.ts"), path.join(folder, "schema.ts"));
	await cp(path.join(orbs, language), folder, { recursive: true });
	return folder;
}

/** What building it says: null where its toolchain is not installed, which HOTSTEP_LANGUAGES=required forbids. */
export async function tryBuild(
	folder: string,
	isDraft = false,
): Promise<GameModule | string | null> {
	const built = await buildGame(folder, path.join(folder, "game.wasm"), isDraft);
	if (!("error" in built)) {
		const map = await readFile(`${built.file}.map`).catch(() => null);
		return compileGame(new Uint8Array(await readFile(built.file)), built.file, map);
	}
	if (built.error !== "ERR_BUILD_TOOLS") return `${built.error}: ${built.detail}`;
	if (process.env.HOTSTEP_LANGUAGES === "required") throw new Error(built.detail);
	console.warn(`SKIPPED: ${built.detail}`);
	return null;
}

const builds = new Map<LanguageName, Promise<GameModule | null>>();

async function build(language: LanguageName): Promise<GameModule | null> {
	const folder = await copyOrbs(language);
	try {
		const game = await tryBuild(folder);
		if (typeof game === "string") throw new Error(game);
		return game;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The game in one language, built once for a file of tests; null where its toolchain is missing. */
export function orbsIn(language: LanguageName): Promise<GameModule | null> {
	const built = builds.get(language) ?? build(language);
	builds.set(language, built);
	return built;
}
