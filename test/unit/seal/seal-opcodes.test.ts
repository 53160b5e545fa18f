import { describe, expect, it } from "vitest";
import {
	IMMEDIATE,
	type OpcodeTable,
	PLAIN,
	PREFIX_FC,
	PREFIX_FD,
} from "../../../server/module/seal/read/opcodes.ts";
import {
	FC_WEIGHT,
	FD_WEIGHT,
	PLAIN_WEIGHT,
} from "../../../server/module/seal/scan/opcode-weights.ts";
import { sealModule } from "../../../server/module/seal/seal-module.ts";
import { handmade, RETURNS_0, u32 } from "../../hostile/modules/wasm-bytes.ts";

/** Ways to put one value on the stack: i32, i64, f32, f64, v128, a null function. */
const VALUES = [
	[0x41, 0],
	[0x42, 0],
	[0x43, 0, 0, 0, 0],
	[0x44, 0, 0, 0, 0, 0, 0, 0, 0],
	[0xfd, 12, ...new Array(16).fill(0)],
	[0xd0, 0x70],
];

const SECTIONS = {
	4: [1, 0x70, 0, 1], // a table of one function
	6: [1, 0x7f, 1, 0x41, 0, 0x0b], // a mutable i32
	9: [1, 3, 0, 1, 0], // function 0 may be referred to
	11: [1, 1, 1, 0x2a], // a passive data segment
	12: [1],
};

const IMMEDIATES: Readonly<Record<number, readonly number[]>> = {
	[IMMEDIATE.none]: [],
	[IMMEDIATE.i32]: [0xff, 0xff, 0xff, 0xff, 0x07],
	[IMMEDIATE.i64]: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00],
	[IMMEDIATE.bytes4]: [0x0b, 0x0b, 0x0b, 0x0b],
	[IMMEDIATE.bytes8]: new Array(8).fill(0x0b),
	[IMMEDIATE.bytes16]: new Array(16).fill(0x0b),
	[IMMEDIATE.lane]: [1],
	[IMMEDIATE.memory]: [0, 0x80, 0x00],
	[IMMEDIATE.memoryLane]: [0, 5, 1],
	[IMMEDIATE.memorySize]: [0],
	[IMMEDIATE.memoryGrow]: [0],
	[IMMEDIATE.memoryFill]: [0],
	[IMMEDIATE.memoryCopy]: [0, 0],
	[IMMEDIATE.memoryInit]: [0, 0],
	[IMMEDIATE.local]: [0],
	[IMMEDIATE.global]: [0],
	[IMMEDIATE.functionIndex]: [0],
	[IMMEDIATE.table]: [0],
	[IMMEDIATE.referenceType]: [0x70],
};

/** A function with one instruction on `operands`, whose results are dropped. */
function moduleWith(code: readonly number[], operands: readonly number[], pushes: number) {
	const values = operands.flatMap((type) => VALUES[type]);
	const drops = new Array(pushes).fill(0x1a);
	const body = [1, 1, 0x7f, ...values, ...code, ...drops, 0x41, 0, 0x0b];
	return handmade({ bodies: [body], sections: SECTIONS });
}

/** All ways to choose the types of `count` operands. */
function choices(count: number): number[][] {
	if (count === 0) return [[]];
	return choices(count - 1).flatMap((rest) => VALUES.map((_, type) => [...rest, type]));
}

/** How many operands V8 lets the instruction take; -1 if none of 0 to 3 will do. */
function popsInEngine(code: readonly number[], pushes: number): number {
	for (let pops = 0; pops <= 3; pops++) {
		for (const operands of choices(pops)) {
			if (WebAssembly.validate(moduleWith(code, operands, pushes))) return pops;
		}
	}
	return -1;
}

