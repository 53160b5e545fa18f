import { existsSync } from "node:fs";
import path from "node:path";

/** A module of this very installation, such as `client/index`, built or as source. */
export function installedModule(name: string): string {
	const built = path.resolve(import.meta.dirname, "../..", `${name}.js`);
	return existsSync(built) ? built : path.resolve(import.meta.dirname, "../..", `${name}.ts`);
}
