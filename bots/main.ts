import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../server/cli/run-command.ts";
import { ConfigError } from "../server/config-error.ts";
import { findCapacity } from "./capacity/find-capacity.ts";
import { describe, describeVerdicts, inColumns } from "./console/describe.ts";
import { LiveView } from "./console/live-view.ts";
import { BOTS_HELP } from "./flags.ts";
import { loadBehaviour } from "./load-behaviour.ts";
import { seriesRows } from "./metrics/series-rows.ts";
import { isHealthy, withoutEmpty } from "./metrics/summary.ts";
import { judge } from "./metrics/thresholds.ts";
import { type BotsOptions, readBotsOptions } from "./options.ts";
import { writeReport } from "./report/html-report.ts";
import { runLoad } from "./run-load.ts";
import { checkAdmin } from "./server/open-room.ts";

/** As k6 does: a threshold was crossed, apart from what could not be run at all. */
const EXIT_THRESHOLD = 99;

/** A run takes minutes: that what it finds has no place to go is to be said before it. @throws ConfigError */
async function checkPlace(flag: string, file: string | null): Promise<void> {
	if (file === null || file === "-") return;
	await access(path.dirname(path.resolve(file)), constants.W_OK).catch(({ message }: Error) => {
		throw new ConfigError(`--${flag} cannot be written: ${message}`);
	});
	const isFolder = (await stat(file).catch(() => null))?.isDirectory();
	if (isFolder) throw new ConfigError(`--${flag} must be a file, and ${file} is a folder`);
}

async function writeJson(file: string | null, metrics: unknown): Promise<void> {
	if (file === null) return;
	const text = `${JSON.stringify(metrics, withoutEmpty, "\t")}\n`;
	if (file === "-") process.stdout.write(text);
	else await writeFile(file, text);
}

/** The exit code. */
async function runOnce(options: BotsOptions, out: NodeJS.WriteStream): Promise<number> {
	const { durationMs, jsonFile, htmlFile, failOn } = options;
	const live = new LiveView(options.clients, out);
	const run = await runLoad(options, (series, phase, seconds) => {
		live.show(series, phase, seconds, phase === "measuring" ? durationMs / 1000 : null);
	});
	live.clear();
	const { summary } = run;
	const verdicts = judge(failOn, summary);
	const anybody = summary.connected > 0;
	out.write(`${anybody ? `${durationMs / 1000} s measured` : "nobody could connect"}\n`);
	out.write(inColumns([...describe(summary), ...describeVerdicts(verdicts)]));
	await writeJson(jsonFile, { ...summary, thresholds: verdicts, series: seriesRows(run.series) });
	if (htmlFile !== null) await writeReport(htmlFile, { ...run, verdicts, capacity: null });
	if (!anybody) return 1;
	const isFine = isHealthy(summary) && !verdicts.some(({ failed }) => failed);
	return isFine ? 0 : EXIT_THRESHOLD;
}

async function search(options: BotsOptions, out: NodeJS.WriteStream): Promise<number> {
	const found = await findCapacity(options, (line) => out.write(`${line}\n`));
	const { capacity, summary, series } = found;
	const { machine, modules, server } = summary;
	const about = { machine, modules, serverVersion: server.version };
	await writeJson(options.jsonFile, { ...capacity, ...about, series: seriesRows(series) });
	if (options.htmlFile !== null) await writeReport(options.htmlFile, found);
	return capacity.clients === 0 ? EXIT_THRESHOLD : 0;
}

async function run(args: string[]): Promise<number> {
	const options = readBotsOptions(args, process.env);
	const { url, game, clients, rooms, seed, jsonFile, behaviourFile } = options;
	await checkPlace("json", jsonFile);
	await checkPlace("html", options.htmlFile);
	const behaviour = await loadBehaviour(game, behaviourFile);
	if (rooms !== null) await checkAdmin(options);
	// metrics that go to stdout are alone there
	const out = jsonFile === "-" ? process.stderr : process.stdout;
	const how = behaviour === null ? "by the types of its inputs" : "by its behaviour";
	const many = options.findCapacity === null ? `${clients} bots` : `Up to ${clients} bots`;
	out.write(`${many} play ${game} ${how} on ${url}, seed ${seed}\n`);
	return options.findCapacity === null ? runOnce(options, out) : search(options, out);
}

/** `hotstep bots`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: BOTS_HELP, run: () => run(args) });
}
