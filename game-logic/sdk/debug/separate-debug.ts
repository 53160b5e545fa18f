import { existsSync } from "node:fs";
import path from "node:path";
import { writeSourceMap } from "../../../protocol/debug/source-map-writer.ts";
import { takeOutDebug } from "../../../protocol/debug/take-out-debug.ts";

/**
 * What a source is called in reports: by its path in the game's folder, or, for what is not the game's own, as
 * `~lib/…`. So no path of the machine that built it goes along.
 */
export function sourceName(file: string, folder: string): string {
	const clean = file.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
	const own = `${folder.replaceAll("\\", "/")}/`;
	if (clean.startsWith(own)) return clean.slice(own.length);
	const isAbsolute = clean.startsWith("/") || /^[A-Za-z]:\//.test(clean);
	if (!isAbsolute && !clean.startsWith("../")) return clean;
	const crate = /\/registry\/src\/[^/]+\/(.*)$/.exec(clean);
	if (crate) return `~lib/${crate[1]}`;
	const library = /\/library\/(.*)$/.exec(clean) ?? /^.*\/lib\/(.*)$/.exec(clean);
	return `~lib/${library?.[1] ?? clean.slice(clean.lastIndexOf("/") + 1)}`;
}

/** Crates of others name their sources from their own folders: what is not in the game's is no file of its own. */
function ownName(name: string, folder: string): string {
	return name.startsWith("~lib/") || existsSync(path.join(folder, name)) ? name : `~lib/${name}`;
}

/**
 * Takes apart what a compiler wrote: the module that is deployed, without debugging sections and so without paths
 * and the same in any folder, and its lines as a source map, as AssemblyScript's compiler writes one.
 */
export function separateDebug(
	wasm: Uint8Array,
	folder: string,
): { wasm: Uint8Array; sourceMap: string | null } {
	const taken = takeOutDebug(wasm, ({ name }) => name !== "name");
	if (!taken) return { wasm, sourceMap: null };
	const { lines } = taken;
	if (!lines) return { wasm: taken.wasm, sourceMap: null };
	const sources = lines.sources.map((file) => ownName(sourceName(file, folder), folder));
	return { wasm: taken.wasm, sourceMap: writeSourceMap({ ...lines, sources }) };
}
