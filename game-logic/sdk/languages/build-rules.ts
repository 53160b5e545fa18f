import { mkdir } from "node:fs/promises";
import path from "node:path";
import { LIMITS } from "../../../protocol/limits.ts";
import { type GameSpec, SchemaError } from "../../../protocol/schema/define-game.ts";
import { separateDebug } from "../debug/separate-debug.ts";
import { withJumps } from "../plan/jumps.ts";
import { type Plan, planGame } from "../plan/plan.ts";
import { compileAssembly, type OtherLayout } from "./assemblyscript/compile-assembly.ts";
import { emitEntry } from "./assemblyscript/emit-entry.ts";
import { emitCheckedLayout, emitLayout } from "./assemblyscript/emit-layout.ts";
import { jumpCalls } from "./jump-calls.ts";
import type { BuildOptions, Compiled, Language } from "./language.ts";
import { writeWhole } from "./write-whole.ts";

/** One run of the compiler, on what a plan says. */
type Attempt = (plan: Plan, jumping: readonly string[]) => Promise<Compiled | OtherLayout>;

function assemblyAttempt(folder: string, { isDraft }: BuildOptions): Attempt {
	return async (plan, jumping) => {
		const generated = path.join(folder, "generated");
		await writeWhole(path.join(generated, "entry.ts"), emitEntry(plan.spec));
		const layout = isDraft ? emitCheckedLayout(plan) : emitLayout(plan);
		const tables = plan.spec.tables.map(({ name }) => name);
		const options = { maxPages: plan.pages, isDraft, layout, tables, jumping };
		const compiled = await compileAssembly(folder, options);
		if (!("jumping" in compiled)) {
			// editors read this one: bounds are no business of theirs
			await writeWhole(path.join(generated, "layout.ts"), emitLayout(plan));
		}
		return compiled;
	};
}

function nativeAttempt(language: Language, folder: string, options: BuildOptions): Attempt {
	return async (plan, jumping) => {
		let files: Readonly<Record<string, string>>;
		try {
			files = await language.emit(plan);
		} catch (thrown) {
			if (!(thrown instanceof SchemaError)) throw thrown;
			return { error: "ERR_SCHEMA", detail: thrown.message };
		}
		for (const [name, text] of Object.entries(files)) {
			await writeWhole(path.join(folder, "generated", name), text);
		}
		const compiled = await language.compile(folder, plan, options);
		if ("error" in compiled) return compiled;
		const missed = jumpCalls(compiled.wasm).filter((table) => !jumping.includes(table));
		return missed.length > 0 ? { jumping: missed } : separateDebug(compiled.wasm, folder);
	};
}

/** Compiles the rules, again if they let rows jump in tables that had no column to tell of it. */
export async function buildRules(
	language: Language | null,
	folder: string,
	declared: GameSpec,
	options: BuildOptions,
): Promise<{ compiled: Compiled; spec: GameSpec }> {
	await mkdir(path.join(folder, "generated"), { recursive: true });
	const attempt = language
		? nativeAttempt(language, folder, options)
		: assemblyAttempt(folder, options);
	let jumping: readonly string[] = [];
	for (;;) {
		const spec = withJumps(declared, jumping);
		const compiled = await attempt(planGame(spec), jumping);
		if (!("jumping" in compiled)) return { compiled, spec };
		const full = declared.tables.find(
			({ name, columns }) => compiled.jumping.includes(name) && columns.length >= LIMITS.columns,
		);
		if (full) {
			const detail = `tables.${full.name}: ${full.name}.jump() needs room for one column more`;
			return { compiled: { error: "ERR_SCHEMA", detail }, spec };
		}
		jumping = [...jumping, ...compiled.jumping];
	}
}
