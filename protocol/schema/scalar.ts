/** The number types a column, an input field or an event field can have, in ABI order. */
export const SCALAR_NAMES = [
	"u8",
	"i8",
	"u16",
	"i16",
	"u32",
	"i32",
	"u64",
	"i64",
	"f32",
	"f64",
	"bool",
] as const;

export type ScalarName = (typeof SCALAR_NAMES)[number];

/** Bytes of one value, indexed like {@link SCALAR_NAMES}. */
export const SCALAR_BYTES: readonly number[] = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];

export type ColumnArray =
	| Uint8Array
	| Int8Array
	| Uint16Array
	| Int16Array
	| Uint32Array
	| Int32Array
	| BigUint64Array
	| BigInt64Array
	| Float32Array
	| Float64Array;

type ColumnArrayConstructor = new (
	buffer: ArrayBufferLike,
	byteOffset: number,
	length: number,
) => ColumnArray;

const CONSTRUCTORS: readonly ColumnArrayConstructor[] = [
	Uint8Array,
	Int8Array,
	Uint16Array,
	Int16Array,
	Uint32Array,
	Int32Array,
	BigUint64Array,
	BigInt64Array,
	Float32Array,
	Float64Array,
	Uint8Array,
];

export function scalarCode(name: ScalarName): number {
	return SCALAR_NAMES.indexOf(name);
}

export function scalarBytes(name: ScalarName): number {
	return SCALAR_BYTES[scalarCode(name)];
}

export function is64Bit(name: ScalarName): boolean {
	return name === "u64" || name === "i64" || name === "f64";
}

export function isFloat(name: ScalarName): boolean {
	return name === "f32" || name === "f64";
}

type Range = readonly [least: number, most: number];

function rangeOf(name: ScalarName): Range | null {
	if (isFloat(name)) return null;
	if (name === "bool") return [0, 1];
	const half = 2 ** (8 * scalarBytes(name) - 1);
	return name.startsWith("u") ? [0, 2 * half - 1] : [-half, half - 1];
}

const RANGES = new Map(SCALAR_NAMES.map((name) => [name, rangeOf(name)]));

/** The minimum and maximum of an integer type; null for others. */
export function integerRange(name: ScalarName): Range | null {
	return RANGES.get(name) ?? null;
}

/** A view of `length` values of type `name` at `byteOffset`; throws RangeError outside the buffer. */
export function columnView(
	name: ScalarName,
	buffer: ArrayBufferLike,
	byteOffset: number,
	length: number,
): ColumnArray {
	const Constructor = CONSTRUCTORS[scalarCode(name)];
	return new Constructor(buffer, byteOffset, length);
}

function whole(n: number): bigint {
	return Number.isFinite(n) ? BigInt(Math.trunc(n)) : 0n;
}

/** Writes one value; integers take the number's whole part, and 0 for NaN. */
export function writeScalar(view: DataView, offset: number, name: ScalarName, n: number): void {
	switch (name) {
		case "u8":
		case "bool":
			return view.setUint8(offset, n);
		case "i8":
			return view.setInt8(offset, n);
		case "u16":
			return view.setUint16(offset, n, true);
		case "i16":
			return view.setInt16(offset, n, true);
		case "u32":
			return view.setUint32(offset, n, true);
		case "i32":
			return view.setInt32(offset, n, true);
		case "u64":
			return view.setBigUint64(offset, BigInt.asUintN(64, whole(n)), true);
		case "i64":
			return view.setBigInt64(offset, BigInt.asIntN(64, whole(n)), true);
		case "f32":
			return view.setFloat32(offset, n, true);
		case "f64":
			return view.setFloat64(offset, n, true);
	}
}

/** Reads one value as a number; 64-bit integers beyond 2^53 lose their low bits. */
export function readScalar(view: DataView, offset: number, name: ScalarName): number {
	switch (name) {
		case "u8":
		case "bool":
			return view.getUint8(offset);
		case "i8":
			return view.getInt8(offset);
		case "u16":
			return view.getUint16(offset, true);
		case "i16":
			return view.getInt16(offset, true);
		case "u32":
			return view.getUint32(offset, true);
		case "i32":
			return view.getInt32(offset, true);
		case "u64":
			return Number(view.getBigUint64(offset, true));
		case "i64":
			return Number(view.getBigInt64(offset, true));
		case "f32":
			return view.getFloat32(offset, true);
		case "f64":
			return view.getFloat64(offset, true);
	}
}
