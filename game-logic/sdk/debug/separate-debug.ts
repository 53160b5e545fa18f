import { existsSync } from "node:fs";
import path from "node:path";
import { readDwarfLines } from "../../../protocol/debug/dwarf-lines.ts";
import { codeSection, readSections } from "../../../protocol/debug/wasm-sections.ts";
import { writeSourceMap } from "./source-map-writer.ts";

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
	const sections = readSections(wasm);
	if (!sections) return { wasm, sourceMap: null };
	const kept = sections.filter(({ id, name }) => id !== 0 || name === "name");
	const parts = [wasm.subarray(0, 8), ...kept.map(({ start, end }) => wasm.subarray(start, end))];
	const code = codeSection(sections);
	const lines = readDwarfLines(wasm);
	let sourceMap: string | null = null;
	if (code && lines) {
		const dropped = sections.filter((s) => !kept.includes(s) && s.start < code.start);
		const shift = dropped.reduce((sum, { start, end }) => sum + end - start, 0);
		const sources = lines.sources.map((file) => ownName(sourceName(file, folder), folder));
		sourceMap = writeSourceMap({ ...lines, sources }, shift);
	}
	return { wasm: new Uint8Array(Buffer.concat(parts)), sourceMap };
}
