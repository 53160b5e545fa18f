/** Numbers of the value types, as wasm encodes them. */
export const VALUE = {
	i32: 0x7f,
	i64: 0x7e,
	f32: 0x7d,
	f64: 0x7c,
	v128: 0x7b,
	funcref: 0x70,
	externref: 0x6f,
} as const;

export const VALUE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
	Object.entries(VALUE).map(([name, code]) => [code, name]),
);

export function isValueType(code: number): boolean {
	return (
		(code >= VALUE.v128 && code <= VALUE.i32) || code === VALUE.funcref || code === VALUE.externref
	);
}

export const EXTERNAL_KINDS = ["function", "table", "memory", "global"] as const;

export interface FunctionType {
	readonly params: Uint8Array;
	readonly results: Uint8Array;
}

interface GlobalType {
	readonly type: number;
	readonly mutable: boolean;
}

interface Imported {
	readonly module: string;
	readonly name: string;
	readonly type: number;
}

export interface Exported {
	readonly name: string;
	/** Index into `EXTERNAL_KINDS`. */
	readonly kind: number;
	readonly index: number;
	readonly offset: number;
}

/** A section of the file: its payload lies from `start` to `end`. */
export interface SectionSpan {
	readonly id: number;
	readonly start: number;
	readonly end: number;
}

/** What a module declares: everything but the code itself. */
export interface ModuleShape {
	readonly sections: Map<number, SectionSpan>;
	readonly customSections: string[];
	/** Payloads of the `name` sections, after the name. */
	nameSection: SectionSpan | null;
	readonly types: FunctionType[];
	readonly imports: Imported[];
	/** Type of each function that the module defines itself. */
	readonly functions: number[];
	readonly tables: number[];
	memory: { readonly initial: number; readonly maximum: number } | null;
	readonly globals: GlobalType[];
	readonly exports: Exported[];
	/** Functions, by index, whose address the module takes: an indirect call may reach them. */
	readonly addressTaken: Set<number>;
	/** Bytes of each body, its size not counted. */
	readonly bodies: SectionSpan[];
	dataSegments: number;
	/** Value of the data count section, -1 without one. */
	dataCount: number;
}

export function emptyShape(): ModuleShape {
	return {
		sections: new Map(),
		customSections: [],
		nameSection: null,
		types: [],
		imports: [],
		functions: [],
		tables: [],
		memory: null,
		globals: [],
		exports: [],
		addressTaken: new Set(),
		bodies: [],
		dataSegments: 0,
		dataCount: -1,
	};
}

/** Type of a function by its index; imports come first. */
export function functionType(shape: ModuleShape, index: number): FunctionType {
	const own = index - shape.imports.length;
	return shape.types[own < 0 ? shape.imports[index].type : shape.functions[own]];
}

export function functionCount(shape: ModuleShape): number {
	return shape.imports.length + shape.functions.length;
}

/** "(i32, i32) -> (f32)", for messages. */
export function describeType({ params, results }: FunctionType): string {
	const list = (types: Uint8Array) => [...types].map((t) => VALUE_NAMES[t]).join(", ");
	return `(${list(params)}) -> (${list(results)})`;
}
