import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findPrograms, run } from "../../game-logic/sdk/toolchains/find-program.ts";
import { Simulation } from "../../protocol/abi/simulation.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { copyOrbs, type LanguageName, orbsIn, tryBuild } from "../support/build-language.ts";
import { playOrbs } from "../support/orbs-match.ts";

/** The game with a line of output of the language's own library, built by what a toolchain for WASI brings. */
interface Toolchain {
	readonly name: string;
	readonly language: LanguageName;
	readonly programs: readonly string[];
	/** What in the source becomes what. */
	readonly edits: readonly (readonly [from: string | RegExp, to: string])[];
	readonly imports: RegExp;
	readonly commands: readonly (readonly string[])[];
}

const MAX_MEMORY = 8 * 1024 * 1024;
const LINK = ["--no-entry", `--max-memory=${MAX_MEMORY}`, "--stack-first", "-zstack-size=65536"];
const SOURCES = ["main.c", "generated/entry.c", "generated/runtime.c"];
const SYSROOT = "/usr/lib/wasm32-wasi";

const printf: Toolchain["edits"] = [
	["#include", "#include <stdio.h>\n#include"],
	['hs_log("twenty orbs");', 'printf("%s orbs\\n", "twenty"); fflush(stdout);'],
];

const TOOLCHAINS: readonly Toolchain[] = [
	{
		name: "C with wasi-libc",
		language: "c",
		programs: ["clang-14", "wasm-ld-14", `${SYSROOT}/libc.a`],
		edits: printf,
		imports: /^fd_close fd_fdstat_get fd_seek fd_write$/,
		commands: [
			...SOURCES.map((source) => [
				...[
					"clang-14",
					"--target=wasm32-wasi",
					"--sysroot=/usr",
					"-O2",
					"-mbulk-memory",
					"-c",
					source,
				],
				...["-o", `${path.basename(source)}.o`],
			]),
			[
				...["wasm-ld-14", ...LINK, `-L${SYSROOT}`, `${SYSROOT}/crt1-reactor.o`],
				...SOURCES.map((source) => `${path.basename(source)}.o`),
				...["-lc", "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a"],
				...["--entry=_initialize", "-o", "out.wasm"],
			],
		],
	},
	{
		name: "Rust with std",
		language: "rust",
		programs: ["/usr/bin/rustc", "wasm-ld-14", "/usr/lib/rustlib/wasm32-wasi"],
		edits: [
			["#![no_std]", ""],
			["hs::game!(Orbs);", "hs::game!(Orbs, std);"],
			['hs::say!("{} orbs", "twenty")', 'println!("{} orbs", "twenty")'],
		],
		imports: /environ_get.*fd_write.*proc_exit/,
		commands: [
			[
				...["/usr/bin/rustc", "--target=wasm32-wasi", "--edition=2021", "--crate-type=cdylib"],
				...["--crate-name=game", "-O", "-Cpanic=abort", "-Cstrip=debuginfo", "-Clinker=wasm-ld-14"],
				...["-Ctarget-feature=+simd128", `-Clink-arg=--max-memory=${MAX_MEMORY}`],
				...["-Clink-arg=-zstack-size=65536", "main.rs", "-o", "out.wasm"],
			],
		],
	},
	{
		name: "C with Emscripten",
		language: "c",
		programs: ["emcc"],
		edits: printf,
		imports: /^emscripten_notify_memory_growth fd_write$|^fd_write$/,
		commands: [
			[
				...["emcc", "-O2", "-sSTANDALONE_WASM", "--no-entry", "-sTOTAL_STACK=65536"],
				...[
					"-sINITIAL_MEMORY=1048576",
					"-sALLOW_MEMORY_GROWTH=1",
					`-sMAXIMUM_MEMORY=${MAX_MEMORY}`,
				],
				...["-sERROR_ON_UNDEFINED_SYMBOLS=0", ...SOURCES, "-o", "out.wasm"],
			],
		],
	},
];

async function has(program: string): Promise<boolean> {
	if (!program.startsWith("/")) return findPrograms([program]).length > 0;
	return (await run(["test", "-e", program])).code === 0;
}

async function build({
	language,
	edits,
	commands,
	name,
}: Toolchain): Promise<Uint8Array<ArrayBuffer>> {
	const folder = await copyOrbs(language);
	try {
		// leaves in generated/ what the compiler needs
		await tryBuild(folder);
		const main = path.join(folder, language === "c" ? "main.c" : "main.rs");
		let source = await readFile(main, "utf8");
		for (const [from, to] of edits) {
			expect(source).toContain(from);
			source = source.replace(from, () => to);
		}
		await writeFile(main, source);
		for (const command of commands) {
			const { code, stderr } = await run(command, folder);
			if (code !== 0) throw new Error(`${name}: ${stderr}`);
		}
		return new Uint8Array(await readFile(path.join(folder, "out.wasm")));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

describe.each(TOOLCHAINS)("a game in $name", (toolchain) => {
	it("needs nothing of WASI once sealed, prints to the log, and is the same match", async () => {
		const missing = [];
		for (const program of toolchain.programs) if (!(await has(program))) missing.push(program);
		if (missing.length > 0) {
			if (process.env.HOTSTEP_LANGUAGES === "required") throw new Error(`no ${missing.join(", ")}`);
			console.warn(`SKIPPED: ${toolchain.name} needs ${missing.join(", ")}`);
			return;
		}
		const raw = await build(toolchain);
		const asked = WebAssembly.Module.imports(new WebAssembly.Module(raw))
			.filter(({ module }) => module !== "hotstep")
			.map(({ name }) => name);
		expect(asked.sort().join(" ")).toMatch(toolchain.imports);
		const { module } = compileGame(raw, "out.wasm");
		expect(WebAssembly.Module.imports(module).map(({ name }) => name)).toEqual(["log"]);
		const said: string[] = [];
		const made = Simulation.create(module, (_, line) => said.push(line));
		if ("error" in made) throw new Error(made.detail);
		expect(made.simulation.init(1)).toBeNull();
		// a C library writes one line in several pieces
		expect(said.join("")).toBe("twenty orbs");
		const original = (await orbsIn("assemblyscript")) as GameModule;
		const match = { seed: 1, ticks: 600, looksBack: true };
		expect(playOrbs([module], match)).toEqual(playOrbs([original.module], match));
	}, 240_000);
});
