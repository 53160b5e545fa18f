import type { ByteSource } from "./byte-source.ts";
import type { ModuleShape } from "./module-shape.ts";
import { readFunctionIndex, readIndex, readReferenceType, skipConstant } from "./read-values.ts";

/** Element segments, as drawn in the standard: three flags choose what is written down.
 *
 *     bit 0   passive or declarative, not written into the table
 *     bit 1   with bit 0: declarative; without: a table number stands first
 *     bit 2   elements are expressions, not function numbers
 *
 * Passive ones do nothing, because table.init is refused.
 */
export function readElementSection(source: ByteSource, shape: ModuleShape): void {
	let elements = 0;
	for (let left = source.count("elementSegments", "element segments"); left > 0; left--) {
		const offset = source.at;
		const flags = source.u32();
		if (flags > 7) source.malformed(`an element segment with flags ${flags}`, offset);
		const isActive = (flags & 1) === 0;
		const isExpressions = (flags & 4) !== 0;
		if (isActive && (flags & 2) !== 0) readIndex(source, shape.tables.length, "table");
		if (isActive) skipConstant(source, shape);
		if ((flags & 3) !== 0) readElementType(source, isExpressions);
		const count = source.count("elements", "elements");
		elements += count;
		source.limit(elements, "elements", "elements in all", offset);
		for (let i = 0; i < count; i++) {
			if (isExpressions) skipConstant(source, shape);
			else shape.addressTaken.add(readFunctionIndex(source, shape));
		}
	}
}

function readElementType(source: ByteSource, isExpressions: boolean): void {
	if (isExpressions) readReferenceType(source);
	else if (source.u8() !== 0) source.malformed("an element kind other than 0", source.at - 1);
}

export function readDataCountSection(source: ByteSource, shape: ModuleShape): void {
	shape.dataCount = source.limit(source.u32(), "dataSegments", "data segments");
}

/** Passive data never changes, because data.drop is refused: memory.init only reads constants. */
export function readDataSection(source: ByteSource, shape: ModuleShape): void {
	const count = source.count("dataSegments", "data segments");
	for (let left = count; left > 0; left--) {
		const flags = source.u32();
		if (flags > 2) source.malformed(`a data segment with flags ${flags}`, source.at - 1);
		if (flags === 2) readIndex(source, 1, "memory");
		if (flags !== 1) skipConstant(source, shape);
		source.skip(source.u32());
	}
	shape.dataSegments = count;
}

/** Finds the bodies; the scanner reads their contents. */
export function readCodeSection(source: ByteSource, shape: ModuleShape): void {
	const count = source.count("functions", "bodies");
	if (count !== shape.functions.length) {
		source.malformed(`${count} bodies for ${shape.functions.length} functions`);
	}
	for (let i = 0; i < count; i++) {
		const offset = source.at;
		source.functionIndex = shape.imports.length + i;
		const size = source.u32();
		source.limit(size, "bodyBytes", "bytes in a function", offset);
		const start = source.at;
		source.skip(size);
		shape.bodies.push({ id: i, start, end: source.at });
	}
	source.functionIndex = -1;
}
