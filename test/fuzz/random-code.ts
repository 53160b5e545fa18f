import type { SeededRandom } from "../../protocol/seeded-random.ts";
import { s32, u32 } from "../hostile/modules/wasm-bytes.ts";

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const TYPES = [I32, I64, F32, F64];

export interface Signature {
	readonly params: readonly number[];
	readonly results: readonly number[];
}

/** What a function's code may refer to. Globals 0 and 1 are the step counter and the limit. */
export interface Surroundings {
	readonly signatures: readonly Signature[];
	/** Signature number of each function. */
	readonly functions: readonly number[];
	/** Function of each element of the table. */
	readonly table: readonly number[];
	/** Types of mutable globals, in order. */
	readonly globals: readonly number[];
	readonly dataSegments: number;
}

interface Label {
	/** Values that a branch to it takes along. */
	readonly types: readonly number[];
	readonly isLoop?: boolean;
}

const STEPS = 0;
const LIMIT = 1;
const UNARY: Readonly<Record<number, readonly number[]>> = {
	[I32]: [0x67, 0x68, 0x69, 0xc0, 0xc1],
	[I64]: [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4],
	[F32]: [0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91],
	[F64]: [0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f],
};
const BINARY: Readonly<Record<number, readonly [number, number]>> = {
	[I32]: [0x6a, 0x78],
	[I64]: [0x7c, 0x8a],
	[F32]: [0x92, 0x98],
	[F64]: [0xa0, 0xa6],
};
const COMPARE: Readonly<Record<number, readonly [number, number]>> = {
	[I32]: [0x46, 0x4f],
	[I64]: [0x51, 0x5a],
	[F32]: [0x5b, 0x60],
	[F64]: [0x61, 0x66],
};
/** From each type to another: opcodes that never trap. */
const CONVERT: Readonly<Record<number, readonly (readonly [number, readonly number[]])[]>> = {
	[I32]: [
		[I64, [0xa7]],
		[F32, [0xfc, 0]],
		[F64, [0xfc, 3]],
		[I32, [0x45]],
		[I64, [0x50]],
	],
	[I64]: [
		[I32, [0xac]],
		[I32, [0xad]],
		[F64, [0xfc, 7]],
		[F32, [0xfc, 4]],
	],
	[F32]: [
		[I32, [0xb2]],
		[I64, [0xb5]],
		[F64, [0xb6]],
	],
	[F64]: [
		[I32, [0xb8]],
		[I64, [0xb9]],
		[F32, [0xbb]],
	],
};

/**
 * Writes the code of one function. It is valid, and ends: every loop's pass and every call counts
 * down a limit and traps at its end. No NaN gets into memory or an integer, since engines may choose
 * its bits.
 */
export class RandomCode {
	private readonly random: SeededRandom;
	private readonly around: Surroundings;
	/** Its own number. */
	private readonly index: number;
	private readonly locals: readonly number[];
	private readonly results: readonly number[];
	private readonly labels: Label[] = [];
	/** Pieces that may still be written: bounds the size. */
	private budget: number;

	constructor(
		random: SeededRandom,
		around: Surroundings,
		index: number,
		declared: readonly number[],
		budget: number,
	) {
		this.random = random;
		this.around = around;
		const { params, results } = around.signatures[around.functions[index]];
		this.index = index;
		this.locals = [...params, ...declared];
		this.results = results;
		this.budget = budget;
	}

	/** The function's code, `end` included. */
	write(): number[] {
		return [...this.countDown(), ...this.body(this.results, { types: this.results }), 0x0b];
	}

	/** Statements that leave values of these types, inside a block with this label. */
	private body(types: readonly number[], label: Label): number[] {
		this.labels.push(label);
		const code: number[] = [];
		for (let left = this.random.below(4) + 1; left > 0; left--) code.push(...this.statement());
		if (this.random.chance(0.12)) {
			code.push(...this.leave());
			if (this.random.chance(0.5)) for (let i = 0; i < 2; i++) code.push(...this.statement());
		}
		for (const type of types) code.push(...this.value(type));
		this.labels.pop();
		return code;
	}

	/** One step: what fuel must have been charged for. */
	private step(): number[] {
		return [0x23, STEPS, 0x41, 1, 0x6a, 0x24, STEPS];
	}

	private countDown(): number[] {
		return [
			0x23,
			LIMIT,
			0x41,
			1,
			0x6b,
			0x24,
			LIMIT,
			0x23,
			LIMIT,
			0x41,
			0,
			0x4c,
			0x04,
			0x40,
			0x00,
			0x0b,
		];
	}

	private values(types: readonly number[]): number[] {
		return types.flatMap((type) => this.value(type));
	}

	private drops(count: number): number[] {
		return new Array<number>(count).fill(0x1a);
	}

