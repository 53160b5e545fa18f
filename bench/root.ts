import { existsSync } from "node:fs";
import path from "node:path";

function findRoot(from: string): string {
	return existsSync(path.join(from, "package.json")) ? from : findRoot(path.dirname(from));
}

/** Folder of this installation, whether this file runs as source or built. */
export const ROOT = findRoot(import.meta.dirname);
/** What a build makes; programs that are started as processes of their own are run from there. */
export const DIST = path.join(ROOT, "dist");
