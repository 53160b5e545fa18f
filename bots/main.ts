import { writeFile } from "node:fs/promises";
import { ConfigError } from "./config-error.ts";
import { LiveLine } from "./live-line.ts";
import { loadBehaviour } from "./load-behaviour.ts";
import { BOTS_HELP, readBotsOptions } from "./options.ts";
import { runBots } from "./run-bots.ts";
import { describe, isSuccess, summarise } from "./summary.ts";

async function run(args: string[]): Promise<void> {
	const options = readBotsOptions(args);
	const { url, game, count, seconds, seed, jsonFile, behaviourFile } = options;
	const behaviour = await loadBehaviour(game, behaviourFile);
	const how = behaviour === null ? "by the types of its inputs" : "by its behaviour";
	process.stdout.write(`${count} bots play ${game} ${how} on ${url}, seed ${seed}\n`);
	const line = new LiveLine(count, process.stdout);
	const summary = summarise(options, await runBots(options, (progress) => line.show(progress)));
	line.clear();
	const measured = summary.connected > 0 ? `${seconds} s measured` : "nobody could connect";
	process.stdout.write(`${measured}\n${describe(summary)}`);
	if (jsonFile !== null) await writeFile(jsonFile, `${JSON.stringify(summary, null, "\t")}\n`);
	if (!isSuccess(summary)) process.exitCode = 1;
}

/** `hotstep bots`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(BOTS_HELP);
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
