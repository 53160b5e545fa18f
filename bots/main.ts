import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { BOTS_HELP, type BotsOptions, BotsOptionsError, readBotsOptions } from "./options.ts";
import type { SquadOrder, SquadReport } from "./squad-worker.ts";
import { formatSummary, type Measured, type Summary, summarise } from "./summary.ts";
import { Tally } from "./tally.ts";

/** The game's own bots, beside its schema, if it has any. */
function behaviourUrl({ behaviour, game }: BotsOptions): string | null {
	if (behaviour !== null) {
		if (!existsSync(behaviour)) throw new BotsOptionsError(`there is no file "${behaviour}"`);
		return pathToFileURL(path.resolve(behaviour)).href;
	}
	if (!/^[a-z][a-z0-9-]*$/.test(game)) return null;
	const own = new URL(`../game-logic/${game}/bots.js`, import.meta.url);
	return existsSync(own) ? own.href : null;
}

interface Squad {
	worker: Worker;
	count: number;
	connected: number;
	snapshots: number;
}

function waitFor<T extends SquadReport["type"]>(
	{ worker }: Squad,
	type: T,
): Promise<Extract<SquadReport, { type: T }>> {
	return new Promise((resolve, reject) => {
		worker.once("error", reject);
		worker.on("message", (report: SquadReport) => {
			if (report.type === type) resolve(report as Extract<SquadReport, { type: T }>);
		});
	});
}

function startSquads(options: BotsOptions): Squad[] {
	const behaviour = behaviourUrl(options);
	const squads: Squad[] = [];
	let first = 0;
	for (let i = 0; i < options.workers; i++) {
		const left = options.count - first;
		const count = Math.ceil(left / (options.workers - i));
		if (count === 0) break;
		const { url, game, room, seed } = options;
		const rate = options.rate / options.workers;
		const order: SquadOrder = {
			url,
			game,
			room,
			first,
			count,
			seed,
			rate,
			behaviourUrl: behaviour,
		};
		const worker = new Worker(new URL("./squad-worker.js", import.meta.url), { workerData: order });
		squads.push({ worker, count, connected: 0, snapshots: 0 });
		first += count;
	}
	return squads;
}

/** A line that stays in place on a terminal, and a line now and then elsewhere. */
function liveLine(): (text: string, isLast?: boolean) => void {
	let shown = 0;
	return (text, isLast = false) => {
		if (process.stdout.isTTY) process.stdout.write(`\r${text.padEnd(78)}${isLast ? "\n" : ""}`);
		else if (isLast || shown++ % 10 === 0) process.stdout.write(`${text}\n`);
	};
}

/** Runs the bots and gives the figures. */
export async function runBots(options: BotsOptions): Promise<Summary> {
	const say = liveLine();
	const squads = startSquads(options);
	let measureFrom = 0;
	for (const squad of squads) {
		squad.worker.on("message", (report: SquadReport) => {
			if (report.type !== "progress") return;
			squad.connected = report.connected;
			squad.snapshots = report.snapshots;
			const sum = (key: "connected" | "snapshots") => squads.reduce((n, s) => n + s[key], 0);
			const seconds = measureFrom > 0 ? (performance.now() - measureFrom) / 1000 : 0;
			const rate =
				seconds > 0 ? (sum("snapshots") / Math.max(1, sum("connected")) / seconds).toFixed(1) : "–";
			say(
				`${sum("connected")} of ${options.count} connected, ${seconds.toFixed(0)} s, ${rate} snapshots/s each`,
			);
		});
	}
	await Promise.all(squads.map((squad) => waitFor(squad, "joined")));
	measureFrom = performance.now();
	const cpuFrom = process.cpuUsage();
	for (const { worker } of squads) worker.postMessage("measure");
	await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
	const done = squads.map((squad) => waitFor(squad, "done"));
	const seconds = (performance.now() - measureFrom) / 1000;
	const cpu = process.cpuUsage(cpuFrom);
	for (const { worker } of squads) worker.postMessage("stop");
	const measured: Measured = {
		tally: new Tally(),
		perBot: [],
		seconds,
		toolCpu: (cpu.user + cpu.system) / 1e6 / seconds,
		toolDelayP99Ms: 0,
	};
	for (const { tally, perBot, loopDelayP99Ms } of await Promise.all(done)) {
		measured.tally.add(tally);
		measured.perBot = [...measured.perBot, ...perBot];
		measured.toolDelayP99Ms = Math.max(measured.toolDelayP99Ms, loopDelayP99Ms);
	}
	const summary = summarise(options, measured);
	say(`${summary.connected} of ${options.count} connected, ${seconds.toFixed(0)} s`, true);
	return summary;
}

/** `hotstep bots`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(BOTS_HELP);
		return;
	}
	try {
		const options = readBotsOptions(args);
		const summary = await runBots(options);
		process.stdout.write(formatSummary(summary));
		if (options.json !== null)
			await writeFile(options.json, `${JSON.stringify(summary, null, 2)}\n`);
		const { connected, clients, disconnects, decodeErrors } = summary;
		if (connected < clients || disconnects > 0 || decodeErrors > 0) process.exitCode = 1;
	} catch (thrown) {
		process.stderr.write(`hotstep: ${(thrown as Error).name}: ${(thrown as Error).message}\n`);
		process.exitCode = 1;
	}
}
