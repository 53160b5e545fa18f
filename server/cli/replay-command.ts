import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { type Journal, openJournal } from "../journal/journal-reader.ts";
import { fileSource } from "../journal/journal-source.ts";
import { loadGame } from "../module/game-module.ts";
import { readTick } from "../read-value.ts";
import { dumpTable, findTable, showDump } from "../replay/dump-table.ts";
import { type Replay, replay } from "../replay/replay.ts";
import { type Comparison, replayOn } from "../replay/replay-on.ts";
import { showComparison, showReplay, speedOf, toJson } from "../replay/replay-report.ts";
import { parseFlags, refuseInJson, runCommand } from "./run-command.ts";

const HELP = `hotstep replay FILE.hsj [options]

  Replays a recorded journal bit for bit, and compares every state hash in it.

  --to TICK           stop at this tick, starting from the last image before it
  --dump TABLE        print the live rows of a table at that point
  --module NEW.wasm   run another build on the same inputs: report its faults, its fuel, and the first
                      tick, table, row and column where its state diverges
  --json              print one JSON object

  Exit code: 0 identical and without faults, 1 cannot be replayed, 2 the state diverges, 3 a tick fails.
`;

interface Options {
	file: string;
	toTick: number | null;
	table: string | null;
	moduleFile: string | null;
	isJson: boolean;
}

const EXIT = { same: 0, departs: 2, fails: 3 } as const;

function readOptions(args: string[]): Options {
	const { values, positionals } = parseFlags(args, {
		to: { type: "string" },
		dump: { type: "string" },
		module: { type: "string" },
		json: { type: "boolean" },
	});
	const [file, ...more] = positionals;
	if (file === undefined || more.length > 0) throw new ConfigError("name one journal file");
	return {
		file,
		toTick: values.to === undefined ? null : readTick("to", values.to),
		table: values.dump ?? null,
		moduleFile: values.module ?? null,
		isJson: values.json ?? false,
	};
}

async function run(journal: Journal, options: Options): Promise<Replay | Comparison | Refusal> {
	const until = options.toTick === null ? {} : { toTick: options.toTick };
	if (options.moduleFile === null) return replay(journal, until);
	return replayOn(journal, await loadGame(options.moduleFile), until);
}

function exitCode(outcome: Replay | Comparison): number {
	const hasFaults = "faults" in outcome ? outcome.faults.length > 0 : outcome.fault !== null;
	if (hasFaults) return EXIT.fails;
	return outcome.departure === null ? EXIT.same : EXIT.departs;
}

/** Prints the result; or a refusal, if the requested tick or table does not exist. */
function print(
	outcome: Replay | Comparison,
	ms: number,
	tickRate: number,
	options: Options,
): Refusal<"ERR_REPLAY_TABLE"> | null {
	const isComparison = "candidate" in outcome;
	const simulation = isComparison ? outcome.candidate.simulation : outcome.simulation;
	const table = options.table === null ? null : findTable(simulation, options.table);
	if (options.table !== null && table === null) {
		return { error: "ERR_REPLAY_TABLE", detail: `the game has no table "${options.table}"` };
	}
	const speed = speedOf(outcome.ticks, tickRate, ms);
	if (options.isJson) {
		const {
			candidate: _,
			simulation: __,
			...found
		} = { candidate: null, simulation: null, ...outcome };
		const exit = exitCode(outcome);
		process.stdout.write(
			toJson({ ...found, speed, exit, ...(table ? { dump: dumpTable(table) } : {}) }),
		);
		return null;
	}
	process.stdout.write(isComparison ? showComparison(outcome, speed) : showReplay(outcome, speed));
	if (table) process.stdout.write(`\n${showDump(dumpTable(table), table)}`);
	return null;
}

async function replayFile(options: Options): Promise<number | Refusal> {
	const source = fileSource(options.file);
	if ("error" in source) return source;
	try {
		const journal = openJournal(source);
		if ("error" in journal) return journal;
		const startMs = performance.now();
		const outcome = await run(journal, options);
		const ms = performance.now() - startMs;
		if ("error" in outcome) return outcome;
		const isThere = options.toTick === null || outcome.lastTick >= options.toTick;
		if (!isThere && exitCode(outcome) === EXIT.same) {
			const detail = `the journal's last tick is ${outcome.lastTick}`;
			return { error: "ERR_REPLAY_TICK", detail };
		}
		return print(outcome, ms, journal.header.tickRate, options) ?? exitCode(outcome);
	} finally {
		source.close();
	}
}

/** `hotstep replay`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, {
		help: HELP,
		run: () => replayFile(readOptions(args)),
		refused: args.includes("--json") ? refuseInJson : undefined,
	});
}
