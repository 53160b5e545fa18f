import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../server/cli/run-command.ts";
import { barChart } from "./bar-chart.ts";
import { withEngineFigures } from "./engines-table.ts";
import {
	appendHistory,
	commitOf,
	describeMachine,
	type HistoryLine,
	readHistory,
} from "./history.ts";
import { BENCH_HELP, readBenchOptions } from "./options.ts";
import { benchPage } from "./page.ts";
import { MEASUREMENTS } from "./registry.ts";
import type { Failure, Measurement, Result } from "./result.ts";
import { ROOT } from "./root.ts";
import { formatFailure, formatResult, HEADER } from "./table.ts";

/** A measurement's result, or what kept it from one: the others run all the same. */
async function attempt(measurement: Measurement): Promise<Result | Failure> {
	try {
		return await measurement.run();
	} catch (thrown) {
		return { id: measurement.id, failed: (thrown as Error).message };
	}
}

/** Adds a run to the history, and writes the pages of the newest figures. */
async function writeDown(results: readonly (Result | Failure)[]): Promise<void> {
	const file = path.join(ROOT, "bench/history.jsonl");
	const run: HistoryLine = {
		time: new Date().toISOString(),
		commit: commitOf(ROOT),
		machine: describeMachine(),
		results,
	};
	await appendHistory(file, run);
	const { markdown, charts } = benchPage(await readHistory(file), MEASUREMENTS);
	const docs = path.join(ROOT, "docs");
	await rm(path.join(docs, "benchmarks"), { recursive: true, force: true });
	await mkdir(path.join(docs, "benchmarks"), { recursive: true });
	for (const [id, groups] of charts) {
		await writeFile(path.join(docs, "benchmarks", `${id}.svg`), barChart(id, groups));
	}
	await writeFile(path.join(docs, "benchmarks.md"), markdown);
	const engines = results.find(({ id }) => id === "engines");
	if (!engines || "failed" in engines) return;
	const page = path.join(docs, "engines.md");
	await writeFile(page, withEngineFigures(await readFile(page, "utf8"), engines, run));
}

async function run(args: string[]): Promise<number> {
	const { measurements, jsonFile, write } = readBenchOptions(args);
	const results: (Result | Failure)[] = [];
	process.stdout.write(`${HEADER}\n`);
	for (const measurement of measurements) {
		const result = await attempt(measurement);
		results.push(result);
		const text = "failed" in result ? formatFailure(result) : formatResult(result);
		process.stdout.write(`${text}\n`);
	}
	if (write) await writeDown(results);
	if (jsonFile !== null) await writeFile(jsonFile, `${JSON.stringify(results, null, "\t")}\n`);
	return results.some((result) => "failed" in result) ? 1 : 0;
}

// `npm run bench`
const args = process.argv.slice(2);
await runCommand(args, { help: BENCH_HELP, run: () => run(args) });
