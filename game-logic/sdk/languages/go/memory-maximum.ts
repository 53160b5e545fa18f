import { readSections } from "../../../../protocol/debug/wasm-sections.ts";

const MEMORY = 5;

function leb(value: number): number[] {
	return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** Go's linker gives memory no maximum: the module with one, of so many pages of 64 KiB. */
export function withMemoryMaximum(wasm: Uint8Array, pages: number): Uint8Array {
	const section = readSections(wasm)?.find(({ id }) => id === MEMORY);
	if (!section) return wasm;
	const [count, flags, ...initial] = wasm.subarray(section.content, section.end);
	if (count !== 1 || flags !== 0) return wasm;
	const payload = [1, 1, ...initial, ...leb(pages)];
	return new Uint8Array(
		Buffer.concat([
			wasm.subarray(0, section.start),
			Uint8Array.from([MEMORY, ...leb(payload.length), ...payload]),
			wasm.subarray(section.end),
		]),
	);
}