/** `unreachable`, so that operands are not needed, then the code with so many results dropped. */
function validatesWithDrops(code: readonly number[], drops: number): boolean {
	const dropped = new Array(drops).fill(0x1a);
	const body = [1, 1, 0x7f, 0x02, 0x40, 0x00, ...code, ...dropped, 0x0b, 0x41, 0, 0x0b];
	return WebAssembly.validate(handmade({ bodies: [body], sections: SECTIONS }));
}

const SPACES: readonly {
	prefix: readonly number[];
	table: OpcodeTable;
	weights: Uint8Array;
	name: string;
}[] = [
	{ prefix: [], table: PLAIN, weights: PLAIN_WEIGHT, name: "plain" },
	{ prefix: [0xfc], table: PREFIX_FC, weights: FC_WEIGHT, name: "0xfc" },
	{ prefix: [0xfd], table: PREFIX_FD, weights: FD_WEIGHT, name: "0xfd" },
];

describe.each(SPACES)("opcodes, $name", ({ prefix, table, weights }) => {
	const codeOf = (opcode: number): number[] =>
		prefix.length === 0 ? [opcode] : [...prefix, ...u32(opcode)];
	const allowed = Array.from({ length: 256 }, (_, opcode) => opcode).filter(
		(opcode) => table.immediate[opcode] in IMMEDIATES,
	);

	it("take, leave and are followed by what the engine says", () => {
		const wrong: string[] = [];
		for (const opcode of allowed) {
			const code = [...codeOf(opcode), ...IMMEDIATES[table.immediate[opcode]]];
			const pushes = table.pushes[opcode];
			const pops = popsInEngine(code, pushes);
			// one result less or more would not validate
			const exact =
				validatesWithDrops(code, pushes) && (pushes === 0 || !validatesWithDrops(code, pushes - 1));
			if (pops !== table.pops[opcode] || !exact) {
				wrong.push(`0x${opcode.toString(16)}: takes ${pops}, table says ${table.pops[opcode]}`);
			}
		}
		expect(wrong).toEqual([]);
		expect(allowed.length).toBeGreaterThan(10);
	});

	it("validate after sealing, each", () => {
		const wrong = allowed.filter((opcode) => {
			const code = [...codeOf(opcode), ...IMMEDIATES[table.immediate[opcode]]];
			const operands = choices(table.pops[opcode]).find((types) =>
				WebAssembly.validate(moduleWith(code, types, table.pushes[opcode])),
			);
			if (!operands) return true;
			const result = sealModule(moduleWith(code, operands, table.pushes[opcode]));
			return "error" in result || !WebAssembly.validate(result.sealed);
		});
		expect(wrong).toEqual([]);
	});

	it("cost something", () => {
		expect(allowed.filter((opcode) => weights[opcode] < 1)).toEqual([]);
	});

	it("are refused when the table has none, and cannot hide from it in a longer number", () => {
		const others = Array.from({ length: 256 }, (_, opcode) => opcode).filter(
			(opcode) => !allowed.includes(opcode) && table.immediate[opcode] !== IMMEDIATE.control,
		);
		const accepted = others.filter((opcode) => {
			const body = [0, 0x00, ...codeOf(opcode), 0, 0, 0, 0, 0, 0, 0x41, 0, 0x0b];
			return !("error" in sealModule(handmade({ bodies: [body], sections: SECTIONS })));
		});
		expect(accepted).toEqual([]);
		if (prefix.length === 0) return;
		const longer = allowed.filter((opcode) => {
			const immediate = IMMEDIATES[table.immediate[opcode]];
			const code = [...prefix, (opcode & 0x7f) | 0x80, 0x80 | (opcode >> 7), 0, ...immediate];
			const body = [1, 1, 0x7f, 0x00, ...code, 0x00, 0x41, 0, 0x0b];
			const bytes = handmade({ bodies: [body, RETURNS_0], sections: SECTIONS });
			const result = sealModule(bytes);
			return (
				"error" in result || WebAssembly.validate(bytes) !== WebAssembly.validate(result.sealed)
			);
		});
		expect(longer).toEqual([]);
	});
});
