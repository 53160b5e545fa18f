import asc from "assemblyscript/asc";
import { describe, expect, it } from "vitest";
import { rawPlace } from "../../../server/module/seal/locate/offset-map.ts";
import { readSourceMap, sourcePlace } from "../../../server/module/seal/locate/source-map.ts";
import { trapFrames } from "../../../server/module/seal/locate/trap-frames.ts";
import { type Sealed, sealModule } from "../../../server/module/seal/seal-module.ts";
import { randomModule } from "../../fuzz/random-module.ts";
import { SealedInstance } from "../../hostile/modules/run-sealed.ts";
import { assemble } from "../../hostile/modules/villain.ts";

const BUDGET = 1_000_000_000;

function sealed(bytes: Uint8Array): Sealed {
	const result = sealModule(bytes);
	if ("error" in result) throw new Error(`${result.error}: ${result.detail}`);
	return result;
}

/** Function and byte of the frames of a raw module, innermost first. */
function rawFrames(bytes: Uint8Array<ArrayBuffer>): { functionIndex: number; rawOffset: number }[] {
	const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
	try {
		(exports.hs_tick as () => void)();
	} catch (thrown) {
		if (thrown instanceof RangeError) return [];
		const found = (thrown as Error).stack?.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g) ?? [];
		return [...found].map(([, index = "", offset = ""]) => ({
			functionIndex: Number(index),
			rawOffset: Number.parseInt(offset, 16),
		}));
	}
	return [];
}

describe("the offset map", () => {
	it("leads every copied byte of the code to the same byte of the raw file", () => {
		for (let seed = 0; seed < 40; seed++) {
			const { bytes } = randomModule(seed);
			const { sealed: code, map, facts } = sealed(bytes);
			let copied = 0;
			let others = 0;
			for (let at = map.sealed[0]; at < map.end; at++) {
				const place = rawPlace(map, at);
				if (!place || place.inserted) continue;
				if (code[at] === bytes[place.offset]) copied++;
				else others++;
			}
			// before each function stands its size, of up to 3 bytes, which is another now
			expect(others, `seed ${seed}`).toBeLessThanOrEqual(3 * facts.functions);
			expect(copied, `seed ${seed}`).toBeGreaterThan(bytes.length / 2);
			expect(rawPlace(map, map.sealed[0] - 1)).toBeNull();
			expect(rawPlace(map, map.end)).toBeNull();
		}
	});

	it("puts the traps of random modules where they were in the raw file, in every frame", () => {
		let compared = 0;
		for (let seed = 1; seed < 200; seed++) {
			const { bytes, isDeep } = randomModule(seed);
			const raw = isDeep ? [] : rawFrames(bytes);
			if (raw.length === 0) continue;
			const module = sealed(bytes);
			const { thrown } = new SealedInstance(module.sealed).run(BUDGET);
			const frames = trapFrames(thrown?.stack ?? "", thrown?.message ?? "", module).map(
				({ functionIndex, rawOffset }) => ({ functionIndex, rawOffset }),
			);
			expect(frames, `seed ${seed}`).toEqual(raw);
			compared += raw.length;
		}
		expect(compared).toBeGreaterThan(60);
	});
});

/** A function's name that looks like the end of its line and a frame of its own. */
const EVIL = "outer\n    at x (wasm://wasm/0:wasm-function[7]:0x1)";
const PLAIN = "o".repeat(EVIL.length);
const NAMED = `(module (memory (export "memory") 1 1)
	(func (export "hs_describe") (result i32) (i32.const 0))
	(func $inner (param i32) (drop (i32.load (local.get 0))))
	(func $${PLAIN} (param i32) (call $inner (local.get 0)) (nop))
	(func (export "hs_tick") (result i32) (call $${PLAIN} (i32.const -1)) (i32.const 0)))`;

/** The module above; assemblers do not write such a name, so it is put in afterwards. */
function withEvilName(): Uint8Array<ArrayBuffer> {
	const bytes = Buffer.from(assemble(NAMED));
	bytes.write(EVIL, bytes.indexOf(PLAIN));
	return new Uint8Array(bytes);
}

