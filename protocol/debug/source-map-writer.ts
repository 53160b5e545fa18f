import type { LineTable } from "./dwarf-lines.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function vlq(value: number): string {
	let rest = value < 0 ? -value * 2 + 1 : value * 2;
	let text = "";
	do {
		const digit = rest % 32;
		rest = Math.floor(rest / 32);
		text += DIGITS[rest > 0 ? digit + 32 : digit];
	} while (rest > 0);
	return text;
}

/** A line table as a source map of a wasm file. */
export function writeSourceMap({ sources, offsets, places }: LineTable): string {
	const parts: string[] = [];
	let last = { offset: 0, source: 0, line: 0, column: 0 };
	offsets.forEach((offset, i) => {
		const [source = 0, line = 0, column = 0] = places.subarray(i * 3, i * 3 + 3);
		if (source < 0) {
			parts.push(vlq(offset - last.offset));
			last = { ...last, offset };
			return;
		}
		const moved = [
			offset - last.offset,
			source - last.source,
			line - last.line,
			column - last.column,
		];
		parts.push(moved.map(vlq).join(""));
		last = { offset, source, line, column };
	});
	return JSON.stringify({ version: 3, sources, names: [], mappings: parts.join(",") });
}
