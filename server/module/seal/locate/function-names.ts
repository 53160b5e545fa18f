import { ByteSource } from "../read/byte-source.ts";
import type { SectionSpan } from "../read/module-shape.ts";
import { SealError } from "../seal-error.ts";
import { SEAL_LIMITS } from "../seal-limits.ts";
import type { ByteSink } from "../write/byte-sink.ts";

const FUNCTION_NAMES = 1;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A name as a report may show it: one line, no longer than a line. */
function presentable(name: string): string {
	const line = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
	return [...line].slice(0, SEAL_LIMITS.functionNameCharacters).join("");
}

function readNames(source: ByteSource, functions: number, names: Map<number, string>): void {
	for (let left = Math.min(source.u32(), functions); left > 0; left--) {
		const index = source.u32();
		const length = source.u32();
		source.skip(length);
		// 4 bytes a character at most: a longer name is cut before it is decoded
		const most = Math.min(length, SEAL_LIMITS.functionNameCharacters * 4);
		const start = source.at - length;
		const name = presentable(utf8.decode(source.bytes.subarray(start, start + most)));
		if (index < functions && name !== "") names.set(index, name);
	}
}

/** Function names for reports. A malformed section yields the names before the error. */
export function readFunctionNames(
	bytes: Uint8Array,
	section: SectionSpan | null,
	functions: number,
): Map<number, string> {
	const names = new Map<number, string>();
	if (!section) return names;
	const source = new ByteSource(bytes);
	source.at = section.start;
	source.end = section.end;
	try {
		while (source.at < section.end) {
			const id = source.u8();
			const size = source.u32();
			source.skip(size);
			if (id !== FUNCTION_NAMES) continue;
			const end = source.at;
			source.at -= size;
			source.end = end;
			readNames(source, functions, names);
			break;
		}
	} catch (thrown) {
		if (!(thrown instanceof SealError)) throw thrown;
	}
	return names;
}

/** The payload of a name section with these names, in ascending order as the standard asks. */
export function writeFunctionNames(
	sink: ByteSink,
	content: ByteSink,
	names: Map<number, string>,
): void {
	content.clear();
	content.u32(names.size);
	for (const [index, name] of [...names].sort(([a], [b]) => a - b)) {
		content.u32(index);
		content.text(name);
	}
	sink.text("name");
	sink.u8(FUNCTION_NAMES);
	sink.u32(content.length);
	sink.bytes(content.written());
}
