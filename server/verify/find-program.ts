import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

const isWindows = process.platform === "win32";

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

/** Folders of the PATH, in order. */
export function programFolders(): string[] {
	return (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
}

/** The first of these programs that is on the PATH, or null. */
export function findProgram(...names: readonly string[]): string | null {
	const folders = programFolders();
	const endings = isWindows ? [".exe", ".cmd"] : [""];
	for (const name of names) {
		for (const folder of folders) {
			const found = endings.map((end) => path.join(folder, name + end)).find(isProgram);
			if (found) return found;
		}
	}
	return null;
}
