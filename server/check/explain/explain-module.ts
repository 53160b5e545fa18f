import { readSections, type Section } from "../../../protocol/debug/wasm-sections.ts";
import type { GameModule } from "../../module/game-module.ts";
import { functionName } from "./function-name.ts";

interface SectionSizes {
	/** "code", or "name" and other names of custom sections. */
	readonly section: string;
	/** Bytes with its head, in the file as it was built and as it was sealed; 0 where it is not there. */
	readonly raw: number;
	readonly sealed: number;
}

interface FunctionSize {
	/** As the module counts, imports first. */
	readonly index: number;
	readonly name: string;
	/** Of its body, in the file as it was built. */
	readonly bytes: number;
}

/** What a module's file consists of. */
export interface ModuleParts {
	readonly sections: readonly SectionSizes[];
	/** The largest first. */
	readonly functions: readonly FunctionSize[];
}

const SECTION_NAMES = [
	...["custom", "type", "import", "function", "table", "memory", "global", "export"],
	...["start", "element", "code", "data", "data count"],
];

function sizes(bytes: Uint8Array): Map<string, number> {
	const found = new Map<string, number>();
	const nameOf = ({ id, name }: Section): string =>
		id === 0 ? name : (SECTION_NAMES[id] ?? `section ${id}`);
	for (const section of readSections(bytes) ?? []) {
		const name = nameOf(section);
		found.set(name, (found.get(name) ?? 0) + section.end - section.start);
	}
	return found;
}

export function modulePartsOf(game: GameModule): ModuleParts {
	const { raw, bytes, facts } = game;
	const [built, sealed] = [sizes(raw), sizes(bytes)];
	const names = [...new Set([...built.keys(), ...sealed.keys()])];
	const { functionBytes, importedFunctions } = facts;
	return {
		sections: names.map((section) => ({
			section,
			raw: built.get(section) ?? 0,
			sealed: sealed.get(section) ?? 0,
		})),
		functions: [...functionBytes]
			.map((size, i) => {
				const index = importedFunctions + i;
				return { index, name: functionName(game, index), bytes: size };
			})
			.sort((a, b) => b.bytes - a.bytes || a.index - b.index),
	};
}
