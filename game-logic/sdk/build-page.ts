import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { installedModule } from "../../server/installation.ts";
import { missingTools } from "./build-tools.ts";

/**
 * Bundles a game's page, if it has one: `page/main.ts` becomes `main.js` in `outFolder`, whatever else
 * lies in `page/` is copied beside it. Returns what is wrong, or null.
 */
export async function buildPage(gameFolder: string, outFolder: string): Promise<Refusal | null> {
	const page = path.join(gameFolder, "page");
	const entry = path.join(page, "main.ts");
	if (!existsSync(entry)) return null;
	const missing = await missingTools();
	if (missing) return missing;
	const { build } = await import("esbuild");
	try {
		await mkdir(outFolder, { recursive: true });
		await build({
			entryPoints: [entry],
			outfile: path.join(outFolder, "main.js"),
			bundle: true,
			format: "esm",
			platform: "browser",
			target: "es2022",
			sourcemap: "inline",
			alias: {
				"hotstep/client": installedModule("client/browser"),
				"hotstep/schema": installedModule("protocol/schema/index"),
			},
			logLevel: "silent",
		});
	} catch (thrown) {
		return { error: "ERR_PAGE", detail: (thrown as Error).message };
	}
	return copyRest(page, outFolder);
}

/** Copies folders and files as they are; what is TypeScript was for the bundle. */
async function copyRest(page: string, outFolder: string): Promise<Refusal | null> {
	try {
		await cp(page, outFolder, {
			recursive: true,
			dereference: true,
			filter: (from) => !from.endsWith(".ts"),
		});
		return null;
	} catch (thrown) {
		return { error: "ERR_PAGE", detail: (thrown as Error).message };
	}
}
