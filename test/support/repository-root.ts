import { existsSync } from "node:fs";
import path from "node:path";

/** The repository's folder, for tests and for the same files built into dist/. */
export function repositoryRoot(): string {
	let folder = import.meta.dirname;
	while (!existsSync(path.join(folder, "bootstrap.mjs"))) folder = path.dirname(folder);
	return folder;
}
