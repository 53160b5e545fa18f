import { describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository-root.ts";
import * as rules from "./rules.ts";
import { readTree, type Tree } from "./tree.ts";

const tree = readTree(repositoryRoot());

const long = (lines: number): string => Array(lines).fill("\tcount++;\n").join("");

/** Each rule with a tree that breaks it, and the place that it must name. */
const RULES: readonly [string, rules.Rule, Record<string, string>, RegExp][] = [
	[
		"imports only downwards: protocol, then client or server, then the programs",
		rules.importsOnlyDownwards,
		{ "client/a.ts": 'import { b } from "../server/b.ts";\n', "server/b.ts": "" },
		/client\/a\.ts -> server\/b\.ts/,
	],
	[
		"lets no floor of the server import one above it, or beside it",
		rules.serverFloors,
		{ "server/room/a.ts": 'import type { B } from "../swap/b.ts";\n', "server/swap/b.ts": "" },
		/server\/room\/a\.ts -> server\/swap\/b\.ts/,
	],
	[
		"has no room in the server without a floor",
		rules.serverFloors,
		{ "server/attic/a.ts": 'import { b } from "./b.ts";\n', "server/attic/b.ts": "" },
		/no floor is called "attic"/,
	],
	[
		"lets protocol depend on msgpack alone",
		rules.protocolStandsAlone,
		{ "protocol/a.ts": 'import { readFileSync } from "node:fs";\n' },
		/node:fs/,
	],
	[
		"has no circle of values",
		rules.noCircleOfValues,
		{
			"server/room/a.ts": 'import { b } from "./b.ts";\n',
			"server/room/b.ts": 'import { type X, c } from "./c.ts";\n',
			"server/room/c.ts": 'export { a } from "./a.ts";\n',
		},
		/a\.ts <-> server\/room\/b\.ts <-> server\/room\/c\.ts/,
	],
	[
		"has no file that nothing imports",
		rules.everyFileIsUsed,
		{ "server/room/lonely.ts": "export const x = 1;\n", "server/room/b.ts": "const lonely = 1;\n" },
		/lonely\.ts/,
	],
	[
		"exports no name that nothing uses",
		rules.everyExportIsUsed,
		{ "server/room/a.ts": "export function unheardOf(): void {}\n" },
		/unheardOf/,
	],
	[
		"keeps files small enough to be one room each",
		rules.filesAreShort,
		{ "server/room/a.ts": long(rules.LONGEST_FILE) },
		/351 lines/,
	],
	...(
		[
			["function f(): void {\n", "}\n"],
			["export async function f(\n\ta: number,\n): Promise<void> {\n", "}\n"],
			["export const f = (a: number): void => {\n", "};\n"],
			["class A {\n\tprivate async f(): Promise<void> {\n", "\t}\n}\n"],
		] as const
	).map(([head, tail]): [string, rules.Rule, Record<string, string>, RegExp] => [
		`keeps functions on a screen: ${head.split("\n").join(" ")}`,
		rules.functionsAreShort,
		{ "server/room/a.ts": head + long(rules.LONGEST_FUNCTION) + tail },
		/: f, \d+ lines/,
	]),
	[
		"has named exports only, except where a tool asks for a default",
		rules.exportsAreNamed,
		{ "server/room/a.ts": "export default 1;\n" },
		/a\.ts/,
	],
	[
		"leaves no note for someone else and no machine's path",
		rules.noNotesForOthers,
		{ "docs/a.md": `${"TO"}${"DO"}: later\n` },
		/docs\/a\.md/,
	],
	[
		"records no download address in the lock file",
		rules.noDownloadAddress,
		{ "package-lock.json": '{ "resolved": "x" }' },
		/package-lock/,
	],
];

describe("the tree", () => {
	it.each(RULES)("%s", (_, rule) => {
		expect(rule(tree)).toEqual([]);
	});
});

describe("each rule of the tree", () => {
	it.each(RULES)("finds what breaks it: %s", (_, rule, sample, place) => {
		const bad: Tree = new Map(Object.entries(sample));
		expect(rule(bad).join("\n")).toMatch(place);
	});
});
