import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildArenaV2 } from "../../game-logic/arena-next/edits.ts";
import type { Candidate } from "../../server/swap/verifier.ts";
import { repositoryRoot } from "./repository-root.ts";

/** Version 2 of arena, ready to be deployed. */
export async function buildEdited(): Promise<Candidate> {
	const file = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-v2-")), "arena.wasm");
	await buildArenaV2(path.join(repositoryRoot(), "game-logic/arena"), file);
	return {
		bytes: new Uint8Array(await readFile(file)),
		origin: "arena version 2",
		sourceMap: await readFile(`${file}.map`, "utf8"),
	};
}
