import type { ByteSource } from "./byte-source.ts";
import type { ModuleShape } from "./module-shape.ts";
import { featureOf, IMMEDIATE } from "./opcodes.ts";
import { readFunctionIndex, readIndex, readReferenceType } from "./read-values.ts";

function readMemoryArgument(source: ByteSource): void {
	const offset = source.at;
	const alignment = source.u32();
	if (alignment >= 64) source.refuse("ERR_MODULE_FEATURE", "several memories", offset);
	source.u32();
}

function readMemoryIndex(source: ByteSource): void {
	if (source.u8() !== 0) source.refuse("ERR_MODULE_FEATURE", "several memories", source.at - 1);
}

/** For an instruction that `readImmediate` would not step over. */
export function refuseInstruction(
	source: ByteSource,
	kind: number,
	prefix: number,
	opcode: number,
	start: number,
): never {
	const hex = `0x${(prefix === 0 ? opcode : prefix).toString(16)}`;
	const text = `opcode ${prefix === 0 ? hex : `${hex} ${opcode}`}`;
	if (kind === IMMEDIATE.hiddenState) {
		const detail = `${text} changes a table or a segment, which no image holds`;
		source.refuse("ERR_MODULE_STATE", detail, start);
	}
	const feature = kind === IMMEDIATE.feature ? featureOf(prefix, opcode) : null;
	if (feature !== null) source.refuse("ERR_MODULE_FEATURE", `${feature}, ${text}`, start);
	return source.malformed(`${text} does not exist`, start);
}

/**
 * Skips the immediates of an opcode, except control instructions; false for one that is not allowed.
 * Numbers of locals and globals are checked, because the seal adds some that the module must not be
 * able to name.
 */
export function readImmediate(
	source: ByteSource,
	shape: ModuleShape,
	locals: number,
	kind: number,
): boolean {
	switch (kind) {
		case IMMEDIATE.none:
			return true;
		case IMMEDIATE.local:
			readIndex(source, locals, "local");
			return true;
		case IMMEDIATE.i32:
			source.skipLeb(5);
			return true;
		case IMMEDIATE.memory:
			readMemoryArgument(source);
			return true;
		case IMMEDIATE.i64:
			source.skipLeb(10);
			return true;
		case IMMEDIATE.bytes4:
			source.skip(4);
			return true;
		case IMMEDIATE.bytes8:
			source.skip(8);
			return true;
		case IMMEDIATE.bytes16:
			source.skip(16);
			return true;
		case IMMEDIATE.lane:
			source.skip(1);
			return true;
		case IMMEDIATE.memoryLane:
			readMemoryArgument(source);
			source.skip(1);
			return true;
		case IMMEDIATE.global:
			readIndex(source, shape.globals.length, "global");
			return true;
		case IMMEDIATE.table:
			readIndex(source, shape.tables.length, "table");
			return true;
		case IMMEDIATE.functionIndex:
			shape.addressTaken.add(readFunctionIndex(source, shape));
			return true;
		case IMMEDIATE.referenceType:
			readReferenceType(source);
			return true;
		default:
			return readMemoryNumbers(source, kind);
	}
}

/** Of the instructions that work on memory as a whole. */
function readMemoryNumbers(source: ByteSource, kind: number): boolean {
	switch (kind) {
		case IMMEDIATE.memorySize:
		case IMMEDIATE.memoryGrow:
		case IMMEDIATE.memoryFill:
			readMemoryIndex(source);
			return true;
		case IMMEDIATE.memoryCopy:
			readMemoryIndex(source);
			readMemoryIndex(source);
			return true;
		case IMMEDIATE.memoryInit:
			source.u32();
			readMemoryIndex(source);
			return true;
		default:
			return false;
	}
}
