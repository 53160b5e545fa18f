import { existsSync } from "node:fs";
import path from "node:path";
import type { Game } from "../../protocol/schema/define-game.ts";

/** `hotstep/schema` as this very installation has it, built or as source. */
function schemaModule(): string {
	const here = import.meta.dirname;
	const built = path.resolve(here, "../../protocol/schema/index.js");
	return existsSync(built) ? built : path.resolve(here, "../../protocol/schema/index.ts");
}

/**
 * Runs a game's schema.ts and returns what it declares.
 *
 * @throws SchemaError from `defineGame`, or the bundler's own error with file and line
 */
export async function loadSchema(file: string): Promise<Game> {
	const { build } = await import("esbuild");
	const { outputFiles } = await build({
		entryPoints: [file],
		bundle: true,
		write: false,
		format: "esm",
		platform: "neutral",
		alias: { "hotstep/schema": schemaModule() },
		logLevel: "silent",
	});
	const code = outputFiles[0]?.text ?? "";
	const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
	const loaded: { default?: Game } = await import(url);
	if (!loaded.default?.spec) {
		throw new Error(`${file} must export defineGame(…) as its default`);
	}
	return loaded.default;
}
