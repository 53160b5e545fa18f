import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LIMITS } from "../../../../protocol/limits.ts";
import { SchemaError } from "../../../../protocol/schema/define-game.ts";
import { findPrograms, run } from "../../toolchains/find-program.ts";
import type { Language } from "../language.ts";
import { sdkFile } from "../sdk-file.ts";
import { emitLayout } from "./emit-layout.ts";
import { withMemoryMaximum } from "./memory-maximum.ts";
import { exported, TAKEN_BY_GO } from "./names.ts";

const HOW_TO_GET = `Go 1.24 or newer:
  Debian, Ubuntu   apt install golang-go, where that is new enough
  macOS            brew install go
  Windows          winget install GoLang.Go
  anywhere         https://go.dev/dl`;

/** The first Go that can export functions to wasm. */
async function findGo(): Promise<string | null> {
	const own = process.env.HOTSTEP_GO;
	for (const go of own ? [own] : findPrograms(["go"])) {
		const { stdout } = await run([go, "env", "GOVERSION"]);
		const [, minor] = /^go1\.(\d+)/.exec(stdout) ?? [];
		if (minor !== undefined && Number(minor) >= 24) return go;
	}
	return null;
}

/** Go, by its own compiler: its runtime asks for WASI, which sealing answers. */
export const go: Language = {
	name: "go",
	main: "main.go",
	async emit(plan) {
		for (const { name } of plan.spec.tables) {
			if (!TAKEN_BY_GO.has(exported(name))) continue;
			throw new SchemaError(`tables: the name "${name}" is taken in Go, choose another`);
		}
		return { "layout.go": emitLayout(plan), "hotstep.go": await sdkFile("go", "hotstep.go") };
	},
	async compile(folder) {
		const found = await findGo();
		if (!found) {
			return { error: "ERR_BUILD_TOOLS", detail: `building rules in Go needs ${HOW_TO_GET}` };
		}
		const objects = await mkdtemp(path.join(tmpdir(), "hotstep-go-"));
		try {
			const out = path.join(objects, "game.wasm");
			const built = await run(
				[
					...[found, "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false"],
					...["-ldflags=-s -w -buildid=", "-o", out, "."],
				],
				folder,
				{
					...process.env,
					GOOS: "wasip1",
					GOARCH: "wasm",
					GOFLAGS: "-mod=mod",
					GOTOOLCHAIN: "local",
				},
			);
			if (built.code !== 0) return { error: "ERR_COMPILE", detail: built.stderr.trim() };
			// the runtime takes what it needs: up to what a module may have
			const wasm = withMemoryMaximum(await readFile(out), LIMITS.memoryBytes / 65_536);
			return { wasm, sourceMap: null };
		} finally {
			await rm(objects, { recursive: true, force: true });
		}
	},
};
