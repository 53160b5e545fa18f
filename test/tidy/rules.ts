import { importsOf, sourcesOf, type Tree } from "./tree.ts";

/** A rule: what is wrong in a tree, one line for each place. */
export type Rule = (tree: Tree) => string[];

/** Which top folders a folder's sources may import from. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	protocol: [],
	client: ["protocol"],
	server: ["protocol"],
	testing: ["protocol", "client", "server"],
	"client-demo": ["client", "protocol", "game-logic"],
	monitor: ["protocol"],
	bots: ["client", "protocol", "game-logic"],
	bench: ["client", "protocol", "server", "bots", "game-logic", "testing"],
	"game-logic": ["protocol", "client", "bots"],
};

/** What every program on Node may use: facts about the installation, and how a command runs and reads its flags. */
const FOR_ALL: ReadonlySet<string> = new Set([
	"server/installation.ts",
	"server/config-error.ts",
	"server/read-value.ts",
	"server/cli/run-command.ts",
]);

/** The server's floors, lowest first. Those of one list know nothing of one another. */
const FLOORS: readonly (readonly string[])[] = [
	[
		"import-in-parts.ts",
		"log.ts",
		"counters.ts",
		"installation.ts",
		"limits.ts",
		"config-error.ts",
		"read-value.ts",
	],
	["socket", "input", "snapshot", "module"],
	["history"],
	["migration"],
	["room"],
	["session"],
	["journal"],
	["replay"],
	["verify"],
	["swap"],
	["recovery"],
	["core.ts"],
	["check"],
	["match"],
	["effects"],
	["ops"],
	["server-options.ts"],
	["open-server.ts"],
	["index.ts"],
	["worker"],
	["cli"],
	["cli.ts"],
];

function floorOf(room: string): number {
	return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** Each import of a source, of types too. */
function* arrows(
	tree: Tree,
	only = "",
): Generator<{ file: string; target: string; isType: boolean }> {
	for (const file of sourcesOf(tree)) {
		if (!file.startsWith(only)) continue;
		for (const { target, isType } of importsOf(file, tree.get(file) ?? "")) {
			yield { file, target, isType };
		}
	}
}

export const importsOnlyDownwards: Rule = (tree) => {
	const wrong: string[] = [];
	for (const { file, target } of arrows(tree)) {
		const own = file.split("/")[0] as string;
		const folder = target.split("/")[0] as string;
		if (!(folder in MAY_IMPORT) || folder === own || FOR_ALL.has(target)) continue;
		if (!MAY_IMPORT[own]?.includes(folder)) wrong.push(`${file} -> ${target}`);
	}
	return wrong;
};

export const serverFloors: Rule = (tree) => {
	const wrong: string[] = [];
	for (const { file, target } of arrows(tree, "server/")) {
		const [, own = ""] = file.split("/");
		const [top, room = ""] = target.split("/");
		if (floorOf(own) < 0) wrong.push(`${file}: no floor is called "${own}"`);
		if (top !== "server" || room === own) continue;
		const isDown = floorOf(room) < floorOf(own) || (floorOf(own) === 0 && floorOf(room) === 0);
		if (!isDown) wrong.push(`${file} -> ${target}`);
	}
	return wrong;
};

export const protocolStandsAlone: Rule = (tree) => {
	const allowed = (target: string): boolean =>
		target.startsWith("protocol/") || target === "@msgpack/msgpack";
	const wrong: string[] = [];
	for (const { file, target } of arrows(tree, "protocol/")) {
		if (!allowed(target)) wrong.push(`${file} -> ${target}`);
	}
	return wrong;
};

/** Files that import one another's values in a ring (Tarjan 1972, strongly connected components). */
export const noCircleOfValues: Rule = (tree) => {
	const next = new Map<string, string[]>();
	for (const { file, target, isType } of arrows(tree)) {
		if (isType || !tree.has(target)) continue;
		next.set(file, [...(next.get(file) ?? []), target]);
	}
	const index = new Map<string, number>();
	const low = new Map<string, number>();
	const stack: string[] = [];
	const rings: string[] = [];
	const visit = (file: string): void => {
		index.set(file, index.size);
		low.set(file, index.get(file) as number);
		stack.push(file);
		for (const target of next.get(file) ?? []) {
			if (!index.has(target)) visit(target);
			else if (!stack.includes(target)) continue;
			low.set(file, Math.min(low.get(file) as number, low.get(target) as number));
		}
		if (low.get(file) !== index.get(file)) return;
		const ring = stack.splice(stack.indexOf(file));
		if (ring.length > 1) rings.push(ring.sort().join(" <-> "));
	};
	for (const file of next.keys()) if (!index.has(file)) visit(file);
	return rings;
};

/** Every text but documents and the lock file: where the name of a file or an export may be used. */
function users(tree: Tree): [string, string][] {
	return [...tree].filter(([file]) => !/\.md$|^package-lock/.test(file));
}

export const everyFileIsUsed: Rule = (tree) => {
	const texts = users(tree);
	return sourcesOf(tree).filter((file) => {
		if (/(?:^|\/)(?:schema|vite\.config|bots)\.ts$|\.config\.ts$/.test(file)) return false;
		const name = file.slice(file.lastIndexOf("/") + 1).replace(/\.ts$/, "");
		const use = new RegExp(`[/"'\`]${name}(?:\\.(?:d\\.)?[jt]s)?["'\`\\s]`);
		return !texts.some(([other, text]) => other !== file && use.test(text));
	});
};

/** What a package's entry hands on is for its users; the rest must be named somewhere else. */
export const everyExportIsUsed: Rule = (tree) => {
	const words = new Map<string, Set<string>>();
	for (const [file, text] of users(tree)) {
		for (const [word] of text.matchAll(/\w+/g)) {
			const files = words.get(word) ?? new Set();
			words.set(word, files.add(file));
		}
	}
	const wrong: string[] = [];
	for (const file of sourcesOf(tree)) {
		if (/(?:^|\/)(?:index|browser)\.ts$|\/schema\.ts$/.test(file)) continue;
		const text = tree.get(file) ?? "";
		const found = text.matchAll(
			/^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) (\w+)/gm,
		);
		for (const [, name = ""] of found) {
			const files = words.get(name) as Set<string>;
			if (files.size === 1) wrong.push(`${file}: ${name}`);
		}
	}
	return wrong;
};

