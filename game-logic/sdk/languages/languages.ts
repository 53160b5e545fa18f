import { existsSync } from "node:fs";
import path from "node:path";
import { c } from "./c/c.ts";
import { cpp } from "./cpp/cpp.ts";
import { go } from "./go/go.ts";
import type { Language } from "./language.ts";
import { rust } from "./rust/rust.ts";
import { zig } from "./zig/zig.ts";

/** The languages beside AssemblyScript. */
const LANGUAGES: readonly Language[] = [c, cpp, rust, zig, go];

const ASSEMBLYSCRIPT_MAIN = "main.ts";

/** What rules a folder has: null for AssemblyScript; a text says what is wrong. */
export function languageOf(folder: string): Language | null | string {
	const mains = [ASSEMBLYSCRIPT_MAIN, ...LANGUAGES.map(({ main }) => main)];
	const found = mains.filter((main) => existsSync(path.join(folder, main)));
	if (found.length > 1)
		return `there are ${found.join(" and ")} in ${folder}: rules have one language`;
	const [main] = found;
	if (main === undefined) return `there is no ${mains.join(" or ")} in ${folder}`;
	return LANGUAGES.find((language) => language.main === main) ?? null;
}
