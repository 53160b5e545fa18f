import { readFile } from "node:fs/promises";
import path from "node:path";
import { PACKAGE_ROOT } from "../../../../server/installation.ts";
import type { Compiled } from "../language.ts";

/** AssemblyScript sources of the SDK. */
const SDK = path.join(PACKAGE_ROOT, "game-logic/sdk/assembly");

const SDK_IMPORT = /(?:^|[/\\])hotstep[/\\]assembly[/\\]([\w-]+)\.ts$/;

interface CompileOptions {
	/** Most pages of 64 KiB that the module may ever have. */
	maxPages: number;
	/** Optimise less, in a third of the time: the rules compute the same, about a tenth slower. */
	isDraft: boolean;
	/** What stands in `generated/layout.ts`. */
	layout: string;
	tables: readonly string[];
	/** The tables for which the layout has what `jump()` needs. */
	jumping: readonly string[];
}

/** The rules call `jump()` of these tables too, for which the layout was not made. */
export interface OtherLayout {
	jumping: readonly string[];
}

/** What one run of the compiler is told about objects on the heap. */
interface Attempt extends CompileOptions {
	/** Bring the collector, and let each tick end with it. */
	collects: boolean;
}

/**
 * Compiles a game's generated entry to wasm with `asc`, which must be installed. A game that never makes
 * an object, a string or an array gets no collector: that is known once it has been compiled without one.
 */
export async function compileAssembly(
	gameFolder: string,
	options: CompileOptions,
): Promise<Compiled | OtherLayout> {
	// a draft is built once, for speed, and clients of a game in development do not mind 3 KiB
	if (options.isDraft) return (await runCompiler(gameFolder, { ...options, collects: true })).built;
	const plain = await runCompiler(gameFolder, { ...options, collects: false });
	if (!plain.allocates || "jumping" in plain.built) return plain.built;
	return (await runCompiler(gameFolder, { ...options, collects: true })).built;
}

const LAYOUT = "generated/layout";
/** The function of the bare runtime that every object comes from. */
const NEW_OBJECT = "~lib/rt/stub/__new";

async function runCompiler(
	gameFolder: string,
	{ maxPages, isDraft, collects, layout, tables, jumping }: Attempt,
): Promise<{ built: Compiled | OtherLayout; allocates: boolean }> {
	const { default: asc } = await import("assemblyscript/asc");
	let wasm: Uint8Array | null = null;
	let sourceMap: string | null = null;
	let allocates = false;
	let missed: readonly string[] = [];
	const messages: string[] = [];
	const findFunctions = {
		afterCompile(module: { getFunction(name: string): number }): void {
			allocates = module.getFunction(NEW_OBJECT) !== 0;
			missed = tables.filter(
				(name) => !jumping.includes(name) && module.getFunction(`${LAYOUT}/${name}.jump`) !== 0,
			);
			// optimising takes most of the time
			if (missed.length > 0) throw new Error("made for another layout");
		},
	};
	const { error } = await asc.main(
		[
			"generated/entry.ts",
			"--outFile",
			"game.wasm",
			isDraft ? "-O1" : "-O3",
			"--runtime",
			collects ? "minimal" : "stub",
			...(collects ? ["--use", "HOTSTEP_ALLOCATES=1"] : []),
			"--exportStart",
			"_initialize",
			"--maximumMemory",
			String(maxPages),
			"--sourceMap",
		],
		{
			transforms: [findFunctions as never],
			stderr: { write: (chunk: string | Uint8Array) => void messages.push(String(chunk)) },
			readFile: async (name) => {
				if (name === `${LAYOUT}.ts`) return layout;
				const own = SDK_IMPORT.exec(name);
				const file = own ? path.join(SDK, `${own[1]}.ts`) : path.resolve(gameFolder, name);
				try {
					return await readFile(file, "utf8");
				} catch {
					return null;
				}
			},
			writeFile: (name, contents) => {
				if (name.endsWith(".map")) sourceMap = String(contents);
				else if (contents instanceof Uint8Array) wasm = contents;
			},
			listFiles: () => [],
		},
	);
	if (missed.length > 0) return { built: { jumping: missed }, allocates };
	if (error || wasm === null) {
		const detail = messages.join("").trim() || String(error);
		return { built: { error: "ERR_COMPILE", detail }, allocates };
	}
	return { built: { wasm, sourceMap }, allocates };
}
