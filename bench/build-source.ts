import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../server/module/game-module.ts";
import { ROOT } from "./root.ts";

const PARTICLES = path.join(ROOT, "bench/games/particles");
const CARBALL = path.join(ROOT, "game-logic/carball");

/** Builds a game in a folder to a module; a text says which tools are missing. */
async function buildIn(folder: string, out: string): Promise<GameModule | string> {
	const built = await buildGame(folder, path.join(out, "game.wasm"));
	if (!("error" in built)) {
		return compileGame(new Uint8Array(await readFile(built.file)), built.spec.name);
	}
	if (built.error === "ERR_BUILD_TOOLS") return built.detail;
	throw new Error(built.detail);
}

/** The ten thousand particles in one language, whose source is copied to `folder`. */
export async function buildParticles(
	language: string,
	folder: string,
): Promise<GameModule | string> {
	const own = path.join(folder, language);
	await cp(path.join(PARTICLES, language), own, { recursive: true });
	await cp(path.join(PARTICLES, "schema.ts"), path.join(own, "schema.ts"));
	return buildIn(own, own);
}

/** The game on the physics crate rapier2d: minutes, where its crates have not been built. */
export async function buildCarball(): Promise<GameModule | string> {
	const out = await mkdtemp(path.join(tmpdir(), "hotstep-bench-carball-"));
	try {
		return await buildIn(CARBALL, out);
	} finally {
		await rm(out, { recursive: true });
	}
}