export const LONGEST_FILE = 350;
export const LONGEST_FUNCTION = 70;

export const filesAreShort: Rule = (tree) =>
	sourcesOf(tree)
		.map((file) => ({ file, lines: (tree.get(file) ?? "").split("\n").length }))
		.filter(({ lines }) => lines > LONGEST_FILE)
		.map(({ file, lines }) => `${file}: ${lines} lines`);

/** The formatter puts the closing brace of a function under the first letter of its head. */
const FUNCTION_HEAD =
	/^(\t*)(?:export |default |async |private |protected |public |static |override |readonly |get |set |abstract )*(?:function\*? ?(\w*)|(?:const )?(\w+)(?: = |: )(?:async )?(?:\(|function)|(\w+)(?:<.*>)?\()/;

export const functionsAreShort: Rule = (tree) => {
	const wrong: string[] = [];
	for (const file of sourcesOf(tree)) {
		const lines = (tree.get(file) ?? "").split("\n");
		lines.forEach((line, at) => {
			const head = FUNCTION_HEAD.exec(line);
			if (!head || /^\t*(?:if|for|while|switch|return|await|new|catch|super)\b/.test(line)) return;
			const [, indent = "", ...names] = head;
			const end = lines.findIndex((other, i) => i > at && endsBlock(other, indent));
			if (end - at + 1 <= LONGEST_FUNCTION) return;
			const name = names.find((n) => n) ?? "(a function)";
			// a head that leaves no brace open is a call, a declaration or fits on its line
			if (!lines.slice(at, end).some((l, i) => opensBody(l, i, indent))) return;
			wrong.push(`${file}:${at + 1}: ${name}, ${end - at + 1} lines`);
		});
	}
	return wrong;
};

function opensBody(line: string, index: number, indent: string): boolean {
	if (!/(?:\)|=>|\S) \{$/.test(line)) return false;
	return index === 0 ? /(?:\)|=>|[\w>\]|]) \{$/.test(line) : line.startsWith(`${indent})`);
}

function endsBlock(line: string, indent: string): boolean {
	return line.startsWith(`${indent}}`) && /^\}[;,)]*$/.test(line.slice(indent.length));
}

export const exportsAreNamed: Rule = (tree) => {
	const allowed = /(?:^(?:game-logic|bench\/games)\/[^/]+\/schema\.ts|\.config\.ts)$/;
	return sourcesOf(tree).filter(
		(file) => !allowed.test(file) && /^export default/m.test(tree.get(file) ?? ""),
	);
};

export const noNotesForOthers: Rule = (tree) => {
	const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`);
	return [...tree]
		.filter(([, text]) => marks.test(text) || /(^|[\s"'`(])\/(root|home|Users)\//m.test(text))
		.map(([file]) => file);
};

export const noDownloadAddress: Rule = (tree) =>
	/"resolved"|https?:\/\/[^"]*\.tgz/.test(tree.get("package-lock.json") ?? "")
		? ["package-lock.json"]
		: [];