	private constant(type: number): number[] {
		const { random } = this;
		if (type === I32)
			return [0x41, ...s32(random.chance(0.5) ? random.below(64) : random.u32() | 0)];
		if (type === I64) return [0x42, ...s32(random.u32() | 0)];
		const bytes = new DataView(new ArrayBuffer(8));
		const value = (random.u32() - 2 ** 31) / 2 ** random.below(32);
		if (type === F32) bytes.setFloat32(0, value, true);
		else bytes.setFloat64(0, value, true);
		const length = type === F32 ? 4 : 8;
		return [type === F32 ? 0x43 : 0x44, ...new Uint8Array(bytes.buffer, 0, length)];
	}

	/** An address of memory that exists, and now and then one that does not. */
	private address(): number[] {
		const far = this.random.chance(0.02);
		return [...this.value(I32), 0x41, ...s32(far ? -1 : 0xff_f0), 0x71];
	}

	private variable(type: number, opcode: "get" | "set"): number[] {
		const { random, around } = this;
		const locals = this.locals.flatMap((t, i) => (t === type ? [i] : []));
		const globals = around.globals.flatMap((t, i) => (t === type && i > LIMIT ? [i] : []));
		const isLocal = globals.length === 0 || (locals.length > 0 && random.chance(0.7));
		const from = isLocal ? locals : globals;
		if (from.length === 0) return opcode === "get" ? this.constant(type) : [0x1a];
		const base = isLocal ? 0x20 : 0x23;
		return [base + (opcode === "get" ? 0 : 1), ...u32(random.pick(from))];
	}

	private value(type: number): number[] {
		const { random } = this;
		if (--this.budget < 0) return this.constant(type);
		switch (random.below(12)) {
			case 0:
				return this.constant(type);
			case 1:
			case 2:
			case 3:
				return this.variable(type, "get");
			case 4:
			case 5: {
				const [from, to] = BINARY[type];
				const opcode = from + random.below(to - from + 1);
				return [...this.value(type), ...this.value(type), opcode];
			}
			case 6:
				return [...this.value(type), random.pick(UNARY[type])];
			case 7: {
				const [from, opcodes] = random.pick(CONVERT[type]);
				return [...this.value(from), ...opcodes];
			}
			case 8:
				return this.scalar(type);
			case 9:
				return [...this.value(type), ...this.value(type), ...this.value(I32), 0x1b];
			case 10:
				return this.block([type]);
			default:
				return this.call([type]) ?? this.variable(type, "get");
		}
	}

	/** Values that only some types have. */
	private scalar(type: number): number[] {
		const { random } = this;
		if (type === I64) return [...this.address(), 0x29, 0, ...u32(random.below(64))];
		if (type !== I32) return [...this.value(type), random.pick(UNARY[type])];
		const of = random.pick(TYPES);
		const [from, to] = COMPARE[of];
		switch (random.below(5)) {
			case 0:
				return [0x3f, 0];
			case 1:
				return [...this.address(), random.pick([0x28, 0x2c, 0x2f]), 0, ...u32(random.below(300))];
			case 2: // splat, add, extract a lane
				return [
					...this.value(I32),
					0xfd,
					0x11,
					...this.value(I32),
					0xfd,
					0x11,
					0xfd,
					0xae,
					1,
					0xfd,
					0x1b,
					2,
				];
			case 3:
				return random.chance(0.2) ? [...this.value(I32), 0x41, 3, 0x71, 0x40, 0] : [0x3f, 0];
			default:
				return [...this.value(of), ...this.value(of), from + random.below(to - from + 1)];
		}
	}

	private blockType(params: readonly number[], results: readonly number[]): number[] {
		if (params.length === 0 && results.length === 0) return [0x40];
		if (params.length === 0 && results.length === 1) return [results[0]];
		const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();
		const found = this.around.signatures.findIndex(
			(s) => same(s.params, params) && same(s.results, results),
		);
		return u32(found);
	}

	private block(results: readonly number[]): number[] {
		const { random } = this;
		const type = this.blockType([], results);
		switch (random.below(3)) {
			case 0:
				return [0x02, ...type, ...this.body(results, { types: results }), 0x0b];
			case 1:
				return [0x03, ...type, ...this.loop(results, { types: [], isLoop: true }), 0x0b];
			default: {
				const condition = this.value(I32);
				const then = this.body(results, { types: results });
				if (results.length === 0 && random.chance(0.5))
					return [...condition, 0x04, ...type, ...then, 0x0b];
				const otherwise = this.body(results, { types: results });
				return [...condition, 0x04, ...type, ...then, 0x05, ...otherwise, 0x0b];
			}
		}
	}

	private loop(results: readonly number[], label: Label): number[] {
		return [...this.countDown(), ...this.step(), ...this.body(results, label)];
	}

