import { parseArgs } from "node:util";
import { MEASUREMENTS } from "./registry.ts";
import type { Measurement } from "./result.ts";

/** A command line that cannot be followed; the message says what to change. */
export class ConfigError extends Error {
	override readonly name = "ERR_CONFIG";
}

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
	let values: { only?: string | undefined; json?: string | undefined; write?: boolean | undefined };
	try {
		values = parseArgs({
			args,
			options: { only: { type: "string" }, json: { type: "string" }, write: { type: "boolean" } },
		}).values;
	} catch (thrown) {
		throw new ConfigError((thrown as Error).message);
	}
	return {
		measurements: values.only === undefined ? MEASUREMENTS : pick(values.only),
		jsonFile: values.json ?? null,
		write: values.write ?? false,
	};
}
