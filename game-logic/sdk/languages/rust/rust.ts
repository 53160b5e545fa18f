import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SchemaError } from "../../../../protocol/schema/define-game.ts";
import { run } from "../../toolchains/find-program.ts";
import { findRust, HOW_TO_GET_RUST } from "../../toolchains/rust.ts";
import type { Language } from "../language.ts";
import { sdkFile } from "../sdk-file.ts";
import { emitLayout } from "./emit-layout.ts";

/** Bytes of stack, as for C; the linker puts it first in memory by itself. */
const STACK = 65_536;
const FEATURES = "+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint";

/** Rust: main.rs and the modules that it names. */
export const rust: Language = {
	name: "rust",
	main: "main.rs",
	async emit(plan) {
		for (const { name, columns } of plan.spec.tables) {
			if (columns.some((c) => c.name === "index")) {
				throw new SchemaError(
					`tables.${name}: a row has an index already in Rust: rename the column`,
				);
			}
		}
		return { "layout.rs": emitLayout(plan, await sdkFile("rust", "hotstep.rs")) };
	},
	async compile(folder, plan, { isDraft }) {
		const found = await findRust();
		if (!found) {
			return {
				error: "ERR_BUILD_TOOLS",
				detail: `building rules in Rust needs ${HOW_TO_GET_RUST}`,
			};
		}
		const objects = await mkdtemp(path.join(tmpdir(), "hotstep-rust-"));
		try {
			const out = path.join(objects, "game.wasm");
			const flags = [
				isDraft ? "opt-level=1" : "opt-level=3",
				`debug-assertions=${isDraft ? "on" : "off"}`,
				"codegen-units=1",
				"panic=abort",
				"debuginfo=1",
				`target-feature=${FEATURES}`,
				`link-arg=--max-memory=${plan.pages * 65_536}`,
				`link-arg=-zstack-size=${STACK}`,
			].flatMap((flag) => ["-C", flag]);
			const built = await run(
				[
					...found.rustc,
					"--edition=2021",
					"--crate-type=cdylib",
					"--crate-name=game",
					"--color=never",
					`--remap-path-prefix=${folder}=`,
					...flags,
					"main.rs",
					"-o",
					out,
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
