import type { ByteSource } from "./byte-source.ts";
import { emptyShape, type ModuleShape } from "./module-shape.ts";
import {
	readExportSection,
	readFunctionSection,
	readGlobalSection,
	readImportSection,
	readMemorySection,
	readTableSection,
	readTypeSection,
} from "./read-declarations.ts";
import {
	readCodeSection,
	readDataCountSection,
	readDataSection,
	readElementSection,
} from "./read-segments.ts";

export const SECTION = {
	custom: 0,
	type: 1,
	import: 2,
	function: 3,
	global: 6,
	export: 7,
	start: 8,
	code: 10,
} as const;

type SectionReader = (source: ByteSource, shape: ModuleShape) => void;

interface SectionKind {
	readonly name: string;
	readonly read: SectionReader;
}

const SECTIONS: Readonly<Record<number, SectionKind>> = {
	1: { name: "type", read: readTypeSection },
	2: { name: "import", read: readImportSection },
	3: { name: "function", read: readFunctionSection },
	4: { name: "table", read: readTableSection },
	5: { name: "memory", read: readMemorySection },
	13: {
		name: "tag",
		read: (source) => source.refuse("ERR_MODULE_FEATURE", "exception handling"),
	},
	6: { name: "global", read: readGlobalSection },
	7: { name: "export", read: readExportSection },
	8: {
		name: "start",
		read: (source) => source.refuse("ERR_MODULE_START_SECTION", "export it as _initialize instead"),
	},
	9: { name: "element", read: readElementSection },
	12: { name: "data count", read: readDataCountSection },
	10: { name: "code", read: readCodeSection },
	11: { name: "data", read: readDataSection },
};

/** Section numbers in the order in which they must stand. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function readCustomSection(source: ByteSource, shape: ModuleShape): void {
	const name = source.name();
	shape.customSections.push(name);
	if (name !== "name") return;
	shape.nameSection ??= { id: SECTION.custom, start: source.at, end: source.end };
}

function readSection(source: ByteSource, shape: ModuleShape, id: number, end: number): void {
	source.end = end;
	if (id === SECTION.custom) {
		source.section = "custom";
		readCustomSection(source, shape);
	} else {
		const { name, read } = SECTIONS[id];
		source.section = name;
		shape.sections.set(id, { id, start: source.at, end });
		read(source, shape);
		if (source.at !== end) source.malformed("bytes are left over in the section");
	}
	source.at = end;
	source.end = source.bytes.length;
	source.section = "";
}

/** Reads everything except the code; throws a SealError at the first forbidden part. */
export function readModule(source: ByteSource): ModuleShape {
	if (HEADER.some((byte, i) => source.bytes[i] !== byte)) {
		source.refuse("ERR_MODULE_NOT_WASM", "it does not begin like wasm version 1");
	}
	source.at = HEADER.length;
	const shape = emptyShape();
	let last = -1;
	while (source.at < source.end) {
		const offset = source.at;
		const id = source.u8();
		const size = source.u32();
		if (size > source.end - source.at) {
			source.malformed(`a section of ${size} bytes, ${source.end - source.at} are left`, offset);
		}
		if (id !== SECTION.custom) {
			const rank = SECTION_ORDER.indexOf(id);
			if (rank < 0) source.malformed(`section ${id} does not exist`, offset);
			if (rank <= last) source.malformed(`section ${id} is repeated or out of order`, offset);
			last = rank;
		} else source.limit(shape.customSections.length, "customSections", "custom sections", offset);
		readSection(source, shape, id, source.at + size);
	}
	if (shape.bodies.length !== shape.functions.length) {
		source.malformed(`no code for ${shape.functions.length} functions`);
	}
	if (shape.dataCount >= 0 && shape.dataCount !== shape.dataSegments) {
		source.malformed(`${shape.dataSegments} data segments, ${shape.dataCount} announced`);
	}
	return shape;
}
