import { randomBytes } from "node:crypto";
import { type Check, type CheckOptions, checkGame } from "../check/check-game.ts";
import { showCheck } from "../check/check-report.ts";
import { ConfigError } from "../config-error.ts";
import { loadGame } from "../module/game-module.ts";
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

  --seed N       seed for the players and the game (random, printed)
  --ticks N      ticks to play (600)
  --players N    maximum number of players (16)
  --json         print one JSON object

  Exit code: 0 success, 1 the module is refused, 2 a test fails, 3 a tick fails.
`;

interface Options extends CheckOptions {
	file: string;
	isJson: boolean;
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
	});
	const [file, ...more] = positionals;
	if (file === undefined || more.length > 0) throw new ConfigError("name one .wasm file");
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
	};
}

function exitCode({ play, sync, amnesia, growth }: Check): number {
	if (play.fault) return EXIT.fails;
	return sync.failure || amnesia.failure || growth.growth ? EXIT.unsafe : EXIT.fine;
}

async function check(options: Options): Promise<number> {
	const found = checkGame(await loadGame(options.file), options, () => performance.now());
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
