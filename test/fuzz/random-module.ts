import { SeededRandom } from "../../protocol/seeded-random.ts";
import { HEADER, s32, section, text, u32, vector } from "../hostile/modules/wasm-bytes.ts";
import { F32, F64, I32, I64, RandomCode, type Signature, TYPES } from "./random-code.ts";

const SIGNATURES: readonly Signature[] = [
	{ params: [], results: [I32] },
	{ params: [], results: [] },
	{ params: [I32], results: [I32] },
	{ params: [I32, I64], results: [I64] },
	{ params: [F64, F32], results: [F64] },
	{ params: [], results: [I32, F32] },
	{ params: [I32, F32], results: [I64, F64] },
	{ params: [], results: [I64, F64] },
	{ params: [F32], results: [F32] },
];

/**
 * Passes of loops and calls after which a module traps, so that the raw one ends as well. Every eighth
 * module may go on for longer: its recursion fills the stack first.
 */
const LIMIT = 300;
const DEEP_LIMIT = 100_000;

const START_VALUES: Readonly<Record<number, readonly number[]>> = {
	[I32]: [0x41, 17],
	[I64]: [0x42, 0x7b],
	[F32]: [0x43, 0, 0, 0xc0, 0x3f],
	[F64]: [0x44, 0, 0, 0, 0, 0, 0, 4, 0x40],
};

export interface RandomModule {
	readonly bytes: Uint8Array<ArrayBuffer>;
	/** Name of the exported mutable global that counts steps, each of which costs fuel. */
	readonly steps: string;
	/** True when it may recurse deeper than a sealed module may. */
	readonly isDeep: boolean;
}

/** A valid module with everything that the seal has to do with; the same for the same seed. */
export function randomModule(seed: number): RandomModule {
	const random = new SeededRandom(seed);
	const own = 4 + random.below(8);
	// hs_tick and hs_describe come first
	const functions = [0, 0, ...Array.from({ length: own }, () => random.below(SIGNATURES.length))];
	const others = Array.from({ length: 2 + random.below(5) }, () => random.pick(TYPES));
	const globals = [I32, I32, ...others];
	const table = Array.from({ length: random.below(6) }, () => random.below(functions.length));
	const around = { signatures: SIGNATURES, functions, table, globals, dataSegments: 2 };
	const bodies = functions.map((_, index) => {
		const declared = Array.from({ length: random.below(8) }, () => random.pick(TYPES));
		const pieces = 20 + random.below(150);
		const code = new RandomCode(random, around, index, declared, pieces).write();
		const body = [...vector(declared.map((type) => [1, type])), ...code];
		return [...u32(body.length), ...body];
	});
	const isDeep = seed % 8 === 7;
	const initial = (type: number, i: number) =>
		i === 1
			? [0x41, ...s32(isDeep ? DEEP_LIMIT : LIMIT)]
			: i === 0
				? [0x41, 0]
				: START_VALUES[type];
	const types = (list: readonly number[]) => [...u32(list.length), ...list];
	const bytes = [
		...HEADER,
		...section(1, vector(SIGNATURES.map((s) => [0x60, ...types(s.params), ...types(s.results)]))),
		...section(3, vector(functions.map((signature) => u32(signature)))),
		...section(4, [1, 0x70, 0, ...u32(table.length)]),
		...section(5, vector([[1, 1, 3]])),
		...section(6, vector(globals.map((type, i) => [type, 1, ...initial(type, i), 0x0b]))),
		...section(
			7,
			vector([
				[...text("memory"), 2, 0],
				[...text("hs_tick"), 0, 0],
				[...text("hs_describe"), 0, 1],
				...globals.map((_, i) => [...text(`g${i}`), 3, ...u32(i)]),
			]),
		),
		...section(9, vector([[0, 0x41, 0, 0x0b, ...vector(table.map((f) => u32(f)))]])),
		...section(12, [2]),
		...section(10, vector(bodies)),
		...section(
			11,
			vector([
				[1, 4, 1, 2, 3, 4],
				[0, 0x41, 8, 0x0b, 3, 9, 8, 7],
			]),
		),
	];
	return { bytes: new Uint8Array(bytes), steps: "g0", isDeep };
}
