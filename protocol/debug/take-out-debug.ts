import { type LineTable, readDwarfLines } from "./dwarf-lines.ts";
import { codeSection, readSections, type Section } from "./wasm-sections.ts";

/** A module without some of its custom sections, and its lines in what is left. */
interface WithoutDebug {
	readonly wasm: Uint8Array<ArrayBuffer>;
	/** Null where the module has no line table, or one that makes no sense. */
	readonly lines: LineTable | null;
}

/**
 * Takes custom sections out of a module that `isDebug` says are for debuggers, and reads its lines before, unless
 * `isRead` is false. Null when there are none, or when it is no module.
 */
export function takeOutDebug(
	wasm: Uint8Array,
	isDebug: (section: Section) => boolean,
	isRead = true,
): WithoutDebug | null {
	const sections = readSections(wasm);
	const dropped = sections?.filter((section) => section.id === 0 && isDebug(section)) ?? [];
	if (!sections || dropped.length === 0) return null;
	const kept = sections.filter((section) => !dropped.includes(section));
	const sizes = kept.map(({ start, end }) => end - start);
	const left = new Uint8Array(sizes.reduce((sum, size) => sum + size, 8));
	left.set(wasm.subarray(0, 8));
	let at = 8;
	for (const [i, { start, end }] of kept.entries()) {
		left.set(wasm.subarray(start, end), at);
		at += sizes[i] ?? 0;
	}
	const code = codeSection(sections);
	const found = code && isRead ? readDwarfLines(wasm) : null;
	if (!code || !found) return { wasm: left, lines: null };
	const before = dropped.filter(({ start }) => start < code.start);
	const shift = before.reduce((sum, { start, end }) => sum + end - start, 0);
	return {
		wasm: left,
		lines: { ...found, offsets: found.offsets.map((offset) => offset - shift) },
	};
}
