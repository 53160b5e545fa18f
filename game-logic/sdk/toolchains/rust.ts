import { existsSync } from "node:fs";
import path from "node:path";
import { findPrograms, run } from "./find-program.ts";
import { findLlvm } from "./llvm.ts";

export const RUST_TARGET = "wasm32-unknown-unknown";

export const HOW_TO_GET_RUST = `Rust 1.63 or newer with the target ${RUST_TARGET}:
  with rustup      rustup target add ${RUST_TARGET}
  Debian, Ubuntu   apt install rustc libstd-rust-dev-wasm32 lld`;

export interface Rust {
	readonly rustc: readonly string[];
	/** Cargo beside it, if there is one. */
	readonly cargo: string | null;
}

/** The first Rust that has the target: a rustup without it may stand before a system's Rust that has. */
export async function findRust(): Promise<Rust | null> {
	const own = process.env.HOTSTEP_RUSTC;
	for (const rustc of own ? [own] : findPrograms(["rustc"])) {
		const [target, host] = await Promise.all([
			run([rustc, "--print", "target-libdir", "--target", RUST_TARGET]),
			run([rustc, "--print", "target-libdir"]),
		]);
		if (target.code !== 0 || !existsSync(target.stdout.trim())) continue;
		const lld = path.join(host.stdout.trim(), "..", "bin", "rust-lld");
		const linker = existsSync(lld) || existsSync(`${lld}.exe`) ? [] : await foreignLinker();
		if (!linker) continue;
		const cargo = path.join(path.dirname(rustc), "cargo");
		return {
			rustc: [rustc, "--target", RUST_TARGET, ...linker],
			cargo: existsSync(cargo) ? cargo : null,
		};
	}
	return null;
}

/** A system's Rust brings no linker for wasm. */
async function foreignLinker(): Promise<string[] | null> {
	const llvm = await findLlvm();
	// only a program, not a command with arguments, can be a linker
	return llvm?.link.length === 1 ? ["-C", `linker=${llvm.link[0]}`] : null;
}
