import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { sourceName } from "../../game-logic/sdk/debug/separate-debug.ts";
import { readDwarfLines } from "../../protocol/debug/dwarf-lines.ts";
import { writeSourceMap } from "../../protocol/debug/source-map-writer.ts";
import { codeSection, readSections } from "../../protocol/debug/wasm-sections.ts";
import { readSourceMap, sourcePlace } from "../../server/module/seal/locate/source-map.ts";
import { moduleFile } from "../fixtures/build-module.ts";

const SOURCE = `
static int deep(int x) {
	if (x > 100) __builtin_trap();
	return x * 3;
}

__attribute__((noinline)) int twice(int x) {
	int y = deep(x);
	for (int i = 0; i < x; i++) y += deep(i);
	return y;
}

__attribute__((noinline)) static int dropped(int x) { return twice(x) + 1; }

__attribute__((export_name("run"))) int run(int x) {
	return twice(x) +
		twice(x + 1);
}
`;

function has(program: string): boolean {
	return spawnSync(program, ["--version"]).status === 0;
}

function hasLlvm(): boolean {
	if (["clang-14", "wasm-ld-14", "llvm-dwarfdump-14"].every(has)) return true;
	if (process.env.HOTSTEP_LANGUAGES === "required") throw new Error("llvm 14 must be installed");
	console.warn("SKIPPED: the reader of DWARF is compared with clang-14's and llvm-dwarfdump-14's");
	return false;
}

function run(folder: string, program: string, ...args: string[]): string {
	const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
	if (status !== 0) throw new Error(`${program}: ${stderr}`);
	return stdout;
}

/** Rows as LLVM's own reader prints them: address, line and column of what the linker has kept. */
function dumpedRows(text: string): string[] {
	const rows: string[] = [];
	let sequence: string[] = [];
	for (const line of text.split("\n")) {
		const found = /^0x0*([0-9a-f]+)\s+(\d+)\s+(\d+)\s+\d+.*?(end_sequence)?$/.exec(line.trim());
		if (!found) continue;
		const [, address = "", row, column, end] = found;
		const at = Number.parseInt(address || "0", 16);
		if (end) sequence.push(`${at} end`);
		else if (row !== "0") sequence.push(`${at} ${row}:${column}`);
		if (!end) continue;
		if (!sequence[0]?.startsWith("0 ")) rows.push(...sequence);
		sequence = [];
	}
	return rows.sort();
}

describe.runIf(hasLlvm())("the line table in a module", () => {
	it.each(["-gdwarf-2", "-gdwarf-4", "-gdwarf-5"])(
		"reads as LLVM reads it, %s",
		async (version) => {
			const folder = await mkdtemp(path.join(tmpdir(), "hotstep-dwarf-"));
			await writeFile(path.join(folder, "deep.c"), SOURCE);
			run(
				folder,
				"clang-14",
				"--target=wasm32",
				"-O2",
				"-g",
				version,
				"-ffunction-sections",
				"-c",
				"deep.c",
			);
			run(folder, "wasm-ld-14", "--no-entry", "--gc-sections", "deep.o", "-o", "deep.wasm");
			const dumped = dumpedRows(run(folder, "llvm-dwarfdump-14", "--debug-line", "deep.wasm"));
			const wasm = await readFile(path.join(folder, "deep.wasm"));
			await rm(folder, { recursive: true });
			const table = readDwarfLines(wasm);
			const code = codeSection(readSections(wasm) ?? []);
			if (!table || !code) throw new Error("no lines");
			const own = Array.from(table.offsets, (offset, i) => {
				const [source = 0, line = 0, column = 0] = table.places.subarray(i * 3, i * 3 + 3);
				// LLVM has columns from 1, and 0 for none, which is the first one here
				return `${offset - code.content} ${source < 0 ? "end" : `${line + 1}:${column + 1}`}`;
			}).sort();
			expect(own).toEqual(dumped.map((row) => row.replace(/:0$/, ":1")));
			expect(own.length).toBeGreaterThan(10);
			expect(table.sources.map((file) => sourceName(file, folder))).toContain("deep.c");

			const map = readSourceMap(writeSourceMap(table));
			if (!map) throw new Error("no map");
			for (const [i, offset] of table.offsets.entries()) {
				if (table.offsets[i + 1] === offset) continue;
				const [source = 0, line = 0] = table.places.subarray(i * 3, i * 3 + 2);
				const place = sourcePlace(map, offset);
				expect(place && [place.file, place.line]).toEqual(
					source < 0 ? null : [table.sources[source], line + 1],
				);
			}
		},
	);

	it("is refused when it is damaged, whatever the damage, and never takes long", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-dwarf-"));
		await writeFile(path.join(folder, "deep.c"), SOURCE);
		run(folder, "clang-14", "--target=wasm32", "-O2", "-g", "-gdwarf-5", "-c", "deep.c");
		run(folder, "wasm-ld-14", "--no-entry", "deep.o", "-o", "deep.wasm");
		const wasm = await readFile(path.join(folder, "deep.wasm"));
		await rm(folder, { recursive: true });
		const lines = readSections(wasm)?.find(({ name }) => name === ".debug_line");
		if (!lines) throw new Error("no lines");
		for (let at = lines.content; at < lines.end; at++) {
			for (const value of [0, 0x7f, 0x80, 0xff]) {
				const damaged = new Uint8Array(wasm);
				damaged[at] = value;
				const table = readDwarfLines(damaged);
				expect(table === null || table.offsets.length * 3 === table.places.length).toBe(true);
			}
		}
	}, 60_000);
});

describe("a module without a line table", () => {
	it("has no lines", async () => {
		expect(readDwarfLines(await readFile(await moduleFile("dots")))).toBeNull();
		expect(readDwarfLines(new Uint8Array([0, 1, 2]))).toBeNull();
	});
});
