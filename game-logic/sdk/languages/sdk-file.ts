import { readFile } from "node:fs/promises";
import path from "node:path";
import { PACKAGE_ROOT } from "../../../server/installation.ts";

/** What a language's SDK brings as it is. */
export function sdkFile(language: string, name: string): Promise<string> {
	return readFile(path.join(PACKAGE_ROOT, "game-logic/sdk/languages", language, name), "utf8");
}
