import type { ModuleFacts } from "../read/module-facts.ts";
import { type OffsetMap, rawPlace } from "./offset-map.ts";

/** A frame of a module on the engine's stack. */
interface TrapFrame {
	/** As the module counts, imports first; the same in the raw and the sealed file. */
	readonly functionIndex: number;
	/** From the module's name section. */
	readonly functionName: string | null;
	/** Byte in the raw file; null when the position is not in the code. */
	readonly rawOffset: number | null;
	/** Where the function begins in the raw file. */
	readonly functionStart: number;
	/** True if it stopped in code that the seal inserted: fuel or stack ran out. */
	readonly inserted: boolean;
}

/** What is known of the sealed module that made a stack. */
interface SealedModule {
	readonly map: OffsetMap;
	readonly facts: Pick<ModuleFacts, "functionNames" | "functionStarts" | "importedFunctions">;
}

// names of functions stand before the position and may contain anything: the last one counts
const POSITION = /.*wasm-function\[(\d{1,9})\]:0x([0-9a-f]{1,8})/;
/** Frames of a report; engines give ten unless told otherwise. */
const MOST_FRAMES = 32;

/**
 * Frames of a module in an error's stack, innermost first: `at name (wasm://…:wasm-function[2]:0xef)`
 * in V8, `name@…:wasm-function[2]:0xef` in Firefox. `message` is the error's: a module chooses the text
 * of its aborts, so anything in there that looks like a frame is not one.
 */
export function trapFrames(stack: string, message: string, sealed: SealedModule): TrapFrame[] {
	const { functionNames, functionStarts, importedFunctions } = sealed.facts;
	const told = message === "" ? -1 : stack.indexOf(message);
	const frames: TrapFrame[] = [];
	for (const line of stack.slice(told < 0 ? 0 : told + message.length).split("\n")) {
		const found = POSITION.exec(line);
		if (!found) continue;
		const functionIndex = Number(found[1]);
		const place = rawPlace(sealed.map, Number.parseInt(found[2], 16));
		frames.push({
			functionIndex,
			functionName: functionNames.get(functionIndex) ?? null,
			rawOffset: place?.offset ?? null,
			functionStart: functionStarts[functionIndex - importedFunctions] ?? 0,
			inserted: place?.inserted ?? false,
		});
		if (frames.length === MOST_FRAMES) break;
	}
	return frames;
}
