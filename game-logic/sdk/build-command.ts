import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Refusal } from "../../protocol/refusal.ts";
import { buildGame } from "./build-game.ts";
import { buildPage } from "./build-page.ts";
import { missingTools } from "./build-tools.ts";
import { loadSchema } from "./load-schema.ts";
import { planGame } from "./plan/plan.ts";
import { planJson } from "./plan/plan-json.ts";

const HELP = `hotstep build FOLDER [--out FILE.wasm] [--plan]

  Builds the game in FOLDER (schema.ts and main.ts). Writes FOLDER/generated/ for the editor, and the
  module to FOLDER/generated/game.wasm or to --out. If there is a page, FOLDER/page, it goes beside the
  module: to game-page/ for game.wasm.

  --plan  print the memory layout of the game's module as JSON, and build nothing: for languages that
          Hotstep has no generator for (docs/languages/others.md)
`;

function read(args: string[]): { folder: string; out: string; plan: boolean } {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: { out: { type: "string" }, plan: { type: "boolean", default: false } },
	});
	if (positionals.length > 1) throw new Error("name one folder");
	const folder = path.resolve(positionals[0] ?? ".");
	if (!existsSync(path.join(folder, "schema.ts")))
		throw new Error(`there is no schema.ts in ${folder}`);
	const out = path.resolve(values.out ?? path.join(folder, "generated", "game.wasm"));
	return { folder, out, plan: values.plan };
}

function fail({ error, detail }: Refusal, folder: string): void {
	process.stderr.write(`${detail}\nhotstep: ${error} in ${folder}\n`);
	process.exitCode = 1;
}

async function printPlan(folder: string): Promise<void> {
	const missing = await missingTools();
	if (missing) return fail(missing, folder);
	try {
		const { spec } = await loadSchema(path.join(folder, "schema.ts"));
		process.stdout.write(`${JSON.stringify(planJson(planGame(spec)), null, "\t")}\n`);
	} catch (thrown) {
		fail({ error: "ERR_SCHEMA", detail: (thrown as Error).message }, folder);
	}
}

/** `hotstep build`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(HELP);
		return;
	}
	let given: ReturnType<typeof read>;
	try {
		given = read(args);
	} catch (thrown) {
		process.stderr.write(`hotstep: ERR_CONFIG: ${(thrown as Error).message}\n`);
		process.exitCode = 1;
		return;
	}
	const { folder, out } = given;
	if (given.plan) return printPlan(folder);
	const started = performance.now();
	const pageFolder = `${out.replace(/\.wasm$/, "")}-page`;
	// what a disk or a folder refuses has no place in the author's files: its own words say what
	const asProblem = ({ message }: Error) => ({ error: "ERR_BUILD", detail: message });
	const built = await buildGame(folder, out).catch(asProblem);
	const problem = "error" in built ? built : await buildPage(folder, pageFolder).catch(asProblem);
	if ("error" in built || problem) {
		return fail(problem as Refusal, folder);
	}
	const seconds = ((performance.now() - started) / 1000).toFixed(1);
	const file = path.relative(process.cwd(), built.file);
	process.stdout.write(
		`${built.spec.name} v${built.spec.version}: ${file}, ${built.bytes} bytes, ${seconds} s\n`,
	);
	if (existsSync(path.join(folder, "page", "main.ts"))) {
		const page = path.relative(process.cwd(), pageFolder);
		process.stdout.write(`serve it: hotstep start ${file} --page ${page}\n`);
	}
}
