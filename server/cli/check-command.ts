import { randomBytes } from "node:crypto";
import type { Refusal } from "../../protocol/refusal.ts";
import { type Check, type CheckOptions, checkGame } from "../check/check-game.ts";
import { showCheck } from "../check/check-report.ts";
import { modulePartsOf } from "../check/explain/explain-module.ts";
import { showExplanation } from "../check/explain/explain-report.ts";
import { functionText } from "../check/explain/function-text.ts";
import { randomTicks, recordedTicks } from "../check/explain/played-ticks.ts";
import { sampleFuel } from "../check/explain/sample-fuel.ts";
import { ConfigError } from "../config-error.ts";
import { openJournal } from "../journal/journal-reader.ts";
import { fileSource } from "../journal/journal-source.ts";
import { type GameModule, loadGame } from "../module/game-module.ts";
import { readCount } from "../read-value.ts";
import { toJson } from "../replay/replay-report.ts";
import { parseFlags, refuseInJson, runCommand } from "./run-command.ts";

const HELP = `hotstep check FILE.wasm [options]

  Loads a module as a server would and describes it: sizes, imports, tables and columns. Then plays it
  with players who join, press at random and leave, and tests what replays and swaps rely on.

  sync test      saves the state, runs some ticks, restores it and runs them again: the results must match
  amnesia test   continues in a fresh instance that has only the declared columns: the results must match,
                 or a swap would lose state
  growth test    plays up to ten minutes of game time, and names the code whose memory use keeps growing

  --explain      instead of the tests: sections, functions by size, and which functions and lines spend the fuel
  --journal FILE with --explain: the ticks of this journal instead of random players; this build recorded it
  --text NAME    print the WebAssembly text of one function, by name or index; needs npm's wabt

  --seed N       seed for the players and the game (random, printed)
  --ticks N      ticks to play (600)
  --players N    maximum number of players (16)
  --json         print one JSON object

  Exit code: 0 success, 1 the module is refused, 2 a test fails, 3 a tick fails.
`;

interface Options extends CheckOptions {
	file: string;
	isJson: boolean;
	isExplained: boolean;
	journal: string | null;
	/** The function whose text is wanted. */
	text: string | null;
}

const EXIT = { fine: 0, unsafe: 2, fails: 3 } as const;
/** Ten minutes at 60 Hz: what is kept of each tick fits in a few megabytes. */
const MOST_TICKS = 36_000;

function readOptions(args: string[]): Options {
	const { values, positionals } = parseFlags(args, {
		seed: { type: "string" },
		ticks: { type: "string" },
		players: { type: "string" },
		json: { type: "boolean" },
		explain: { type: "boolean" },
		journal: { type: "string" },
		text: { type: "string" },
	});
	const [file, ...more] = positionals;
	if (file === undefined || more.length > 0) throw new ConfigError("name one .wasm file");
	const isExplained = values.explain ?? false;
	if (values.journal !== undefined && !isExplained) {
		throw new ConfigError("--journal goes with --explain");
	}
	const count = (flag: "seed" | "ticks" | "players", otherwise: number, most: number): number => {
		const text = values[flag];
		return text === undefined ? otherwise : readCount(flag, text, 0, most);
	};
	return {
		file,
		seed: count("seed", randomBytes(4).readUInt32LE(), 0xffff_ffff),
		ticks: count("ticks", 600, MOST_TICKS),
		players: count("players", 16, 1024),
		isJson: values.json ?? false,
		isExplained,
		journal: values.journal ?? null,
		text: values.text ?? null,
	};
}

function exitCode({ play, sync, amnesia, growth }: Check): number {
	if (play.fault) return EXIT.fails;
	return sync.failure || amnesia.failure || growth.growth ? EXIT.unsafe : EXIT.fine;
}

/** Where the fuel of a journal's ticks goes, or of random players' ticks. */
function profile(game: GameModule, options: Options): ReturnType<typeof sampleFuel> {
	const { journal: file, seed, ticks } = options;
	if (file === null) {
		const players = Math.min(options.players, game.descriptor.maxPlayers);
		return sampleFuel(game, randomTicks(game, { seed, ticks, players }), { seed });
	}
	const source = fileSource(file);
	if ("error" in source) return source;
	try {
		const journal = openJournal(source);
		if ("error" in journal) return journal;
		return sampleFuel(game, recordedTicks(game, journal, MOST_TICKS), { seed });
	} finally {
		source.close();
	}
}

function explain(game: GameModule, options: Options): number | Refusal {
	const fuel = profile(game, options);
	if ("error" in fuel) return fuel;
	const parts = modulePartsOf(game);
	process.stdout.write(
		options.isJson ? toJson({ ...parts, fuel, exit: EXIT.fine }) : showExplanation(parts, fuel),
	);
	return EXIT.fine;
}

async function check(options: Options): Promise<number | Refusal> {
	const game = await loadGame(options.file);
	if (options.text !== null) {
		const found = await functionText(game, options.text);
		if ("error" in found) return found;
		process.stdout.write(options.isJson ? toJson({ ...found, exit: EXIT.fine }) : found.text);
		return EXIT.fine;
	}
	if (options.isExplained) return explain(game, options);
	const found = checkGame(game, options, () => performance.now());
	const exit = exitCode(found);
	process.stdout.write(options.isJson ? toJson({ ...found, exit }) : showCheck(found));
	return exit;
}

/** `hotstep check`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, {
		help: HELP,
		run: () => check(readOptions(args)),
		refused: args.includes("--json") ? refuseInJson : undefined,
	});
}
