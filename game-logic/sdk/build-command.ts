import { existsSync } from "node:fs";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { parseFlags, runCommand } from "../../server/cli/run-command.ts";
import { ConfigError } from "../../server/config-error.ts";
import { buildGame } from "./build-game.ts";
import { buildHooks, hooksFileOf } from "./build-hooks.ts";
import { buildPage } from "./build-page.ts";
import { missingTools } from "./build-tools.ts";
import { loadSchema } from "./load-schema.ts";
import { planGame } from "./plan/plan.ts";
import { planJson } from "./plan/plan-json.ts";

const HELP = `hotstep build FOLDER [--out FILE.wasm] [--plan]

  Builds the game in FOLDER (schema.ts and main.ts). Writes FOLDER/generated/ for the editor, and the
  module to FOLDER/generated/game.wasm or to --out. If there is a page, FOLDER/page, it goes beside the
  module: to game-page/ for game.wasm; so do hooks, FOLDER/hooks.ts: to game.hooks.mjs.

  --plan  print the memory layout of the game's module as JSON, and build nothing: for languages that
          Hotstep has no generator for (docs/languages/others.md)
`;

interface Options {
	readonly folder: string;
	readonly out: string;
	readonly isPlan: boolean;
}

function readOptions(args: string[]): Options {
	const { values, positionals } = parseFlags(args, {
		out: { type: "string" },
		plan: { type: "boolean", default: false },
	});
	if (positionals.length > 1) throw new ConfigError("name one folder");
	const folder = path.resolve(positionals[0] ?? ".");
	if (!existsSync(path.join(folder, "schema.ts"))) {
		throw new ConfigError(`there is no schema.ts in ${folder}`);
	}
	const out = path.resolve(values.out ?? path.join(folder, "generated", "game.wasm"));
	return { folder, out, isPlan: values.plan };
}

/** The compiler's words first, as editors read them; the exit code. */
function fail({ error, detail }: Refusal, folder: string): number {
	process.stderr.write(`${detail}\nhotstep: ${error} in ${folder}\n`);
	return 1;
}

async function printPlan(folder: string): Promise<number> {
	const missing = await missingTools();
	if (missing) return fail(missing, folder);
	try {
		const { spec } = await loadSchema(path.join(folder, "schema.ts"));
		process.stdout.write(`${JSON.stringify(planJson(planGame(spec)), null, "\t")}\n`);
		return 0;
	} catch (thrown) {
		return fail({ error: "ERR_SCHEMA", detail: (thrown as Error).message }, folder);
	}
}

async function build({ folder, out, isPlan }: Options): Promise<number> {
	if (isPlan) return printPlan(folder);
	const started = performance.now();
	const pageFolder = `${out.replace(/\.wasm$/, "")}-page`;
	// what a disk or a folder refuses has no place in the author's files: its own words say what
	const asProblem = ({ message }: Error): Refusal => ({ error: "ERR_BUILD", detail: message });
	const built = await buildGame(folder, out).catch(asProblem);
	if ("error" in built) return fail(built, folder);
	const problem =
		(await buildPage(folder, pageFolder).catch(asProblem)) ??
		(await buildHooks(folder, hooksFileOf(out)).catch(asProblem));
	if (problem) return fail(problem, folder);
	const seconds = ((performance.now() - started) / 1000).toFixed(1);
	const file = path.relative(process.cwd(), built.file);
	process.stdout.write(
		`${built.spec.name} v${built.spec.version}: ${file}, ${built.bytes} bytes, ${seconds} s\n`,
	);
	if (existsSync(path.join(folder, "page", "main.ts"))) {
		const page = path.relative(process.cwd(), pageFolder);
		process.stdout.write(`serve it: hotstep start ${file} --page ${page}\n`);
	}
	return 0;
}

/** `hotstep build`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => build(readOptions(args)) });
}
