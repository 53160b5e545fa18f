import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildGame } from "../../game-logic/sdk/build-game.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { repositoryRoot } from "./repository-root.ts";

/** The ball game of cars, whose physics is a crate of crates.io. */
export const CARBALL = path.join(repositoryRoot(), "game-logic/carball");

/**
 * Builds it, or a copy in another folder; null where it is not to be built, or without Rust or crates.io, which
 * HOTSTEP_LANGUAGES=required forbids.
 */
export async function buildCarball(folder = CARBALL): Promise<GameModule | null> {
	const target = path.join(CARBALL, "target");
	if (process.env.HOTSTEP_LANGUAGES !== "required" && !existsSync(target)) {
		console.warn(
			"SKIPPED: carball: its crates take minutes; HOTSTEP_LANGUAGES=required builds them",
		);
		return null;
	}
	// a copy finds the crates that were built before
	process.env.CARGO_TARGET_DIR ??= target;
	const out = await mkdtemp(path.join(tmpdir(), "hotstep-carball-"));
	try {
		const built = await buildGame(folder, path.join(out, "carball.wasm"));
		if (!("error" in built)) {
			const map = await readFile(`${built.file}.map`);
			return compileGame(new Uint8Array(await readFile(built.file)), "carball", map);
		}
		// without a network there are no crates
		const isMissing =
			built.error === "ERR_BUILD_TOOLS" || /failed to (?:download|get)/.test(built.detail);
		if (!isMissing || process.env.HOTSTEP_LANGUAGES === "required") throw new Error(built.detail);
		console.warn(`SKIPPED: carball: ${built.detail}`);
		return null;
	} finally {
		await rm(out, { recursive: true });
	}
}
