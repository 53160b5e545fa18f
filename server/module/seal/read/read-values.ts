import type { ByteSource } from "./byte-source.ts";
import { functionCount, isValueType, type ModuleShape, VALUE } from "./module-shape.ts";

export function readValueType(source: ByteSource): number {
	const offset = source.at;
	const type = source.u8();
	if (isValueType(type)) return type;
	if (type >= 0x40 && type < 0x80) {
		source.refuse("ERR_MODULE_FEATURE", `value type 0x${type.toString(16)}`, offset);
	}
	return source.malformed(`0x${type.toString(16)} is no value type`, offset);
}

export function readReferenceType(source: ByteSource): number {
	const offset = source.at;
	const type = readValueType(source);
	if (type === VALUE.funcref || type === VALUE.externref) return type;
	return source.malformed("a reference type is expected", offset);
}

export function readIndex(source: ByteSource, count: number, what: string): number {
	const offset = source.at;
	const index = source.u32();
	if (index >= count) source.malformed(`${what} ${index} of ${count}`, offset);
	return index;
}

export function readFunctionIndex(source: ByteSource, shape: ModuleShape): number {
	return readIndex(source, functionCount(shape), "function");
}

/**
 * Steps over an initial value or a segment's offset: one constant and an end. Global numbers are
 * checked because the seal adds globals, which the module must not be able to name.
 */
export function skipConstant(source: ByteSource, shape: ModuleShape): void {
	const offset = source.at;
	const opcode = source.u8();
	if (opcode === 0x41) source.skipLeb(5);
	else if (opcode === 0x42) source.skipLeb(10);
	else if (opcode === 0x43) source.skip(4);
	else if (opcode === 0x44) source.skip(8);
	else if (opcode === 0x23) readIndex(source, shape.globals.length, "global");
	else if (opcode === 0xd0) readReferenceType(source);
	else if (opcode === 0xd2) shape.addressTaken.add(readFunctionIndex(source, shape));
	else if (opcode === 0xfd && source.u32() === 12) source.skip(16);
	else source.malformed(`0x${opcode.toString(16)} is no constant`, offset);
	const next = source.u8();
	if (next === 0x0b) return;
	if (next >= 0x41) {
		source.refuse("ERR_MODULE_FEATURE", "extended constant expressions", source.at - 1);
	}
	source.malformed("a constant without an end", source.at - 1);
}
