import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readSections } from "../../../protocol/debug/wasm-sections.ts";
import { compileGame } from "../../../server/module/game-module.ts";
import { sourcePlace } from "../../../server/module/seal/locate/source-map.ts";
import { assembleWat } from "../../support/assemble-wat.ts";

const FUNCTIONS = 2_000;
/** Bytes of DWARF: most of it tells of types, the rest of lines. */
const TYPES = 4_500_000;
const ROWS = 500_000;

function leb(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	do {
		const low = rest & 0x7f;
		rest >>>= 7;
		bytes.push(rest > 0 ? low | 0x80 : low);
	} while (rest > 0);
	return bytes;
}

function section(name: string, content: Uint8Array): Uint8Array {
	const head = [...leb(name.length), ...new TextEncoder().encode(name)];
	return Buffer.concat([
		Uint8Array.from([0, ...leb(head.length + content.length), ...head]),
		content,
	]);
}

function u32(value: number): number[] {
	return [...new Uint8Array(Uint32Array.of(value).buffer)];
}

/** DWARF 4 (§6.2): from address 1 on, each byte of code is one line of big.c further on. */
function lineTable(): Uint8Array {
	const text = (name: string): number[] => [...new TextEncoder().encode(name), 0];
	const header = [
		...[1, 1, 1, 0xfd, 12, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1],
		...[0, ...text("big.c"), 0, 0, 0, 0],
	];
	const begin = [0, 5, 2, ...u32(1)];
	const rows = new Uint8Array(ROWS).fill(29);
	const end = [0, 1, 1];
	const length = 2 + 4 + header.length + begin.length + rows.length + end.length;
	const head = [...u32(length), 4, 0, ...u32(header.length), ...header, ...begin];
	return Buffer.concat([Uint8Array.from(head), rows, Uint8Array.from(end)]);
}

async function bigModule(): Promise<Uint8Array<ArrayBuffer>> {
	const lanes = new URL("../../support/fixtures/lanes.wat", import.meta.url);
	const text = (await readFile(lanes, "utf8")).trimEnd().replace(/\)$/, "");
	const functions = Array.from(
		{ length: FUNCTIONS },
		(_, i) => `(func $f${i} (param i32) (result i32) (i32.add (local.get 0) (i32.const ${i})))`,
	);
	const wasm = await assembleWat(`${text}${functions.join("\n")})`);
	return new Uint8Array(
		Buffer.concat([
			wasm,
			section(".debug_info", new Uint8Array(TYPES)),
			section(".debug_line", lineTable()),
		]),
	);
}

describe("a module that was built with DWARF", () => {
	it("is taken without it, however large it is, and has its lines", async () => {
		const file = await bigModule();
		expect(file.length).toBeGreaterThan(5_000_000);
		const game = compileGame(file, "big");
		const names = (bytes: Uint8Array) => (readSections(bytes) ?? []).map(({ name }) => name);
		for (const bytes of [game.raw, game.bytes]) {
			expect(names(bytes).filter((name) => name.startsWith(".debug"))).toEqual([]);
			expect(bytes.length).toBeLessThan(200_000);
		}
		expect(game.facts.functions).toBeGreaterThan(FUNCTIONS);
		const code = readSections(game.raw)?.find(({ id }) => id === 10);
		const place = game.places && sourcePlace(game.places, (code?.content ?? 0) + 100);
		expect(place).toMatchObject({ file: "big.c", line: 100 });
		// what is kept of it, in journals and on disk, knows the lines too
		const again = compileGame(game.raw, "big", game.sourceMap);
		expect(again.hash).toBe(game.hash);
		expect(again.places && sourcePlace(again.places, (code?.content ?? 0) + 100)).toEqual(place);
	}, 60_000);

	it("is still refused when the module itself is too large", async () => {
		const wasm = await assembleWat(
			`(module (memory (export "memory") 1 1) (data (i32.const 0) "${"x".repeat(60_000)}"))`,
		);
		const more = Array.from({ length: 40 }, () => section("more", new Uint8Array(60_000)));
		const file = new Uint8Array(Buffer.concat([wasm, ...more]));
		expect(() => compileGame(file, "large")).toThrow(/bytes, at most 2097152/);
	});
});
