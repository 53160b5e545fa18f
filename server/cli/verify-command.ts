import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { openJournal } from "../journal/journal-reader.ts";
import { fileSource } from "../journal/journal-source.ts";
import { readTick } from "../read-value.ts";
import type { Engine } from "../verify/engine.ts";
import { ENGINES } from "../verify/engines.ts";
import { exportMatch, type Stretch } from "../verify/export-match.ts";
import { type MatchRun, verifyMatch } from "../verify/verify-match.ts";
import { type EngineResult, showEngine, showEngines, ticksOf } from "../verify/verify-report.ts";
import { parseFlags, runCommand } from "./run-command.ts";

const HELP = `hotstep verify FILE.hsj [options]

  Runs a recorded journal in other WebAssembly engines, and compares state hash and fuel of every tick.

  --engine NAME     this engine; may be given several times. Else all that are here
  --list            show the engines, and how to get those that are not here
  --to TICK         run up to this tick and no further
  --export FOLDER   keep the match files there, which hosts read (docs/engines.md)
  --json            print one JSON object

  Exit code: 0 every engine agrees, 1 something could not be run, 2 an engine differs, 3 one fails.
`;

const EXIT = { same: 0, refused: 1, differs: 2, fails: 3 } as const;

interface Options {
	readonly file: string;
	readonly engines: readonly Engine[];
	readonly toTick: number;
	readonly exportTo: string | null;
	readonly isJson: boolean;
}

function choose(names: readonly string[] | undefined): readonly Engine[] {
	if (names === undefined) return ENGINES.filter((engine) => engine.missing().length === 0);
	const chosen: Engine[] = [];
	for (const name of names) {
		const engine = ENGINES.find((known) => known.name === name);
		if (engine) chosen.push(engine);
		else {
			const known = ENGINES.map((one) => one.name).join(", ");
			throw new ConfigError(`there is no engine "${name}", only ${known}`);
		}
	}
	return chosen;
}

/** Null for `--list`. */
function readOptions(args: string[]): Options | null {
	const { values, positionals } = parseFlags(args, {
		engine: { type: "string", multiple: true },
		list: { type: "boolean" },
		to: { type: "string" },
		export: { type: "string" },
		json: { type: "boolean" },
	});
	if (values.list) return null;
	const [file, ...more] = positionals;
	if (file === undefined || more.length > 0) throw new ConfigError("name one journal file");
	return {
		file,
		toTick: values.to === undefined ? Number.POSITIVE_INFINITY : readTick("to", values.to),
		engines: choose(values.engine),
		exportTo: values.export ?? null,
		isJson: values.json ?? false,
	};
}

/** All match files in one engine, until one differs or fails. */
async function runEngine(
	engine: Engine,
	stretches: readonly Stretch[],
	folder: string,
): Promise<EngineResult> {
	const runs: MatchRun[] = [];
	const missing = engine.missing();
	if (missing.length > 0) {
		const refused = `${missing.join(", ")} is missing; get it: ${engine.get}`;
		return { engine: engine.name, runs, refused };
	}
	for (const stretch of stretches) {
		const host = await engine.host(stretch.game.bytes, folder);
		if ("error" in host) return { engine: engine.name, runs, refused: host.detail };
		const run = await verifyMatch(host, stretch, folder);
		runs.push(run);
		if (run.failure !== null || run.difference !== null) break;
	}
	return { engine: engine.name, runs, refused: null };
}

function exitCode(results: readonly EngineResult[]): number {
	const runs = results.flatMap((result) => result.runs);
	if (runs.some(({ difference }) => difference !== null)) return EXIT.differs;
	if (runs.some(({ failure }) => failure !== null)) return EXIT.fails;
	return results.some(({ refused }) => refused !== null) ? EXIT.refused : EXIT.same;
}

async function runAll(options: Options, folder: string): Promise<number | Refusal> {
	const source = fileSource(options.file);
	if ("error" in source) return source;
	let stretches: readonly Stretch[] | Refusal;
	try {
		const journal = openJournal(source);
		if ("error" in journal) return journal;
		const matches = options.exportTo ?? folder;
		mkdirSync(matches, { recursive: true });
		stretches = exportMatch(journal, { folder: matches, toTick: options.toTick });
	} catch (thrown) {
		return { error: "ERR_VERIFY_EXPORT", detail: (thrown as Error).message };
	} finally {
		source.close();
	}
	if ("error" in stretches) return stretches;
	const ticks = stretches.reduce((sum, stretch) => sum + stretch.ticks, 0);
	if (ticks === 0) return { error: "ERR_VERIFY_RECORD", detail: "the journal has no tick to run" };
	const results: EngineResult[] = [];
	for (const engine of options.engines) {
		const result = await runEngine(engine, stretches, folder);
		results.push(result);
		if (!options.isJson) process.stdout.write(showEngine(result, ticks));
	}
	const exit = exitCode(results);
	if (options.isJson) {
		const engines = results.map((result) => ({ ...result, ticks: ticksOf(result) }));
		const text = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
		process.stdout.write(`${JSON.stringify({ ticks, engines, exit }, text, 2)}\n`);
	}
	return exit;
}

async function verify(options: Options | null): Promise<number | Refusal> {
	if (options === null) {
		process.stdout.write(showEngines(ENGINES));
		return EXIT.same;
	}
	const folder = mkdtempSync(path.join(tmpdir(), "hotstep-verify-"));
	try {
		return await runAll(options, folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** `hotstep verify`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => verify(readOptions(args)) });
}
