import type { ByteSource } from "./byte-source.ts";
import { type FunctionType, functionType, isValueType, type ModuleShape } from "./module-shape.ts";
import { readIndex } from "./read-values.ts";

const EMPTY_BLOCK = 0x40;

/** Counts of a block's parameters and results. */
export function readBlockType(
	source: ByteSource,
	shape: ModuleShape,
): readonly [params: number, results: number] {
	const offset = source.at;
	const first = source.u8();
	if (first === EMPTY_BLOCK) return [0, 0];
	if (isValueType(first)) return [0, 1];
	source.at = offset;
	const index = source.s33();
	if (index < 0) source.refuse("ERR_MODULE_FEATURE", `block type ${index}`, offset);
	if (index >= shape.types.length) source.malformed(`type ${index}`, offset);
	const { params, results } = shape.types[index];
	return [params.length, results.length];
}

/** -1 - type: whatever function of that type the table holds. */
export function readIndirectCallee(source: ByteSource, shape: ModuleShape): number {
	const type = readIndex(source, shape.types.length, "type");
	readIndex(source, shape.tables.length, "table");
	return -1 - type;
}

/** Type of a callee, which is a function's index or what `readIndirectCallee` gives. */
export function calleeType(shape: ModuleShape, callee: number): FunctionType {
	return callee < 0 ? shape.types[-1 - callee] : functionType(shape, callee);
}
