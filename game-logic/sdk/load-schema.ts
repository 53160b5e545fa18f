import type { Game } from "../../protocol/schema/define-game.ts";
import { installedModule } from "./installed-module.ts";

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
		alias: { "hotstep/schema": installedModule("protocol/schema/index") },
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
