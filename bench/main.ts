import { writeFile } from "node:fs/promises";
import { BENCH_HELP, ConfigError, readBenchOptions } from "./options.ts";
import type { Result } from "./result.ts";
import { formatResult, HEADER } from "./table.ts";

async function run(args: string[]): Promise<void> {
	const { measurements, jsonFile } = readBenchOptions(args);
	const results: Result[] = [];
	process.stdout.write(`${HEADER}\n`);
	for (const measurement of measurements) {
		const result = await measurement.run();
		results.push(result);
		process.stdout.write(`${formatResult(result)}\n`);
	}
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
