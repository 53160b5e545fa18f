import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import type { GameSpec } from "../../protocol/schema/define-game.ts";
import { missingTools } from "./build-tools.ts";
import { buildRules } from "./languages/build-rules.ts";
import { languageOf } from "./languages/languages.ts";
import { writeWhole } from "./languages/write-whole.ts";
import { loadSchema } from "./load-schema.ts";

export interface BuiltGame {
	spec: GameSpec;
	/** The module's file. */
	file: string;
	bytes: number;
}

/**
 * Builds the game in `folder` (schema.ts and main.ts, main.c …): writes what it generates to `generated/` there
 * and the module to `outFile`. A draft is built faster and runs slower.
 */
export async function buildGame(
	folder: string,
	outFile: string,
	isDraft = false,
): Promise<BuiltGame | Refusal> {
	if (!existsSync(path.join(folder, "schema.ts"))) {
		return { error: "ERR_BUILD", detail: `there is no schema.ts in ${folder}` };
	}
	const language = languageOf(folder);
	if (typeof language === "string") return { error: "ERR_BUILD", detail: language };
	const missing = await (language ? missingTools(() => import("esbuild")) : missingTools());
	if (missing) return missing;
	let declared: GameSpec;
	try {
		({ spec: declared } = await loadSchema(path.join(folder, "schema.ts")));
	} catch (thrown) {
		return { error: "ERR_SCHEMA", detail: (thrown as Error).message };
	}
	const { compiled, spec } = await buildRules(language, folder, declared, { isDraft });
	if ("error" in compiled) return compiled;
	await mkdir(path.dirname(outFile), { recursive: true });
	await writeWhole(outFile, compiled.wasm);
	if (compiled.sourceMap !== null) await writeWhole(`${outFile}.map`, compiled.sourceMap);
	return { spec, file: outFile, bytes: compiled.wasm.byteLength };
}
