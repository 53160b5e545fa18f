import { describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { trapFrames } from "../../server/module/seal/locate/trap-frames.ts";
import { SEAL_LIMITS } from "../../server/module/seal/seal-limits.ts";
import { type Sealed, type SealRefusal, sealModule } from "../../server/module/seal/seal-module.ts";
import { SealedInstance } from "./modules/run-sealed.ts";
import { assemble, type Expectation, readVillains } from "./modules/villain.ts";
import {
	EMPTY_BLOCK,
	HEADER,
	handmade,
	I32,
	RETURNS_0,
	section,
	text,
	times,
	u32,
	vector,
} from "./modules/wasm-bytes.ts";

const BUDGET = 2_000_000;

function sealed(bytes: Uint8Array): Sealed {
	const result = sealModule(bytes);
	if ("error" in result) throw new Error(`${result.error}: ${result.detail}`);
	return result;
}

function refusal(bytes: Uint8Array): SealRefusal {
	const result = sealModule(bytes);
	if (!("error" in result)) throw new Error("it was sealed");
	return result;
}

/** What stops a sealed module, as a host can tell. */
function outcome(module: Sealed): Expectation {
	const { thrown, fuel } = new SealedInstance(module.sealed).run(BUDGET);
	if (!thrown) return "runs";
	expect(thrown).toBeInstanceOf(WebAssembly.RuntimeError); // never the engine's own RangeError
	if (fuel < 0) return "fuel";
	return trapFrames(thrown.stack ?? "", thrown.message, module)[0]?.inserted ? "stack" : "trap";
}

describe("villains", () => {
	for (const { name, expect: expected, bytes } of readVillains()) {
		it(`${name}: ${expected}`, () => {
			const result = sealModule(bytes);
			expect("error" in result ? result.error : outcome(result)).toBe(expected);
		});
	}
});

/** `count` locals of type i32. */
const locals = (count: number): number[] => (count === 0 ? [0] : [1, ...u32(count), I32]);
const END = [0x41, 0, 0x0b];
const IF = [0x20, 0, 0x04, EMPTY_BLOCK, 0x0b];

describe("what would be costly to compile is refused before any engine sees it", () => {
	const costly: Record<string, number[][]> = {
		"50,000 locals and 20,000 ifs": [[...locals(50_000), ...times(20_000, IF), ...END]],
		"1,000 locals and 20,000 ifs": [[...locals(1_000), ...times(20_000, IF), ...END]],
		"900 operands and 13,000 ifs": [
			[...locals(1), ...times(900, [0x20, 0]), ...times(13_000, IF), ...times(900, [0x1a]), ...END],
		],
		"60,000 operands": [[0, ...times(60_000, [0x41, 0]), ...times(60_000, [0x1a]), ...END]],
		"blocks 1,100 deep": [[0, ...times(1100, [0x02, EMPTY_BLOCK]), ...times(1100, [0x0b]), ...END]],
		"loops 500 deep around 90 KB": [
			[
				...locals(1),
				...times(500, [0x03, EMPTY_BLOCK]),
				...times(23_000, [0x20, 0, 0x21, 0]),
				...times(500, [0x0b]),
				...END,
			],
		],
		"20,000 loops": [[0, ...times(20_000, [0x03, EMPTY_BLOCK, 0x0b]), ...END]],
		"a function of 200 KB": [[...locals(1), ...times(50_000, [0x20, 0, 0x21, 0]), ...END]],
		"a branch table of 60,000": [[0, 0x41, 0, 0x0e, ...u32(60_000), ...times(60_001, [0]), ...END]],
		"branch tables of 20,000 in all, over 1,000 locals": [
			[
				...locals(1_000),
				...times(40, [0x02, EMPTY_BLOCK, 0x20, 0, 0x0e, ...u32(500), ...times(501, [0]), 0x0b]),
				...END,
			],
		],
		"40,000 calls over 900 locals": [[...locals(900), ...times(40_000, [0x10, 1, 0x1a]), ...END]],
		"20 functions, each just below the limit": Array.from({ length: 20 }, () => [
			...locals(900),
			...times(1_000, IF),
			...END,
		]),
		"20,000 functions": Array.from({ length: 20_000 }, () => RETURNS_0),
	};
	for (const [name, bodies] of Object.entries(costly)) {
		it(name, () => {
			expect(refusal(handmade({ bodies })).error).toBe("ERR_MODULE_LIMIT");
		});
	}

	it("a file that would grow fourfold", () => {
		// beside a loop, each call of 3 bytes gets 8 more around it
		const calls = times(40_000, [0x10, 1, 0x1a]);
		const body = [0, 0x03, EMPTY_BLOCK, 0x0b, ...calls, ...END];
		const bodies = Array.from({ length: 16 }, () => body);
		expect(refusal(handmade({ bodies })).error).toBe("ERR_MODULE_TOO_LARGE");
	});

	it("a file above the limit", () => {
		const bytes = new Uint8Array(LIMITS.moduleBytes + 1);
		bytes.set(HEADER);
		expect(refusal(bytes).error).toBe("ERR_MODULE_TOO_LARGE");
	});

	it("names the function, its index and the byte", () => {
		const body = [...locals(SEAL_LIMITS.locals + 1), ...END];
		const bytes = handmade({ bodies: [RETURNS_0, body] });
		const { detail, where } = refusal(bytes);
		expect(where.functionIndex).toBe(1);
		expect(where.section).toBe("code");
		expect(detail).toContain(`${SEAL_LIMITS.locals + 1} locals`);
		expect(detail).toContain(`byte ${where.offset}`);
		expect([...bytes.subarray(where.offset, where.offset + 3)]).toEqual([
			...u32(SEAL_LIMITS.locals + 1),
			I32,
		]);
	});
});

describe("what the seal adds cannot be named by the module", () => {
	const global = { 6: vector([[I32, 1, 0x41, 5, 0x0b]]) };
	const smuggled: Record<string, [number[], Record<number, number[]>?]> = {
		"the fuel counter, read": [[0, 0x23, 1, 0x1a, ...END], global],
		"the fuel counter, written": [[0, 0x41, 9, 0x24, 1, ...END], global],
		"the fuel counter without globals of its own": [[0, 0x41, 9, 0x24, 0, ...END]],
		"the meter's local": [[...locals(2), 0x41, 9, 0x21, 2, ...END]],
		"the label around the body": [[0, 0x41, 0, 0x0c, 1, 0x0b]],
		"a type past the last": [[0, 0x02, 5, 0x0b, ...END]],
	};
	for (const [name, [body, sections = {}]] of Object.entries(smuggled)) {
		it(name, () => {
			expect(refusal(handmade({ bodies: [body], sections })).error).toBe("ERR_MODULE_MALFORMED");
		});
	}

	it("the fuel counter, exported", () => {
		const exports = vector([[...text("g"), 3, 0]]);
		const bytes = handmade({ bodies: [RETURNS_0], sections: { 7: exports } });
		expect(refusal(bytes).error).toBe("ERR_MODULE_MALFORMED");
	});
});

describe("files that are not what they say", () => {
	const good = handmade({ bodies: [RETURNS_0] });
	const type = section(1, [0]);
	const memory = section(5, [1, 1, 1, 16]);
	const cases: Record<string, Uint8Array> = {
		nothing: new Uint8Array(0),
		text: new TextEncoder().encode("(module)"),
		"version 2": new Uint8Array([...HEADER.slice(0, 4), 2, 0, 0, 0]),
		"a component": new Uint8Array([...HEADER.slice(0, 4), 0x0d, 0, 1, 0]),
	};
	for (const [name, bytes] of Object.entries(cases)) {
		it(name, () => expect(refusal(bytes).error).toBe("ERR_MODULE_NOT_WASM"));
	}
	const malformed: Record<string, number[]> = {
		"a section twice": [...type, ...type],
		"sections out of order": [...memory, ...type],
		"a section longer than the file": [1, 100, 0],
		"a section shorter than its content": [1, 1, 1, 0x60, 0, 0],
		"a section longer than its content": [1, 3, 0, 0, 0],
		"a section that does not exist": section(99, []),
		"a size of six bytes": [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
		"a size of more than 32 bits": [1, 0xff, 0xff, 0xff, 0xff, 0x1f],
		"more types than bytes": section(1, u32(4_000)),
		"functions without code": [...section(1, vector([[0x60, 0, 0]])), ...section(3, [1, 0])],
		"a custom section without a name": section(0, [5, 0x61]),
		"a section without a size": [1],
	};
	for (const [name, bytes] of Object.entries(malformed)) {
		it(name, () => {
			expect(refusal(new Uint8Array([...HEADER, ...bytes])).error).toBe("ERR_MODULE_MALFORMED");
		});
	}

	it("bytes after the last section", () => {
		expect(refusal(new Uint8Array([...good, 0])).error).toBe("ERR_MODULE_MALFORMED");
	});

	it("an else that belongs to no if, or to one that has its own", () => {
		const inBlock = [0, 0x02, EMPTY_BLOCK, 0x05, 0x0b, ...END];
		const twice = [0, 0x41, 0, 0x04, EMPTY_BLOCK, 0x05, 0x05, 0x0b, ...END];
		for (const body of [inBlock, twice]) {
			expect(refusal(handmade({ bodies: [body] })).error).toBe("ERR_MODULE_MALFORMED");
		}
	});

	it("bytes after a function's end, and a function without one", () => {
		expect(refusal(handmade({ bodies: [[...RETURNS_0, 0x01]] })).error).toBe(
			"ERR_MODULE_MALFORMED",
		);
		expect(refusal(handmade({ bodies: [[0, 0x41, 0]] })).error).toBe("ERR_MODULE_MALFORMED");
	});
});

describe("modules that may look odd and are welcome", () => {
	it("passive data, which memory.init only reads", () => {
		const module = sealed(
			assemble(`(module (memory (export "memory") 1 1) (data $d "\\2a")
				(func (export "hs_describe") (result i32) (i32.const 0))
				(func (export "hs_tick") (result i32)
					(memory.init $d (i32.const 8) (i32.const 0) (i32.const 1)) (i32.const 0)))`),
		);
		const instance = new SealedInstance(module.sealed);
		expect(instance.run(BUDGET).thrown).toBeNull();
		expect(instance.memory()[8]).toBe(0x2a);
	});

	it("200 functions with 900 locals that call one another in a row: their depth is counted", () => {
		const call = (i: number) => [...locals(900), 0x10, ...u32(i), 0x1a, ...END];
		const bodies = Array.from({ length: 200 }, (_, i) => call(i + 1));
		const module = sealed(handmade({ bodies }));
		expect(module.facts.recursive.length).toBe(201);
		expect(outcome(module)).toBe("stack");
	});

	it.each([0, 10, 100, 990])("recursion with %i locals and as many operands", (count) => {
		const operands = times(count, [0x20, 0, 0x28, 2, 0]);
		const used = times(count, [0x1a]);
		const call = [...locals(count), ...operands, 0x10, 0, 0x1a, ...used];
		const use = Array.from({ length: count }, (_, i) => [0x20, ...u32(i), 0x1a]).flat();
		expect(outcome(sealed(handmade({ bodies: [[...call, ...use, ...END]] })))).toBe("stack");
	});

	it("a function without fuel traps at once: a host cannot forget it", () => {
		const { sealed: bytes } = sealed(handmade({ bodies: [RETURNS_0] }));
		const { exports } = new SealedInstance(bytes);
		expect(() => exports.hs_tick()).toThrow(WebAssembly.RuntimeError);
	});
});