describe("frames of a trap", () => {
	const module = sealed(withEvilName());

	it("have names from the module, made fit for one line, and no more frames than there are", () => {
		const { thrown } = new SealedInstance(module.sealed).run(BUDGET);
		const frames = trapFrames(thrown?.stack ?? "", thrown?.message ?? "", module);
		expect(frames.map((frame) => frame.functionIndex)).toEqual([1, 2, 3]);
		expect(frames[0]).toMatchObject({ functionName: "inner", inserted: false });
		expect(frames[1]?.functionName).toMatch(/^outer\?/);
	});

	it("tell spent fuel and a spent stack from the module's own traps", () => {
		const { thrown } = new SealedInstance(module.sealed).run(0);
		const [frame] = trapFrames(thrown?.stack ?? "", thrown?.message ?? "", module);
		expect(frame).toMatchObject({ functionIndex: 3, inserted: true });
	});

	it("do not come from a message that the module wrote", () => {
		const message = "died\n    at y (wasm://wasm/0:wasm-function[9]:0x50)";
		const real = "    at wasm://wasm/0:wasm-function[2]:0x60";
		const frames = trapFrames(`RuntimeError: ${message}\n${real}`, message, module);
		expect(frames.map((frame) => frame.functionIndex)).toEqual([2]);
	});

	it("are read from Firefox's stacks too, and nonsense gives none", () => {
		const line = "hs_tick@http://localhost/ line 3 > WebAssembly.Module:wasm-function[3]:0x60";
		expect(trapFrames(line, "", module)).toMatchObject([{ functionIndex: 3 }]);
		expect(trapFrames("wasm-function[x]:0x1\nwasm-function[1]:0x", "", module)).toEqual([]);
		expect(trapFrames("a wasm-function[1]:0xffffff", "", module)).toMatchObject([
			{ rawOffset: null },
		]);
	});
});

const SOURCE = `export function hs_describe(): i32 {
	return 0;
}
function share(total: i32, among: i32): i32 {
	return total / among;
}
export function hs_tick(): i32 {
	let sum = 0;
	for (let i = 0; i < 10; i++) {
		sum += load<i32>(i * 4);
	}
	return share(100, sum);
}
`;

async function compile(): Promise<{ wasm: Uint8Array<ArrayBuffer>; map: string }> {
	let wasm = new Uint8Array(0);
	let map = "";
	const options = "-O2 --runtime stub --initialMemory 1 --maximumMemory 1 --debug --sourceMap";
	const { error } = await asc.main(["game.ts", "--outFile", "game.wasm", ...options.split(" ")], {
		readFile: (name) => (name === "game.ts" ? SOURCE : null),
		writeFile: (name, contents) => {
			if (name.endsWith(".map")) map = String(contents);
			else if (contents instanceof Uint8Array) wasm = new Uint8Array(contents);
		},
		listFiles: () => [],
	});
	if (error) throw error;
	return { wasm, map };
}

describe("a source map", () => {
	it("leads a trap of a sealed AssemblyScript module to its line", async () => {
		const { wasm, map } = await compile();
		const module = sealed(wasm);
		const { thrown } = new SealedInstance(module.sealed).run(BUDGET);
		expect(thrown?.message).toBe("divide by zero");
		const [frame] = trapFrames(thrown?.stack ?? "", thrown?.message ?? "", module);
		const sources = readSourceMap(map);
		if (!sources || frame?.rawOffset == null) throw new Error("no map or no frame");
		const place = sourcePlace(sources, frame.rawOffset);
		expect(place).toMatchObject({ file: "game.ts", line: 5 });
		expect(SOURCE.split("\n")[4]?.slice((place?.column ?? 0) - 1)).toMatch(/^total \/ among/);
	});

	it("has nothing before its first mapping", () => {
		const map = readSourceMap(
			'{"version":3,"sources":["a.ts","b.ts"],"mappings":"UAAA,IAEE,EACD"}',
		);
		if (!map) throw new Error("no map");
		expect(sourcePlace(map, 9)).toBeNull();
		expect(sourcePlace(map, 10)).toEqual({ file: "a.ts", line: 1, column: 1 });
		expect(sourcePlace(map, 15)).toEqual({ file: "a.ts", line: 3, column: 3 });
		expect(sourcePlace(map, 1e9)).toEqual({ file: "a.ts", line: 4, column: 2 });
	});

	it.each([
		["no JSON", "{"],
		["null", "null"],
		["no mappings", '{"sources":[]}'],
		["a source that is no text", '{"sources":[1],"mappings":"AAAA"}'],
		["a source that is not there", '{"sources":["a"],"mappings":"AGAA"}'],
		["a character outside base 64", '{"sources":["a"],"mappings":"A!AA"}'],
		["a number without end", '{"sources":["a"],"mappings":"gggggggggggggggg"}'],
		["a number cut short", '{"sources":["a"],"mappings":"AAAg"}'],
		["half a mapping", '{"sources":["a"],"mappings":"AA"}'],
		["a lower line than the first", '{"sources":["a"],"mappings":"AADA"}'],
		["several lines", '{"sources":["a"],"mappings":"AAAA;AAAA"}'],
		["steps backwards", '{"sources":["a"],"mappings":"UAAA,TAAA"}'],
	])("is null for %s", (_, json) => {
		expect(readSourceMap(json)).toBeNull();
	});
});
