import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { LIMITS } from "../../protocol/limits.ts";
import type { GameSpec } from "../../protocol/schema/define-game.ts";
import { missingTools } from "./build-tools.ts";
import { type Compiled, compileAssembly } from "./languages/assemblyscript/compile-assembly.ts";
import { emitEntry } from "./languages/assemblyscript/emit-entry.ts";
import { emitLayout } from "./languages/assemblyscript/emit-layout.ts";
import { loadSchema } from "./load-schema.ts";
import { withJumps } from "./plan/jumps.ts";
import { planGame } from "./plan/plan.ts";

export interface BuiltGame {
	spec: GameSpec;
	/** The module's file. */
	file: string;
	bytes: number;
}

/** Writes only what changed, and whole, so that a watcher or a reader never sees half a file. */
async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
	const next = Buffer.from(contents);
	const now = await readFile(file).catch(() => null);
	if (now?.equals(next)) return;
	// a name of its own: two builds of one game may run at once
	const part = `${file}.${randomUUID()}.part`;
	await writeFile(part, next);
	await rename(part, file);
}

/** Compiles the rules, again if they let rows jump in tables that had no column to tell of it. */
async function compileRules(
	folder: string,
	declared: GameSpec,
	isDraft: boolean,
): Promise<{ compiled: Compiled; layout: string; spec: GameSpec }> {
	const tables = declared.tables.map(({ name }) => name);
	let jumping: readonly string[] = [];
	for (;;) {
		const spec = withJumps(declared, jumping);
		const plan = planGame(spec);
		const layout = emitLayout(plan);
		const options = { maxPages: plan.pages, isDraft, layout, tables, jumping };
		const compiled = await compileAssembly(folder, options);
		if (!("jumping" in compiled)) return { compiled, layout, spec };
		const full = declared.tables.find(
			({ name, columns }) => compiled.jumping.includes(name) && columns.length >= LIMITS.columns,
		);
		if (full) {
			const detail = `tables.${full.name}: ${full.name}.jump() needs room for one column more`;
			return { compiled: { error: "ERR_SCHEMA", detail }, layout, spec };
		}
		jumping = [...jumping, ...compiled.jumping];
	}
}

/**
 * Builds the game in `folder` (schema.ts, main.ts): writes `generated/layout.ts` and
 * `generated/entry.ts` there and the module to `outFile`. A draft is built faster and runs slower.
 */
export async function buildGame(
	folder: string,
	outFile: string,
	isDraft = false,
): Promise<BuiltGame | { error: string; detail: string }> {
	for (const name of ["schema.ts", "main.ts"]) {
		if (!existsSync(path.join(folder, name))) {
			return { error: "ERR_BUILD", detail: `there is no ${name} in ${folder}` };
		}
	}
	const missing = await missingTools();
	if (missing) return missing;
	let declared: GameSpec;
	try {
		({ spec: declared } = await loadSchema(path.join(folder, "schema.ts")));
	} catch (thrown) {
		return { error: "ERR_SCHEMA", detail: (thrown as Error).message };
	}
	const generated = path.join(folder, "generated");
	await mkdir(generated, { recursive: true });
	await writeWhole(path.join(generated, "entry.ts"), emitEntry());
	const { compiled, layout, spec } = await compileRules(folder, declared, isDraft);
	await writeWhole(path.join(generated, "layout.ts"), layout);
	if ("error" in compiled) return compiled;
	await mkdir(path.dirname(outFile), { recursive: true });
	await writeWhole(outFile, compiled.wasm);
	if (compiled.sourceMap !== null) await writeWhole(`${outFile}.map`, compiled.sourceMap);
	return { spec, file: outFile, bytes: compiled.wasm.byteLength };
}
