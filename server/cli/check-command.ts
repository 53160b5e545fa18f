import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Refusal } from "../../protocol/refusal.ts";
import { type Check, type CheckOptions, checkGame } from "../check/check-game.ts";
import { showCheck } from "../check/check-report.ts";
import { loadGame, ModuleError } from "../module/game-module.ts";
import { toJson } from "../replay/replay-report.ts";

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

const EXIT = { fine: 0, refused: 1, unsafe: 2, fails: 3 } as const;
/** Ten minutes at 60 Hz: what is kept of each tick fits in a few megabytes. */
const MOST_TICKS = 36_000;

function readNumber(text: string | undefined, otherwise: number, most: number): number {
	if (text === undefined) return otherwise;
	const value = Number(text);
	if (/^\d{1,10}$/.test(text) && value <= most) return value;
	throw new Error(`"${text}" is no whole number from 0 to ${most}`);
}

function readOptions(args: string[]): Options | Refusal {
	try {
		const { values, positionals } = parseArgs({
			args,
			allowPositionals: true,
			options: {
				seed: { type: "string" },
				ticks: { type: "string" },
				players: { type: "string" },
				json: { type: "boolean" },
			},
		});
		const [file, ...more] = positionals;
		if (file === undefined || more.length > 0) throw new Error("name one .wasm file");
		return {
			file,
			seed: readNumber(values.seed, randomBytes(4).readUInt32LE(), 0xffff_ffff),
			ticks: readNumber(values.ticks, 600, MOST_TICKS),
			players: readNumber(values.players, 16, 1024),
			isJson: values.json ?? false,
		};
	} catch (thrown) {
		return { error: "ERR_CONFIG", detail: (thrown as Error).message };
	}
}

function exitCode({ play, sync, amnesia, growth }: Check): number {
	if (play.fault) return EXIT.fails;
	return sync.failure || amnesia.failure || growth.growth ? EXIT.unsafe : EXIT.fine;
}

async function check(options: Options): Promise<Check | Refusal> {
	try {
		const game = await loadGame(options.file);
		return checkGame(game, options, () => performance.now());
	} catch (thrown) {
		if (thrown instanceof ModuleError) return { error: thrown.name, detail: thrown.message };
		throw thrown;
	}
}

/** `hotstep check`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(HELP);
		return;
	}
	const options = readOptions(args);
	const outcome = "error" in options ? options : await check(options);
	const isJson = args.includes("--json");
	if ("error" in outcome) {
		const { error, detail } = outcome;
		if (isJson) process.stdout.write(toJson({ error, detail, exit: EXIT.refused }));
		process.stderr.write(`hotstep: ${error}: ${detail}\n`);
		process.exitCode = EXIT.refused;
		return;
	}
	const exit = exitCode(outcome);
	process.stdout.write(isJson ? toJson({ ...outcome, exit }) : showCheck(outcome));
	process.exitCode = exit;
}
