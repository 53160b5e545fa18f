import { writeFile } from "node:fs/promises";
import { BENCH_HELP, ConfigError, readBenchOptions } from "./options.ts";
import type { Failure, Measurement, Result } from "./result.ts";
import { formatFailure, formatResult, HEADER } from "./table.ts";

/** A measurement's result, or what kept it from one: the others run all the same. */
async function attempt(measurement: Measurement): Promise<Result | Failure> {
	try {
		return await measurement.run();
	} catch (thrown) {
		return { id: measurement.id, failed: (thrown as Error).message };
	}
}

async function run(args: string[]): Promise<void> {
	const { measurements, jsonFile } = readBenchOptions(args);
	const results: (Result | Failure)[] = [];
	process.stdout.write(`${HEADER}\n`);
	for (const measurement of measurements) {
		const result = await attempt(measurement);
		results.push(result);
		const text = "failed" in result ? formatFailure(result) : formatResult(result);
		process.stdout.write(`${text}\n`);
	}
	if (results.some((result) => "failed" in result)) process.exitCode = 1;
	if (jsonFile !== null) await writeFile(jsonFile, `${JSON.stringify(results, null, "\t")}\n`);
}

/** `npm run bench`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(BENCH_HELP);
		return;
	}
	try {
		await run(args);
	} catch (thrown) {
		if (!(thrown instanceof ConfigError)) throw thrown;
		process.stderr.write(`hotstep: ${thrown.name}: ${thrown.message}\n`);
		process.exitCode = 1;
	}
}

await main(process.argv.slice(2));
