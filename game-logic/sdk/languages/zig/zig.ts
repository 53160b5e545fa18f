import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../toolchains/find-program.ts";
import { findZig } from "../../toolchains/zig.ts";
import type { Language } from "../language.ts";
import { sdkFile } from "../sdk-file.ts";
import { emitLayout } from "./emit-layout.ts";

const HOW_TO_GET = `Zig 0.15 or newer:
  macOS            brew install zig
  Windows          winget install zig.zig
  anywhere         pip install ziglang`;

/** Bytes of stack, as for C. */
const STACK = 65_536;

/** Zig: all that main.zig imports. */
export const zig: Language = {
	name: "zig",
	main: "main.zig",
	async emit(plan) {
		return { "layout.zig": emitLayout(plan), "hotstep.zig": await sdkFile("zig", "hotstep.zig") };
	},
	async compile(folder, plan, { isDraft }) {
		const command = await findZig();
		if (!command) {
			return { error: "ERR_BUILD_TOOLS", detail: `building rules in Zig needs ${HOW_TO_GET}` };
		}
		const objects = await mkdtemp(path.join(tmpdir(), "hotstep-zig-"));
		try {
			const out = path.join(objects, "game.wasm");
			const built = await run(
				[
					...command,
					"build-exe",
					"main.zig",
					"-target",
					"wasm32-freestanding",
					"-mcpu=generic+bulk_memory+sign_ext+nontrapping_fptoint+simd128",
					isDraft ? "-OReleaseSafe" : "-OReleaseFast",
					"-fno-entry",
					"-fno-strip",
					"-rdynamic",
					"-fllvm",
					"-flld",
					"--stack",
					String(STACK),
					`--max-memory=${plan.pages * 65_536}`,
					"--color",
					"off",
					"--cache-dir",
					path.join(objects, "cache"),
					`-femit-bin=${out}`,
				],
				folder,
			);
			if (built.code !== 0) return { error: "ERR_COMPILE", detail: built.stderr.trim() };
			return { wasm: new Uint8Array(await readFile(out)), sourceMap: null };
		} finally {
			await rm(objects, { recursive: true, force: true });
		}
	},
};
