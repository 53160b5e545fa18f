import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { installedModule } from "../../server/installation.ts";
import { missingTools } from "./build-tools.ts";

/** Packages in CommonJS ask for built-in modules in their own way. */
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** Where the hooks of a module are looked for. */
export function hooksFileOf(moduleFile: string): string {
	return `${moduleFile.replace(/\.wasm$/, "")}.hooks.mjs`;
}

/**
 * Bundles a game's `hooks.ts`, if it has one, into one file with the packages that it imports. Returns what is
 * wrong, or null.
 */
export async function buildHooks(gameFolder: string, outFile: string): Promise<Refusal | null> {
	const entry = path.join(gameFolder, "hooks.ts");
	if (!existsSync(entry)) return null;
	const missing = await missingTools(() => import("esbuild"));
	if (missing) return missing;
	const { build } = await import("esbuild");
	try {
		await mkdir(path.dirname(outFile), { recursive: true });
		await build({
			entryPoints: [entry],
			outfile: outFile,
			bundle: true,
			format: "esm",
			platform: "node",
			target: "node20",
			sourcemap: "inline",
			banner: { js: REQUIRE },
			alias: { hotstep: installedModule("server/index") },
			// optional parts of packages, which look for them themselves
			external: ["pg-native", "pg-cloudflare"],
			logLevel: "silent",
		});
	} catch (thrown) {
		return { error: "ERR_HOOKS", detail: (thrown as Error).message };
	}
	return null;
}
