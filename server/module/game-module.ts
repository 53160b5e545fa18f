import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import { type LogSink, Simulation } from "../../protocol/abi/simulation.ts";
import { writeSourceMap } from "../../protocol/debug/source-map-writer.ts";
import { takeOutDebug } from "../../protocol/debug/take-out-debug.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { type WireSchema, wireSchemaOf } from "../../protocol/wire-schema.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { OffsetMap } from "./seal/locate/offset-map.ts";
import {
	callerPlace,
	readSourceMap,
	type SourceMap,
	type SourcePlace,
	sourcePlace,
} from "./seal/locate/source-map.ts";
import { trapFrames } from "./seal/locate/trap-frames.ts";
import type { ModuleFacts } from "./seal/read/module-facts.ts";
import { sealModule } from "./seal/seal-module.ts";

/** The parts of a compiled game, as plain data that may cross threads. */
export interface GameParts {
	/** SHA-256 of the sealed bytes, hex. */
	readonly hash: string;
	/** The module as its author built it, without DWARF: its lines are in the source map. */
	readonly raw: Uint8Array<ArrayBuffer>;
	/** The sealed bytes: what runs, here and in browsers. */
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly module: WebAssembly.Module;
	readonly descriptor: Descriptor;
	/** The compiler's source map, for naming places. */
	readonly sourceMap: string | Uint8Array | null;
	/** Its contents, read once where the module was compiled. */
	readonly places: SourceMap | null;
	/** From places in the sealed bytes to places in the raw ones. */
	readonly map: OffsetMap;
	/** What the seal found. */
	readonly facts: ModuleFacts;
}

/** A game's rules, compiled and checked, ready for rooms. */
export interface GameModule extends GameParts {
	readonly name: string;
	readonly version: number;
	readonly schema: WireSchema;
	/**
	 * Names the places in the engine's stack of an error with this message, innermost first:
	 * `function (file:line:column)` as far as known.
	 */
	readonly locate: (stack: string, message: string) => string[];
}

/** A module that cannot be used: `name` is stable and documented, `message` says where and why. */
export class ModuleError extends Error {
	override readonly name: ErrorName;
	constructor(name: ErrorName, detail: string) {
		super(detail);
		this.name = name;
	}
}

/** What of a file is the module, and its lines, which a compiler may have put into it as DWARF. */
function withoutDwarf(
	file: Uint8Array<ArrayBuffer>,
	given: GameParts["sourceMap"],
): Pick<GameParts, "raw" | "sourceMap" | "places"> {
	if (given !== null) return { raw: file, sourceMap: given, places: readSourceMap(given) };
	const isRead = file.length <= LIMITS.moduleBytes + SERVER_LIMITS.dwarfBytes;
	const taken = takeOutDebug(file, ({ name }) => name.startsWith(".debug_"), isRead);
	const lines = taken?.lines ?? null;
	return { raw: taken?.wasm ?? file, sourceMap: lines && writeSourceMap(lines), places: lines };
}

/** Seals and compiles bytes, and reads what they describe. @throws ModuleError */
export function compileGame(
	file: Uint8Array<ArrayBuffer>,
	origin: string,
	given: GameParts["sourceMap"] = null,
): GameModule {
	const { raw, sourceMap, places } = withoutDwarf(file, given);
	const sealing = sealModule(raw);
	if ("error" in sealing) throw new ModuleError(sealing.error, `${origin}: ${sealing.detail}`);
	const bytes = sealing.sealed;
	let module: WebAssembly.Module;
	try {
		module = new WebAssembly.Module(bytes);
	} catch (thrown) {
		throw new ModuleError("ERR_MODULE_NOT_WASM", `${origin}: ${(thrown as Error).message}`);
	}
	const probe = Simulation.create(module);
	if ("error" in probe) throw new ModuleError(probe.error, `${origin}: ${probe.detail}`);
	return assembleGame({
		hash: createHash("sha256").update(bytes).digest("hex"),
		bytes,
		raw,
		module,
		descriptor: probe.simulation.descriptor,
		sourceMap,
		places,
		map: sealing.map,
		facts: sealing.facts,
	});
}

/** A game from its parts. */
export function assembleGame(parts: GameParts): GameModule {
	const { descriptor } = parts;
	return {
		...parts,
		name: descriptor.name,
		version: descriptor.version,
		schema: wireSchemaOf(descriptor),
		locate: (stack, message) => nameFrames(parts, parts.places, stack, message),
	};
}

function nameFrames(
	parts: GameParts,
	sourceMap: SourceMap | null,
	stack: string,
	message: string,
): string[] {
	return trapFrames(stack, message, parts).map((frame) => {
		const { functionIndex, functionName, functionStart, rawOffset } = frame;
		const name = functionName ?? `function ${functionIndex}`;
		if (rawOffset === null) return name;
		const place = sourceMap && sourcePlace(sourceMap, rawOffset);
		if (!place) return `${name} (byte ${rawOffset})`;
		const caller = callerPlace(sourceMap, functionStart, rawOffset);
		return `${name} (${showPlace(place)}${caller ? `, inlined after ${showPlace(caller)}` : ""})`;
	});
}

function showPlace({ file, line, column }: SourcePlace): string {
	return `${file}:${line}:${column}`;
}

/** The parts of a game again. */
export function partsOf(game: GameModule): GameParts {
	const { hash, bytes, raw, module, descriptor, sourceMap, places, map, facts } = game;
	return { hash, bytes, raw, module, descriptor, sourceMap, places, map, facts };
}

/** Reads and compiles a module's file. @throws ModuleError */
export async function loadGame(file: string): Promise<GameModule> {
	let bytes: Buffer<ArrayBuffer>;
	try {
		bytes = (await readFile(file)) as Buffer<ArrayBuffer>;
	} catch (thrown) {
		const { code, message } = thrown as NodeJS.ErrnoException;
		const hint = "a folder; hotstep build makes its generated/game.wasm, and hotstep dev serves it";
		const detail = `${file}: ${code === "EISDIR" ? hint : message}`;
		throw new ModuleError("ERR_MODULE_MISSING", detail);
	}
	const sourceMap = await readFile(`${file}.map`).catch(() => null);
	return compileGame(new Uint8Array(bytes), file, sourceMap);
}

/**
 * Starts one running copy of a game. The module has compiled and described itself before, so it will
 * again.
 */
export function instantiate(game: GameModule, log: LogSink): Simulation {
	const made = Simulation.create(game.module, log);
	if ("error" in made) throw new ModuleError(made.error, made.detail);
	return made.simulation;
}
