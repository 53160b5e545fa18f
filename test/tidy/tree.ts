import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** Files by their path from the root, with their text: what the rules judge. */
export type Tree = ReadonlyMap<string, string>;

/** The repository's own text files, committed or about to be. */
export function readTree(root: string): Tree {
	const names = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root })
		.toString()
		.split("\n");
	const tree = new Map<string, string>();
	for (const name of names) {
		if (!/\.(ts|mjs|md|html|css|json|yml)$/.test(name) && name !== ".ci/run") continue;
		tree.set(name, readFileSync(path.join(root, name), "utf8"));
	}
	return tree;
}

/** Our TypeScript that is no test, no rules of a game and no peer's. */
export function sourcesOf(tree: Tree): string[] {
	return [...tree.keys()].filter(
		(file) =>
			/^(protocol|server|client|client-demo|monitor|bots|bench|testing|game-logic)\/.*\.ts$/.test(
				file,
			) &&
			!/^game-logic\/[^/]+\/(assembly|rules|main|template)\b/.test(file) &&
			!/^game-logic\/template/.test(file) &&
			!/^bench\/(peers\/|games\/[^/]+\/main)/.test(file),
	);
}

export interface Import {
	/** Path from the root, or a package's name. */
	readonly target: string;
	/** Names that it takes; none for `import "x"`, `import * as` and `import()`. */
	readonly names: readonly string[];
	/** Only types: nothing is left of it when the program runs. */
	readonly isType: boolean;
}

const IMPORT =
	/(?:^|\n)(?:import|export)\s+(type\s+)?(?:(\*(?:\s+as\s+\w+)?|\w+)\s*,?\s*)?(?:\{([^}]*)\}\s*)?from\s*"([^"]+)"/g;
const BARE = /(?:^|[\s=(])import\s*\(?\s*"([^"]+)"/g;

/** What a source imports or hands on. */
export function importsOf(file: string, text: string): Import[] {
	const place = (name: string): string =>
		name.startsWith(".") ? path.join(path.dirname(file), name) : name;
	const found: Import[] = [];
	for (const [, type, whole, list, name = ""] of text.matchAll(IMPORT)) {
		const parts = (list ?? "").split(",").map((part) => part.trim());
		const named = parts.filter((part) => part !== "");
		found.push({
			target: place(name),
			names: named.map((part) => part.replace(/^type\s+/, "").split(/\s+as\s+/)[0] as string),
			isType:
				type !== undefined ||
				(whole === undefined && named.length > 0 && named.every((part) => /^type\s/.test(part))),
		});
	}
	for (const [, name = ""] of text.matchAll(BARE)) {
		found.push({ target: place(name), names: [], isType: false });
	}
	return found;
}
