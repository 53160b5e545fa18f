/** One section of a wasm file. */
export interface Section {
	readonly id: number;
	/** Of a custom section; empty for others. */
	readonly name: string;
	/** Where the section begins, with its id. */
	readonly start: number;
	/** Where its content begins; for a custom section behind its name. */
	readonly content: number;
	readonly end: number;
}

const CODE = 10;

function readLength(bytes: Uint8Array, at: number): { value: number; at: number } | null {
	let value = 0;
	for (let shift = 0; shift < 35; shift += 7) {
		const byte = bytes[at++];
		if (byte === undefined) return null;
		value += (byte & 0x7f) * 2 ** shift;
		if (byte < 0x80) return { value, at };
	}
	return null;
}

/** The sections of a wasm file in order; null for what is none. */
export function readSections(bytes: Uint8Array): Section[] | null {
	if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73) return null;
	const sections: Section[] = [];
	for (let at = 8; at < bytes.length; ) {
		const id = bytes[at] as number;
		const size = readLength(bytes, at + 1);
		if (!size || size.at + size.value > bytes.length) return null;
		const end = size.at + size.value;
		let name = "";
		let content = size.at;
		if (id === 0) {
			const length = readLength(bytes, size.at);
			if (!length || length.at + length.value > end) return null;
			content = length.at + length.value;
			name = new TextDecoder().decode(bytes.subarray(length.at, content));
		}
		sections.push({ id, name, start: at, content, end });
		at = end;
	}
	return sections;
}

/** The section that holds the functions. */
export function codeSection(sections: readonly Section[]): Section | null {
	return sections.find(({ id }) => id === CODE) ?? null;
}
