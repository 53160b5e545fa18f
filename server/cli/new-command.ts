import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "../config-error.ts";
import { PACKAGE_ROOT } from "../installation.ts";
import { parseFlags, runCommand } from "./run-command.ts";

/** What --lang takes, and the file that holds the rules then. */
const LANGUAGES: Readonly<Record<string, string>> = {
	assemblyscript: "main.ts",
	c: "main.c",
	cpp: "main.cpp",
	rust: "main.rs",
	zig: "main.zig",
	go: "main.go",
};

const HELP = `hotstep new FOLDER [--lang ${Object.keys(LANGUAGES).join(" | ")}]

  Creates a small game to start from: rules and a page. The folder's name becomes the game's: it starts
  with a-z, followed by a-z, 0-9 and -. The rules are in AssemblyScript unless --lang says otherwise.
`;

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** The templates. */
const TEMPLATES = path.join(PACKAGE_ROOT, "game-logic");

/** The files of a new game by where they go: schema and page are the same for every language. */
async function templateFiles(language: string): Promise<Map<string, string>> {
	const files = new Map<string, string>();
	const add = async (folder: string): Promise<void> => {
		for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
			const from = path.join(entry.parentPath, entry.name);
			const to = path.relative(folder, from);
			if (entry.isFile() && !/^(?:generated|target)\b/.test(to)) files.set(to, from);
		}
	};
	await add(path.join(TEMPLATES, "template"));
	if (language !== "assemblyscript") {
		files.delete("main.ts");
		await add(path.join(TEMPLATES, "template-rules", language));
	}
	return files;
}

function readOptions(args: string[]): { given: string; language: string } {
	const { values, positionals } = parseFlags(args, {
		lang: { type: "string", default: "assemblyscript" },
	});
	const [given, ...more] = positionals;
	if (!given || more.length > 0) throw new ConfigError("name one folder to make");
	if (!Object.hasOwn(LANGUAGES, values.lang)) {
		throw new ConfigError(
			`--lang takes ${Object.keys(LANGUAGES).join(", ")}, not "${values.lang}"`,
		);
	}
	return { given, language: values.lang };
}

/** How the user would call another command. */
function calledAs(): string {
	const file = process.argv[1] ?? "";
	if (file.endsWith(".js")) return `node ${path.relative(process.cwd(), file)}`;
	return file.includes(`${path.sep}node_modules${path.sep}`) ? "npx hotstep" : "hotstep";
}

async function create({ given, language }: ReturnType<typeof readOptions>): Promise<undefined> {
	const folder = path.resolve(given);
	const name = path.basename(folder);
	if (!NAME.test(name)) {
		throw new ConfigError(`a game's name begins with a-z and has a-z, 0-9 and -, not "${name}"`);
	}
	if (existsSync(folder)) throw new ConfigError(`there is something at ${folder} already`);
	for (const [relative, from] of await templateFiles(language)) {
		const to = path.join(folder, relative);
		await mkdir(path.dirname(to), { recursive: true });
		await writeFile(to, (await readFile(from, "utf8")).replaceAll("__NAME__", name));
	}
	process.stdout.write(
		`${name} is ready.\n\n  ${calledAs()} dev ${given}\n\nserves it; change ${LANGUAGES[language]} while you play.\n`,
	);
}

/** `hotstep new`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => create(readOptions(args)) });
}
