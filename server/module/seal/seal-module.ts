import type { SealErrorName } from "../../../protocol/errors.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { readFunctionNames } from "./locate/function-names.ts";
import type { OffsetMap } from "./locate/offset-map.ts";
import { ByteSource } from "./read/byte-source.ts";
import { type ModuleFacts, moduleFacts } from "./read/module-facts.ts";
import { functionCount, type ModuleShape } from "./read/module-shape.ts";
import { readModule } from "./read/read-module.ts";
import { callGraph, stackUse } from "./scan/call-graph.ts";
import { checkInterface } from "./scan/check-interface.ts";
import { CodeScanner } from "./scan/code-scanner.ts";
import type { FunctionScan } from "./scan/function-scan.ts";
import { type Place, SealError } from "./seal-error.ts";
import { SEAL_LIMITS } from "./seal-limits.ts";
import { planWasi } from "./wasi/wasi-plan.ts";
import { EditList } from "./write/edit-list.ts";
import { ModuleWriter } from "./write/module-writer.ts";

export interface Sealed {
	/** The module as it may run: the engine is yet to check its types. */
	readonly sealed: Uint8Array<ArrayBuffer>;
	/** From places in `sealed` to places in the raw file. */
	readonly map: OffsetMap;
	readonly facts: ModuleFacts;
}

/** The detail says where in brackets. */
export interface SealRefusal extends Refusal<SealErrorName> {
	readonly where: Place;
}

function scanCode(source: ByteSource, shape: ModuleShape, edits: EditList): FunctionScan[] {
	const scanner = new CodeScanner(source, shape, edits);
	source.section = "code";
	const scans = shape.bodies.map((body) => scanner.scan(body));
	source.section = "";
	source.functionIndex = -1;
	source.at = source.end = source.bytes.length;
	return scans;
}

/**
 * Functions whose depth on the stack is counted at run time: those that may be on it twice, and all
 * when the rest could fill it in one chain of calls. With that a module never meets the engine's own
 * limit, which differs between engines and even between two compilers of one engine.
 */
function countedFunctions(shape: ModuleShape, scans: FunctionScan[], edits: EditList): boolean[] {
	const graph = callGraph(shape, scans, edits);
	const { recursive, bytes } = stackUse(graph, (node) => scans[node].frameBytes);
	return bytes > SEAL_LIMITS.uncountedStackBytes ? recursive.map(() => true) : [...recursive];
}

function seal(source: ByteSource, raw: Uint8Array): Sealed {
	if (raw.length > LIMITS.moduleBytes) {
		source.refuse("ERR_MODULE_TOO_LARGE", `${raw.length} bytes, at most ${LIMITS.moduleBytes}`);
	}
	const shape = readModule(source);
	checkInterface(source, shape);
	const wasi = planWasi(source, shape);
	const names = readFunctionNames(raw, shape.nameSection, functionCount(shape));
	source.functionNames = names;
	const edits = new EditList();
	const scans = scanCode(source, shape, edits);
	const counted = countedFunctions(shape, scans, edits);
	const written = new ModuleWriter({ raw, shape, scans, edits, counted, names, wasi }).write();
	if (!written) {
		const most = SEAL_LIMITS.sealedBytes;
		return source.refuse("ERR_MODULE_TOO_LARGE", `more than ${most} bytes once sealed`);
	}
	const { sealed, map } = written;
	const facts = moduleFacts({ raw, sealed, shape, scans, edits, counted, names });
	return { sealed, map, facts };
}

function placeText({ offset, section, functionIndex, functionName }: Place): string {
	const name = functionName === null ? "" : ` ${functionName}`;
	const inside = functionIndex >= 0 ? `function ${functionIndex}${name}, ` : "";
	const part = section === "" ? "" : `${section} section, `;
	return `${part}${inside}byte ${offset}`;
}

/**
 * Makes a module safe to run: refuses what a game does not need or what would be too expensive to
 * compile, then meters it and exports its mutable globals.
 *
 *     raw ─> readModule ─> checkInterface ─> CodeScanner ─> stackUse ─> ModuleWriter ─> sealed, map
 *            sections      imports, exports  code, costs    recursion   FunctionWriter
 *
 * Pure: no clock, no I/O, no engine. The same bytes always give the same bytes. `raw` may be anything.
 * Types are not checked: the caller compiles the result, which does that.
 */
export function sealModule(raw: Uint8Array): Sealed | SealRefusal {
	try {
		return seal(new ByteSource(raw), raw);
	} catch (thrown) {
		if (!(thrown instanceof SealError)) throw thrown;
		const { error, message, place } = thrown;
		return { error, detail: `${message} (${placeText(place)})`, where: place };
	}
}
