import type { GameModule } from "../../module/game-module.ts";
import { firstPlace } from "../../module/seal/locate/source-map.ts";

/** What a report calls a function: by its name, or, where the module has no names, by where it begins. */
export function functionName({ facts, places }: GameModule, index: number): string {
	const { functionNames, importedFunctions, functionStarts, functionBytes } = facts;
	const name = functionNames.get(index);
	if (name !== undefined) return name;
	const start = functionStarts[index - importedFunctions] ?? 0;
	const end = start + (functionBytes[index - importedFunctions] ?? 0);
	const place = places && firstPlace(places, start, end);
	return place ? `function at ${place.file}:${place.line}` : `function ${index}`;
}
