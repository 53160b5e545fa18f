import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { BotsOptions } from "./options.ts";
import type { Progress } from "./squad.ts";
import type { SquadOrder, SquadReport, SquadStart } from "./squad-worker.ts";
import { mergeTotals, type Totals } from "./totals.ts";

/** After the last join: clocks find the room's time, and rosters have gone out. */
const SETTLE_MS = 1_000;

/** One thread of bots, as seen from outside. */
class SquadThread {
	private readonly worker: Worker;
	progress: Progress = { connected: 0, snapshots: 0, disconnects: 0, failed: 0 };
	readonly settled: Promise<unknown>;

	constructor(start: SquadStart) {
		this.worker = new Worker(new URL("./squad-worker.js", import.meta.url), { workerData: start });
		this.worker.on("message", (report: SquadReport) => {
			if (report.type === "progress") this.progress = report;
		});
		this.settled = this.next("settled");
	}

	/** The next report of a type; rejects when the thread fails. */
	private next<T extends SquadReport["type"]>(type: T): Promise<SquadReport & { type: T }> {
		return new Promise((resolve, reject) => {
			this.worker.once("error", reject);
			const take = (report: SquadReport): void => {
				if (report.type !== type) return;
				this.worker.off("message", take);
				this.worker.off("error", reject);
				resolve(report as SquadReport & { type: T });
			};
			this.worker.on("message", take);
		});
	}

	async measure(seconds: number): Promise<Totals> {
		const measured = this.next("measured");
		this.worker.postMessage({ type: "measure", seconds } satisfies SquadOrder);
		return (await measured).totals;
	}

	async leave(): Promise<void> {
		const left = this.next("left");
		this.worker.postMessage({ type: "leave" } satisfies SquadOrder);
		await left;
	}
}

/** What all threads measured, and the processor time that this process took for it. */
export interface Run {
	totals: Totals;
	/** Of one core: 1.5 is one and a half cores busy. */
	toolCpu: number;
}

function addProgress(threads: readonly SquadThread[]): Progress {
	const sum = (pick: (p: Progress) => number): number =>
		threads.reduce((n, { progress }) => n + pick(progress), 0);
	return {
		connected: sum((p) => p.connected),
		snapshots: sum((p) => p.snapshots),
		disconnects: sum((p) => p.disconnects),
		failed: sum((p) => p.failed),
	};
}

/** Lets the bots join, measures, and lets them go; `watch` hears of it once a second. */
export async function runBots(
	options: BotsOptions,
	watch: (progress: Progress) => void,
): Promise<Run> {
	const { url, game, room, count, seed, rate, workers, behaviourFile, seconds } = options;
	const threads = Array.from(
		{ length: workers },
		(_, first) =>
			new SquadThread({ url, game, room, count, seed, rate, behaviourFile, first, every: workers }),
	);
	const watching = setInterval(() => watch(addProgress(threads)), 1000);
	try {
		await Promise.all(threads.map((thread) => thread.settled));
		const anybody = addProgress(threads).connected > 0;
		if (!anybody) watch(addProgress(threads));
		else await sleep(SETTLE_MS);
		const startMs = performance.now();
		const cpu = process.cpuUsage();
		// nobody there: what is to say is known, and needs no waiting
		const parts = await Promise.all(threads.map((t) => t.measure(anybody ? seconds : 0)));
		const { user, system } = process.cpuUsage(cpu);
		const toolCpu = !anybody ? 0 : (user + system) / 1000 / (performance.now() - startMs);
		await Promise.all(threads.map((thread) => thread.leave()));
		return { totals: mergeTotals(parts), toolCpu };
	} finally {
		clearInterval(watching);
	}
}
