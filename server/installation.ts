import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Folder of the modules that are running: the repository's root as source, `dist` when built. */
const running = path.resolve(import.meta.dirname, "..");

/** Whether this is TypeScript source that runs, as in tests; `package.json` is never copied into a build. */
const isSource = existsSync(path.join(running, "package.json"));

/** The package's own folder. */
export const PACKAGE_ROOT = isSource ? running : path.dirname(running);

/** Folder with the pages and games of a build, `games/`, `page/` and `monitor/`, beside the running modules. */
export const BUILD_ROOT = running;

/** This package's version. */
export const VERSION: string = JSON.parse(
	readFileSync(path.join(PACKAGE_ROOT, "package.json"), "utf8"),
).version;

/** A module of this installation by its path without an ending, such as `client/index`: built, or source. */
export function installedModule(name: string): string {
	return path.join(running, `${name}.${isSource ? "ts" : "js"}`);
}

/** The built JavaScript of a module, also when source is running: threads cannot begin with TypeScript. */
export function builtModule(name: string): URL {
	return pathToFileURL(path.join(isSource ? path.join(running, "dist") : running, `${name}.js`));
}
