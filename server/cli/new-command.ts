import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { PACKAGE_ROOT } from "../installation.ts";

const HELP = `hotstep new FOLDER

  Makes a small game there to start from: rules and a page. Its name is the folder's: a-z first, then
  a-z, 0-9 and -.
`;

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

const TEMPLATE = path.join(PACKAGE_ROOT, "game-logic/template");

function fail(problem: string): void {
	process.stderr.write(`hotstep: ERR_CONFIG: ${problem}\n`);
	process.exitCode = 1;
}

/** How whoever called this would call another command. */
function calledAs(): string {
	const file = process.argv[1] ?? "";
	if (file.endsWith(".js")) return `node ${path.relative(process.cwd(), file)}`;
	return file.includes(`${path.sep}node_modules${path.sep}`) ? "npx hotstep" : "hotstep";
}

/** `hotstep new`. */
export async function main(args: string[]): Promise<void> {
	const [given, ...rest] = args;
	if (given === "--help") {
		process.stdout.write(HELP);
		return;
	}
	if (!given || given.startsWith("-") || rest.length > 0) return fail("name one folder to make");
	const folder = path.resolve(given);
	const name = path.basename(folder);
	if (!NAME.test(name))
		return fail(`a game's name begins with a-z and has a-z, 0-9 and -, not "${name}"`);
	if (existsSync(folder)) return fail(`there is something at ${folder} already`);
	const files = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
	for (const entry of files) {
		if (!entry.isFile()) continue;
		const from = path.join(entry.parentPath, entry.name);
		const to = path.join(folder, path.relative(TEMPLATE, from));
		await mkdir(path.dirname(to), { recursive: true });
		await writeFile(to, (await readFile(from, "utf8")).replaceAll("__NAME__", name));
	}
	process.stdout.write(
		`${name} is ready.\n\n  ${calledAs()} dev ${given}\n\nserves it; change main.ts while you play.\n`,
	);
}
