import { SourceMap } from "node:module";
import path from "node:path";
import type { Game } from "../../protocol/schema/define-game.ts";
import { installedModule } from "../../server/installation.ts";

/** Where in the game's own files it was thrown, `schema.ts:3:7: `, by the bundle's source map. */
function placeOf({ stack = "" }: Error, map: string): string {
	const sources = new SourceMap(JSON.parse(map));
	for (const [, line, column] of stack.matchAll(/data:\S*:(\d+):(\d+)\)?$/gm)) {
		const entry = sources.findEntry(Number(line) - 1, Number(column) - 1);
		if ("originalSource" in entry && !entry.originalSource.startsWith("..")) {
			const { originalSource, originalLine, originalColumn } = entry;
			return `${originalSource}:${originalLine + 1}:${originalColumn + 1}: `;
		}
	}
	return "";
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
		outfile: path.join(path.dirname(file), "schema.js"),
		sourcemap: "external",
		bundle: true,
		write: false,
		format: "esm",
		platform: "neutral",
		alias: { "hotstep/schema": installedModule("protocol/schema/index") },
		logLevel: "silent",
	});
	const [map = "{}", code = ""] = outputFiles.map(({ text }) => text);
	const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
	const loaded: { default?: Game } = await import(url).catch((thrown: Error) => {
		// what defineGame says names the place itself
		if (thrown.name !== "ERR_SCHEMA") thrown.message = placeOf(thrown, map) + thrown.message;
		throw thrown;
	});
	if (!loaded.default?.spec) {
		throw new Error(`${file} must export defineGame(…) as its default`);
	}
	return loaded.default;
}
