import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { missingTools } from "./build-tools.ts";
import { installedModule } from "./installed-module.ts";

/**
 * Bundles a game's page, if it has one: `page/main.ts` becomes `main.js` in `outFolder`, whatever else
 * lies in `page/` is copied beside it. Returns what is wrong, or null.
 */
export async function buildPage(
	gameFolder: string,
	outFolder: string,
): Promise<{ error: string; detail: string } | null> {
	const page = path.join(gameFolder, "page");
	const entry = path.join(page, "main.ts");
	if (!existsSync(entry)) return null;
	const missing = await missingTools();
	if (missing) return missing;
	const { build } = await import("esbuild");
	await mkdir(outFolder, { recursive: true });
	try {
		await build({
			entryPoints: [entry],
			outfile: path.join(outFolder, "main.js"),
			bundle: true,
			format: "esm",
			platform: "browser",
			target: "es2022",
			sourcemap: "inline",
			external: ["ws"],
			alias: {
				"hotstep/client": installedModule("client/index"),
				"hotstep/schema": installedModule("protocol/schema/index"),
			},
			logLevel: "silent",
		});
	} catch (thrown) {
		return { error: "ERR_PAGE", detail: (thrown as Error).message };
	}
	for (const { name, parentPath } of await readdir(page, { withFileTypes: true })) {
		if (!name.endsWith(".ts"))
			await copyFile(path.join(parentPath, name), path.join(outFolder, name));
	}
	return null;
}
