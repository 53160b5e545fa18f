import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../toolchains/find-program.ts";
import { findLlvm, HOW_TO_GET_LLVM, type Llvm } from "../../toolchains/llvm.ts";
import type { BuildOptions, Compiled } from "../language.ts";

/**
 * The same source gives the same bytes: no path of this machine, no date, and never wasm-opt, which clang's
 * driver runs when it happens to be installed; so the linker is called by itself.
 */
const COMMON = [
	"-c",
	"-ffreestanding",
	"-fvisibility=hidden",
	"-ffunction-sections",
	"-fdata-sections",
	"-ffp-contract=off",
	"-fno-math-errno",
	"-ffile-compilation-dir=.",
	"-gline-tables-only",
	"-mbulk-memory",
	"-msign-ext",
	"-mnontrapping-fptoint",
	"-msimd128",
	"-Wall",
	"-Wextra",
];
const C = ["-std=c11"];
const CPP = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"];
const DRAFT = ["-O1", "-fsanitize=bounds", "-fno-sanitize-recover=bounds"];
const RELEASE = ["-O3"];
/** Bytes of stack. It lies first in memory: what overflows it ends the tick instead of changing the state. */
const STACK = 65_536;

/** Folders that hold no source of the game. */
const LEFT_OUT = new Set(["generated", "node_modules", "page", ".git"]);

async function sourcesBelow(folder: string, ending: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const found = await Promise.all(
		entries.map(async (entry) => {
			if (entry.isDirectory()) {
				if (LEFT_OUT.has(entry.name)) return [];
				const inside = await sourcesBelow(path.join(folder, entry.name), ending);
				return inside.map((file) => path.posix.join(entry.name, file));
			}
			return entry.name.endsWith(ending) ? [entry.name] : [];
		}),
	);
	// in an order that no file system decides
	return found.flat().sort();
}

async function compileAll(
	llvm: Llvm,
	folder: string,
	objects: string,
	{ isDraft }: BuildOptions,
	isCpp: boolean,
): Promise<{ files: string[]; problem: string | null }> {
	const own = await sourcesBelow(folder, ".c");
	const sources = [
		...own,
		...(isCpp ? await sourcesBelow(folder, ".cpp") : []),
		"generated/entry.c",
		"generated/runtime.c",
	];
	const results = await Promise.all(
		sources.map(async (source, i) => {
			const file = path.join(objects, `${i}.o`);
			const isOwn = !source.startsWith("generated/");
			const level = isDraft && isOwn ? DRAFT : RELEASE;
			const [program, standard] = source.endsWith(".cpp") ? [llvm.cpp, CPP] : [llvm.c, C];
			const zig = llvm.name === "zig" && !(isDraft && isOwn) ? ["-fno-sanitize=all"] : [];
			const command = [...program, ...standard, ...COMMON, ...level, ...zig, source, "-o", file];
			return { file, ...(await run(command, folder)) };
		}),
	);
	const failed = results.filter(({ code }) => code !== 0);
	const problem = failed.length > 0 ? failed.map(({ stderr }) => stderr.trim()).join("\n") : null;
	return { files: results.map(({ file }) => file), problem };
}

/** Compiles all .c (and .cpp) of a game's folder, and what was generated, to one module. */
export async function compileC(
	folder: string,
	maxPages: number,
	options: BuildOptions,
	isCpp: boolean,
): Promise<Compiled> {
	const llvm = await findLlvm();
	if (!llvm) {
		const what = isCpp ? "C++" : "C";
		return {
			error: "ERR_BUILD_TOOLS",
			detail: `building rules in ${what} needs ${HOW_TO_GET_LLVM}`,
		};
	}
	const objects = await mkdtemp(path.join(tmpdir(), "hotstep-objects-"));
	try {
		const { files, problem } = await compileAll(llvm, folder, objects, options, isCpp);
		if (problem !== null) return { error: "ERR_COMPILE", detail: problem };
		const out = path.join(objects, "game.wasm");
		const linked = await run([
			...llvm.link,
			"--no-entry",
			"--gc-sections",
			"--stack-first",
			"-z",
			`stack-size=${STACK}`,
			`--max-memory=${maxPages * 65_536}`,
			...files,
			"-o",
			out,
		]);
		if (linked.code !== 0) {
			return { error: "ERR_COMPILE", detail: linked.stderr.trim().replaceAll(`${objects}/`, "") };
		}
		return { wasm: new Uint8Array(await readFile(out)), sourceMap: null };
	} finally {
		await rm(objects, { recursive: true, force: true });
	}
}
