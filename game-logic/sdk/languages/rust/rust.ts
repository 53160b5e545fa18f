import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { SchemaError } from "../../../../protocol/schema/define-game.ts";
import { type Ran, run } from "../../toolchains/find-program.ts";
import { findRust, HOW_TO_GET_RUST, type Rust } from "../../toolchains/rust.ts";
import type { Language } from "../language.ts";
import { sdkFile } from "../sdk-file.ts";
import { buildCrate, type CrateFlags } from "./cargo.ts";
import { emitLayout } from "./emit-layout.ts";

/** Bytes of stack, as for C; the linker puts it first in memory by itself. */
const STACK = 65_536;
const FEATURES = "+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint";

/** What the compiler is told: for every crate, and for the game's own alone. */
function flagsOf(folder: string, maxPages: number): CrateFlags {
	const cargo = process.env.CARGO_HOME || path.join(homedir(), ".cargo");
	const link = [`link-arg=--max-memory=${maxPages * 65_536}`, `link-arg=-zstack-size=${STACK}`];
	return {
		// no path of this machine, in panics neither
		all: [
			...["-C", `target-feature=${FEATURES}`],
			`--remap-path-prefix=${path.join(cargo, "registry/src")}=/registry/src`,
		],
		own: [...link.flatMap((flag) => ["-C", flag]), `--remap-path-prefix=${folder}=`],
	};
}

function compileAlone(
	{ rustc }: Rust,
	folder: string,
	isDraft: boolean,
	flags: CrateFlags,
	out: string,
): Promise<Ran> {
	const own = [
		isDraft ? "opt-level=1" : "opt-level=3",
		`debug-assertions=${isDraft ? "on" : "off"}`,
		...["codegen-units=1", "panic=abort", "debuginfo=1"],
	].flatMap((flag) => ["-C", flag]);
	const crate = ["--edition=2021", "--crate-type=cdylib", "--crate-name=game", "--color=never"];
	return run(
		[...rustc, ...crate, ...own, ...flags.all, ...flags.own, "main.rs", "-o", out],
		folder,
	);
}

/** Rust: main.rs and the modules that it names, and the crates of Cargo.toml where there is one. */
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
		const flags = flagsOf(folder, plan.pages);
		if (existsSync(path.join(folder, "Cargo.toml"))) {
			return buildCrate(found, folder, isDraft, flags);
		}
		const objects = await mkdtemp(path.join(tmpdir(), "hotstep-rust-"));
		try {
			const out = path.join(objects, "game.wasm");
			const built = await compileAlone(found, folder, isDraft, flags, out);
			if (built.code !== 0) return { error: "ERR_COMPILE", detail: built.stderr.trim() };
			return { wasm: new Uint8Array(await readFile(out)), sourceMap: null };
		} finally {
			await rm(objects, { recursive: true, force: true });
		}
	},
};
