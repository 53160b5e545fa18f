import type { FunctionScan } from "../scan/function-scan.ts";
import { EDIT, type EditList } from "../write/edit-list.ts";
import { EXTERNAL_KINDS, type ModuleShape, VALUE_NAMES } from "./module-shape.ts";

/** What the seal found: for `hotstep check`, for reports of faults, and for hosts. Plain data. */
export interface ModuleFacts {
	readonly rawBytes: number;
	readonly sealedBytes: number;
	/** Functions of its own, imports not counted. */
	readonly functions: number;
	readonly largestFunction: { readonly index: number; readonly bytes: number } | null;
	readonly memoryPages: { readonly initial: number; readonly maximum: number };
	/** "hotstep.log" */
	readonly imports: readonly string[];
	readonly exports: readonly { readonly name: string; readonly kind: string }[];
	/** Those of an image, in the order of their exports hs:g0, hs:g1 …; without the depth counter. */
	readonly mutableGlobals: readonly { readonly index: number; readonly type: string }[];
	/** Custom sections; all except `name` are dropped from the sealed file. */
	readonly customSections: readonly string[];
	/** Places where fuel is charged. */
	readonly fuelPoints: number;
	/** Functions whose depth on the stack is counted, by index. */
	readonly recursive: readonly number[];
	readonly functionNames: ReadonlyMap<number, string>;
	/** Functions that are imported: they are counted first. */
	readonly importedFunctions: number;
	/** First byte of the body of each function of its own, in the raw file. */
	readonly functionStarts: Uint32Array;
	/** Bytes of the body of each, in the raw file. */
	readonly functionBytes: Uint32Array;
}

interface Found {
	readonly raw: Uint8Array;
	readonly sealed: Uint8Array;
	readonly shape: ModuleShape;
	readonly scans: readonly FunctionScan[];
	readonly edits: EditList;
	readonly counted: readonly boolean[];
	readonly names: ReadonlyMap<number, string>;
}

function countFuelPoints({ scans, edits }: Found): number {
	let points = scans.length;
	for (let edit = 0; edit < edits.length; edit++) {
		const kind = edits.kind(edit);
		if (kind <= EDIT.log && !(kind === EDIT.branch && edits.value(edit) === 0)) points++;
	}
	return points;
}

export function moduleFacts(found: Found): ModuleFacts {
	const { raw, sealed, shape, scans, counted, names } = found;
	let largest: { index: number; bytes: number } | null = null;
	for (const { index, start, end } of scans) {
		if (!largest || end - start > largest.bytes) largest = { index, bytes: end - start };
	}
	return {
		rawBytes: raw.length,
		sealedBytes: sealed.length,
		functions: scans.length,
		largestFunction: largest,
		memoryPages: { initial: shape.memory?.initial ?? 0, maximum: shape.memory?.maximum ?? 0 },
		imports: [...new Set(shape.imports.map(({ module, name }) => `${module}.${name}`))],
		exports: shape.exports.map(({ name, kind }) => ({ name, kind: EXTERNAL_KINDS[kind] })),
		mutableGlobals: shape.globals.flatMap(({ type, mutable }, index) =>
			mutable ? [{ index, type: VALUE_NAMES[type] }] : [],
		),
		customSections: shape.customSections,
		fuelPoints: countFuelPoints(found),
		recursive: scans.flatMap(({ index }, i) => (counted[i] ? [index] : [])),
		functionNames: names,
		importedFunctions: scans[0]?.index ?? 0,
		functionStarts: Uint32Array.from(scans, ({ start }) => start),
		functionBytes: Uint32Array.from(scans, ({ start, end }) => end - start),
	};
}
