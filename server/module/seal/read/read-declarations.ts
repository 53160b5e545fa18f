import { SEAL_LIMITS } from "../seal-limits.ts";
import { answerTo } from "../wasi/answers.ts";
import type { ByteSource } from "./byte-source.ts";
import {
	describeType,
	EXTERNAL_KINDS,
	type ModuleShape,
	VALUE,
	VALUE_NAMES,
} from "./module-shape.ts";
import {
	readFunctionIndex,
	readIndex,
	readReferenceType,
	readValueType,
	skipConstant,
} from "./read-values.ts";

/** The only imports that stay, with their signatures. None gives the module a value. */
const IMPORT_TYPES: Readonly<Record<string, string>> = {
	"hotstep.log": "(i32, i32, i32) -> ()",
	"env.abort": "(i32, i32, i32, i32) -> ()",
};

function readTypes(source: ByteSource, what: "params" | "results"): Uint8Array {
	const count = source.count(what, what === "params" ? "parameters" : "results");
	const start = source.at;
	for (let i = 0; i < count; i++) readValueType(source);
	return source.bytes.subarray(start, source.at);
}

export function readTypeSection(source: ByteSource, shape: ModuleShape): void {
	for (let left = source.count("types", "types"); left > 0; left--) {
		const form = source.u8();
		if (form !== 0x60) {
			const isKnown = form >= 0x40 && form < 0x80;
			if (isKnown) source.refuse("ERR_MODULE_FEATURE", "garbage collection types", source.at - 1);
			source.malformed(`0x${form.toString(16)} is no function type`, source.at - 1);
		}
		const params = readTypes(source, "params");
		const results = readTypes(source, "results");
		shape.types.push({ params, results });
	}
}

export function readImportSection(source: ByteSource, shape: ModuleShape): void {
	for (let left = source.count("imports", "imports"); left > 0; left--) {
		const offset = source.at;
		const module = source.name();
		const name = source.name();
		const kind = source.u8();
		const full = `${module}.${name}`;
		const own = Object.hasOwn(IMPORT_TYPES, full) ? IMPORT_TYPES[full] : undefined;
		const wanted = own ?? answerTo(full)?.signature;
		if (kind !== 0 || wanted === undefined) {
			const what = EXTERNAL_KINDS[kind] ?? "thing";
			const quoted = `${JSON.stringify(module)} ${JSON.stringify(name)}`;
			source.refuse("ERR_MODULE_IMPORT", `the ${what} ${quoted}`, offset);
		}
		const type = readIndex(source, shape.types.length, "type");
		const signature = describeType(shape.types[type]);
		if (signature !== wanted) {
			source.refuse("ERR_MODULE_IMPORT", `${full} is ${signature}, not ${wanted}`, offset);
		}
		shape.imports.push({ module, name, type });
	}
}

export function readFunctionSection(source: ByteSource, shape: ModuleShape): void {
	for (let left = source.count("functions", "functions"); left > 0; left--) {
		shape.functions.push(readIndex(source, shape.types.length, "type"));
	}
}

/**
 * The maximum of a table does not matter: instructions that could grow it are refused, so it keeps its
 * initial size.
 */
export function readTableSection(source: ByteSource, shape: ModuleShape): void {
	const count = source.u32();
	if (count > 1) source.refuse("ERR_MODULE_TABLE", `${count} tables, at most 1`);
	for (let left = count; left > 0; left--) {
		const offset = source.at;
		if (source.bytes[offset] === 0x40) {
			source.refuse("ERR_MODULE_FEATURE", "tables with an initial value", offset);
		}
		readReferenceType(source);
		const flags = source.u8();
		if (flags > 1) source.refuse("ERR_MODULE_FEATURE", "a shared or 64-bit table", offset);
		const initial = source.u32();
		if (flags === 1) source.u32();
		const most = SEAL_LIMITS.tableElements;
		if (initial > most) {
			source.refuse("ERR_MODULE_TABLE", `${initial} elements, at most ${most}`, offset);
		}
		shape.tables.push(initial);
	}
}

export function readMemorySection(source: ByteSource, shape: ModuleShape): void {
	const offset = source.at;
	const count = source.u32();
	if (count !== 1)
		source.refuse("ERR_MODULE_MEMORY", `${count} memories, there must be one`, offset);
	const flags = source.u8();
	if (flags === 2 || flags === 3) source.refuse("ERR_MODULE_MEMORY", "it is shared", offset);
	if (flags > 3) source.refuse("ERR_MODULE_FEATURE", "64-bit memory or custom page sizes", offset);
	const initial = source.u32();
	if (flags === 0) source.refuse("ERR_MODULE_MEMORY", "it has no maximum", offset);
	const maximum = source.u32();
	const most = SEAL_LIMITS.memoryPages;
	if (maximum > most) {
		source.refuse("ERR_MODULE_MEMORY", `up to ${maximum} pages, at most ${most}`, offset);
	}
	if (initial > maximum) source.malformed("a memory above its own maximum", offset);
	shape.memory = { initial, maximum };
}

export function readGlobalSection(source: ByteSource, shape: ModuleShape): void {
	let mutables = 0;
	for (let left = source.count("globals", "globals"); left > 0; left--) {
		const offset = source.at;
		const type = readValueType(source);
		const mutability = source.u8();
		if (mutability > 3) source.malformed("a global neither mutable nor not", source.at - 1);
		if (mutability > 1) source.refuse("ERR_MODULE_FEATURE", "shared globals", offset);
		const mutable = mutability === 1;
		const crosses = type !== VALUE.v128 && type !== VALUE.funcref && type !== VALUE.externref;
		if (mutable && !crosses) {
			const detail = `global ${shape.globals.length} is mutable and of type ${VALUE_NAMES[type]}`;
			source.refuse("ERR_MODULE_GLOBAL", `${detail}: an image cannot hold it`, offset);
		}
		if (mutable) source.limit(++mutables, "mutableGlobals", "mutable globals", offset);
		skipConstant(source, shape);
		shape.globals.push({ type, mutable });
	}
}

function readExportIndex(source: ByteSource, shape: ModuleShape, kind: number): number {
	if (kind === 0) return readFunctionIndex(source, shape);
	if (kind === 1) return readIndex(source, shape.tables.length, "table");
	if (kind === 2) return readIndex(source, shape.memory ? 1 : 0, "memory");
	if (kind === 3) return readIndex(source, shape.globals.length, "global");
	return source.malformed(`an export of kind ${kind}`, source.at - 1);
}

export function readExportSection(source: ByteSource, shape: ModuleShape): void {
	for (let left = source.count("exports", "exports"); left > 0; left--) {
		const offset = source.at;
		const name = source.name();
		const kind = source.u8();
		const index = readExportIndex(source, shape, kind);
		shape.exports.push({ name, kind, index, offset });
	}
}
