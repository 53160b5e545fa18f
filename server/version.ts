import { existsSync, readFileSync } from "node:fs";

/** This package's version; `package.json` lies one folder higher when this runs from the build. */
function readVersion(): string {
	for (const place of ["../package.json", "../../package.json"]) {
		const file = new URL(place, import.meta.url);
		if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as Package).version;
	}
	return "unknown";
}

interface Package {
	version: string;
}

export const VERSION = readVersion();
