import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The built file of a process' entry below this folder; sources that run as they are find it in `dist/`. */
export function entryFile(name: string): string {
	const beside = new URL(`./${name}.js`, import.meta.url);
	const built = new URL(`../../dist/server/worker/${name}.js`, import.meta.url);
	return fileURLToPath(existsSync(beside) ? beside : built);
}
