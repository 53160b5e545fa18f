import { parseFlags } from "../server/cli/run-command.ts";
import { ConfigError } from "../server/config-error.ts";
import { MEASUREMENTS } from "./registry.ts";
import type { Measurement } from "./result.ts";

interface BenchOptions {
	measurements: readonly Measurement[];
	jsonFile: string | null;
	/** Add the run to bench/history.jsonl and write docs/benchmarks.md anew. */
	write: boolean;
}

export const BENCH_HELP = `npm run bench -- [options]

  Measures this build beside other ways to do the same work.

  --only ID,ID   run only these
  --json FILE    write the results to this file
  --write        add the run to bench/history.jsonl and regenerate docs/benchmarks.md

${MEASUREMENTS.map(({ id, about }) => `  ${id.padEnd(16)}${about}`).join("\n")}
`;

function pick(text: string): readonly Measurement[] {
	return text.split(",").map((id) => {
		const found = MEASUREMENTS.find((m) => m.id === id);
		if (!found) {
			const known = MEASUREMENTS.map((m) => m.id).join(", ");
			throw new ConfigError(`there is no measurement "${id}", only ${known}`);
		}
		return found;
	});
}

/** Reads the arguments of `npm run bench`. @throws ConfigError */
export function readBenchOptions(args: string[]): BenchOptions {
	const { values } = parseFlags(
		args,
		{ only: { type: "string" }, json: { type: "string" }, write: { type: "boolean" } },
		{ hasWords: false },
	);
	return {
		measurements: values.only === undefined ? MEASUREMENTS : pick(values.only),
		jsonFile: values.json ?? null,
		write: values.write ?? false,
	};
}
