import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { sayError } from "./say-error.ts";

/** Exit code of a command that could not do what it was asked. */
const EXIT_REFUSED = 1;

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** Reads flags, and words that belong to none. @throws ConfigError */
export function parseFlags<const F extends Flags>(
	args: readonly string[],
	options: F,
	{ hasWords = true } = {},
): ReturnType<typeof parseArgs<{ args: string[]; options: F; allowPositionals: boolean }>> {
	try {
		return parseArgs({ args: [...args], options, allowPositionals: hasWords });
	} catch (thrown) {
		throw new ConfigError((thrown as Error).message);
	}
}

/** As `{ "error", "detail", "exit" }` on standard output, for a command that was told `--json`. */
export function refuseInJson({ error, detail }: Refusal): void {
	process.stdout.write(`${JSON.stringify({ error, detail, exit: EXIT_REFUSED })}\n`);
}

interface Command {
	readonly help: string;
	/**
	 * Does what the command is for. Returns the exit code, nothing for 0 or for a code that is set already,
	 * or why it cannot.
	 */
	run(): Promise<number | Refusal | undefined> | number | Refusal | undefined;
	/** Hears why it cannot, before the line that says so. */
	refused?: ((why: Refusal) => void) | undefined;
}

/** What the language throws at a bug: there the stack says more than a line. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

function isBug(thrown: unknown): boolean {
	return !(thrown instanceof Error) || BUGS.some((bug) => thrown instanceof bug);
}

/**
 * Runs one command of `hotstep`, or says what its flags are. What it cannot do becomes one line on standard error,
 * `hotstep: ERR_…: …`, and the exit code 1; anything else that it throws is a bug and goes on.
 */
export async function runCommand(
	args: readonly string[],
	{ help, run, refused }: Command,
): Promise<void> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(help);
		return;
	}
	let outcome: number | Refusal | undefined;
	try {
		outcome = await run();
	} catch (thrown) {
		if (isBug(thrown)) throw thrown;
		const { name, message } = thrown as Error;
		refused?.({ error: name as Refusal["error"], detail: message });
		process.stderr.write(sayError(thrown));
		process.exitCode = EXIT_REFUSED;
		return;
	}
	if (outcome === undefined) return;
	if (typeof outcome === "number") {
		process.exitCode = outcome;
		return;
	}
	refused?.(outcome);
	process.stderr.write(`hotstep: ${outcome.error}: ${outcome.detail}\n`);
	process.exitCode = EXIT_REFUSED;
}
