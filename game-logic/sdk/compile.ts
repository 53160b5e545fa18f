import { readFile } from "node:fs/promises";
import path from "node:path";

/** AssemblyScript sources of the SDK: beside this file in the repository, two levels up from dist. */
function sdkFolder(): string {
	const here = import.meta.dirname;
	return here.split(path.sep).includes("dist")
		? path.resolve(here, "../../../game-logic/sdk/assembly")
		: path.join(here, "assembly");
}

const SDK_IMPORT = /(?:^|[/\\])hotstep[/\\]assembly[/\\]([\w-]+)\.ts$/;

export interface CompileOptions {
	/** Most pages of 64 KiB that the module may ever have. */
	maxPages: number;
	/** Optimise less, in a third of the time: the rules compute the same, about a tenth slower. */
	isDraft: boolean;
}

export type Compiled =
	| { wasm: Uint8Array; sourceMap: string | null }
	/** The compiler's own messages, with file, line and column. */
	| { error: "ERR_COMPILE"; detail: string };

/** Compiles a game's generated entry to wasm with `asc`, which must be installed. */
export async function compileAssembly(
	gameFolder: string,
	{ maxPages, isDraft }: CompileOptions,
): Promise<Compiled> {
	const { default: asc } = await import("assemblyscript/asc");
	const sdk = sdkFolder();
	let wasm: Uint8Array | null = null;
	let sourceMap: string | null = null;
	const messages: string[] = [];
	const { error } = await asc.main(
		[
			"generated/entry.ts",
			"--outFile",
			"game.wasm",
			isDraft ? "-O1" : "-O3",
			"--runtime",
			"stub",
			"--exportStart",
			"_initialize",
			"--maximumMemory",
			String(maxPages),
			"--sourceMap",
		],
		{
			stderr: { write: (chunk: string | Uint8Array) => void messages.push(String(chunk)) },
			readFile: async (name) => {
				const own = SDK_IMPORT.exec(name);
				const file = own ? path.join(sdk, `${own[1]}.ts`) : path.resolve(gameFolder, name);
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
	if (error || wasm === null) {
		return { error: "ERR_COMPILE", detail: messages.join("").trim() || String(error) };
	}
	return { wasm, sourceMap };
}
