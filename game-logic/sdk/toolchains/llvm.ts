import { findPrograms, run } from "./find-program.ts";
import { findZig } from "./zig.ts";

/** Commands that compile C and C++ for wasm32, and link. */
export interface Llvm {
	readonly name: "clang" | "zig";
	readonly c: readonly string[];
	readonly cpp: readonly string[];
	readonly link: readonly string[];
}

export const HOW_TO_GET_LLVM = `either clang with wasm-ld, or Zig, which has both:
  Debian, Ubuntu   apt install clang lld
  macOS            brew install llvm lld
  Windows          winget install LLVM.LLVM
  anywhere         pip install ziglang`;

/** Newest first: what is called clang alone may be Apple's, which has no wasm. */
const VERSIONS = Array.from({ length: 20 }, (_, i) => 30 - i);

async function findClang(): Promise<Llvm | null> {
	const linkers = findPrograms(["wasm-ld", ...VERSIONS.map((v) => `wasm-ld-${v}`)]);
	for (const clang of findPrograms(["clang", ...VERSIONS.map((v) => `clang-${v}`)])) {
		const { code, stdout } = await run([clang, "--print-targets"]);
		if (code !== 0 || !/\bwasm32\b/.test(stdout)) continue;
		const version = /-(\d+)(?:\.exe)?$/.exec(clang)?.[1];
		const link = linkers.find((file) => version && file.endsWith(`-${version}`)) ?? linkers[0];
		if (!link) return null;
		const target = ["--target=wasm32-unknown-unknown", "-fno-color-diagnostics"];
		return {
			name: "clang",
			c: [clang, ...target],
			cpp: [clang, "--driver-mode=g++", ...target],
			link: [link],
		};
	}
	return null;
}

async function findZigCc(): Promise<Llvm | null> {
	const zig = await findZig();
	if (!zig) return null;
	const target = ["-target", "wasm32-freestanding", "-fno-color-diagnostics"];
	return {
		name: "zig",
		c: [...zig, "cc", ...target],
		cpp: [...zig, "c++", ...target],
		link: [...zig, "wasm-ld"],
	};
}

/** What compiles C and C++ here; HOTSTEP_CC=zig or clang says which of them, where there are both. */
export async function findLlvm(): Promise<Llvm | null> {
	const wanted = process.env.HOTSTEP_CC;
	if (wanted === "zig") return findZigCc();
	if (wanted === "clang") return findClang();
	return (await findClang()) ?? findZigCc();
}
