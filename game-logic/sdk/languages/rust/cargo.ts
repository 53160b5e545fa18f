import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { run } from "../../toolchains/find-program.ts";
import { HOW_TO_GET_RUST, RUST_TARGET, type Rust } from "../../toolchains/rust.ts";
import type { Compiled } from "../language.ts";

/** Between flags in CARGO_ENCODED_RUSTFLAGS. */
const UNIT_SEPARATOR = "\x1f";

/**
 * What takes the place of the manifest's own profile, so that every game is built alike: with lines, without
 * unwinding, and as one piece.
 */
function profile(isDraft: boolean): Record<string, string> {
	const name = isDraft ? "DEV" : "RELEASE";
	const settings = {
		// without link-time optimisation, only what is optimised for size fits into a module
		OPT_LEVEL: isDraft ? "s" : "3",
		DEBUG: "line-tables-only",
		STRIP: "none",
		PANIC: "abort",
		LTO: isDraft ? "thin" : "fat",
		...(isDraft ? {} : { CODEGEN_UNITS: "1", DEBUG_ASSERTIONS: "false", OVERFLOW_CHECKS: "false" }),
	};
	const entries = Object.entries(settings);
	return Object.fromEntries(entries.map(([key, value]) => [`CARGO_PROFILE_${name}_${key}`, value]));
}

/** Flags of rustc: what changes with a game stays with its own crate, or a save would build all of them again. */
export interface CrateFlags {
	readonly all: readonly string[];
	readonly own: readonly string[];
}

/** Where cargo says that the module lies. */
function moduleOf(messages: string): string | null {
	for (const line of messages.split("\n")) {
		const found = /"([^"]+\.wasm)"/.exec(line);
		if (line.includes('"reason":"compiler-artifact"') && found) return JSON.parse(`"${found[1]}"`);
	}
	return null;
}

/** Builds a game that is a crate: Cargo.toml with `path = "main.rs"` and `crate-type = ["cdylib"]`. */
export async function buildCrate(
	{ rustc: [rustc = "rustc", ...target], cargo }: Rust,
	folder: string,
	isDraft: boolean,
	flags: CrateFlags,
): Promise<Compiled> {
	if (cargo === null) {
		const detail = `a game with a Cargo.toml needs cargo beside ${rustc}, and ${HOW_TO_GET_RUST}`;
		return { error: "ERR_BUILD_TOOLS", detail };
	}
	// a linker may stand behind --target
	const linker = target.slice(2);
	const built = await run(
		[
			...[cargo, "rustc", "--lib", "--target", RUST_TARGET],
			...["--message-format=json-render-diagnostics", "--color=never"],
			...(isDraft ? [] : ["--release"]),
			...(existsSync(path.join(folder, "Cargo.lock")) ? ["--locked"] : []),
			...["--", ...flags.own],
		],
		folder,
		{
			...process.env,
			...profile(isDraft),
			RUSTC: rustc,
			CARGO_ENCODED_RUSTFLAGS: [...linker, ...flags.all].join(UNIT_SEPARATOR),
		},
	);
	if (built.code !== 0) return { error: "ERR_COMPILE", detail: built.stderr.trim() };
	const file = moduleOf(built.stdout);
	if (file === null) {
		const detail = 'Cargo.toml makes no module: its [lib] needs crate-type = ["cdylib"]';
		return { error: "ERR_COMPILE", detail };
	}
	return { wasm: new Uint8Array(await readFile(file)), sourceMap: null };
}