	/** A call whose results are of these types; null where no function has them. */
	private call(results: readonly number[]): number[] | null {
		const { random, around } = this;
		const fits = (callee: number) => {
			const signature = around.signatures[around.functions[callee]];
			// most calls go to later functions: those that go back recurse, often for ever
			return (
				signature.results.join() === results.join() && (callee > this.index || random.chance(0.1))
			);
		};
		const elements = around.table.flatMap((callee, i) => (fits(callee) ? [i] : []));
		if (elements.length > 0 && random.chance(0.4)) {
			const element = random.pick(elements);
			const signature = around.functions[around.table[element]];
			const { params } = around.signatures[signature];
			return [...this.values(params), 0x41, ...s32(element), 0x11, ...u32(signature), 0];
		}
		const functions = around.functions.flatMap((_, i) => (fits(i) ? [i] : []));
		if (functions.length === 0) return null;
		const callee = random.pick(functions);
		const { params } = around.signatures[around.functions[callee]];
		return [...this.values(params), 0x10, ...u32(callee)];
	}

	/** A label; rarely a loop's, since most of those would be endless. */
	private target(): number {
		const depth = this.random.below(this.labels.length);
		const isLoop = this.labels[this.labels.length - 1 - depth].isLoop === true;
		return isLoop && this.random.chance(0.7) ? this.target() : depth;
	}

	private labelTypes(depth: number): readonly number[] {
		return this.labels[this.labels.length - 1 - depth].types;
	}

	/** Something after which nothing is reached. */
	private leave(): number[] {
		const { random } = this;
		const depth = this.target();
		const types = this.labelTypes(depth);
		switch (random.below(6)) {
			case 0:
				return [...this.values(this.results), 0x0f];
			case 1:
				return random.chance(0.2) ? [0x00] : this.leave();
			case 2:
			case 3: {
				const all = this.labels
					.map((_, i) => i)
					.filter((i) => this.labelTypes(i).join() === types.join());
				const targets = Array.from({ length: random.below(5) }, () => random.pick(all));
				const list = [...u32(targets.length), ...targets.flatMap(u32), ...u32(depth)];
				return [...this.values(types), ...this.value(I32), 0x0e, ...list];
			}
			default:
				return [...this.values(types), 0x0c, ...u32(depth)];
		}
	}

	private statement(): number[] {
		const { random } = this;
		if (--this.budget < 0) return [];
		const depth = this.target();
		const types = this.labelTypes(depth);
		const type = random.pick(TYPES);
		switch (random.below(14)) {
			case 0:
			case 1:
			case 2:
				return [...this.step(), ...this.value(type), ...this.variable(type, "set")];
			case 3:
				return [
					...this.address(),
					...this.value(I32),
					random.pick([0x36, 0x3a, 0x3b]),
					0,
					...u32(random.below(300)),
				];
			case 4:
			case 5:
			case 6:
				return [...this.step(), ...this.block([])];
			case 7:
			case 8:
				return [
					...this.values(types),
					...this.value(I32),
					0x0d,
					...u32(depth),
					...this.drops(types.length),
					...this.step(),
				];
			case 9:
				return this.multiBlock();
			case 10: {
				const results = random.pick(this.around.signatures).results;
				const call = this.call(results);
				return call ? [...call, ...this.drops(results.length)] : [0x01];
			}
			case 11:
				return this.bulk();
			case 12:
				return this.repeat();
			default:
				return [...this.value(type), 0x1a];
		}
	}

	/** A loop that comes back while a value is not 0. */
	private repeat(): number[] {
		const label = { types: [], isLoop: true };
		const code = this.loop([], label);
		this.labels.push(label);
		code.push(...this.value(I32), 0x41, 7, 0x71, 0x0d, 0);
		this.labels.pop();
		return [0x03, 0x40, ...code, 0x0b];
	}

	/** A block or loop with parameters and results of any number. */
	private multiBlock(): number[] {
		const { random } = this;
		const { params, results } = random.pick(this.around.signatures);
		const isLoop = random.chance(0.4);
		const type = this.blockType(params, results);
		const label = { types: isLoop ? params : results, isLoop };
		const used = this.drops(params.length);
		const inner = isLoop ? this.loop(results, label) : this.body(results, label);
		const code = [isLoop ? 0x03 : 0x02, ...(type.length ? type : [0x40]), ...used, ...inner, 0x0b];
		return [...this.values(params), ...code, ...this.drops(results.length)];
	}

	private bulk(): number[] {
		const { random, around } = this;
		const length = [...this.value(I32), 0x41, ...s32(random.chance(0.03) ? 0x7f_ffff : 255), 0x71];
		switch (random.below(3)) {
			case 0:
				return [...this.address(), ...this.value(I32), ...length, 0xfc, 11, 0];
			case 1:
				return [...this.address(), ...this.address(), ...length, 0xfc, 10, 0, 0];
			default: {
				const segment = random.below(around.dataSegments);
				return [
					...this.address(),
					...this.value(I32),
					0x41,
					3,
					0x71,
					0x41,
					1,
					0xfc,
					8,
					...u32(segment),
					0,
				];
			}
		}
	}
}
