import { Worker } from "node:worker_threads";
import { ConfigError } from "../config-error.ts";
import type { Slice } from "../figures/series.ts";
import type { Totals } from "../figures/totals.ts";
import type { SquadOrder, SquadReport, SquadStart } from "./squad-worker.ts";

/** One thread of bots, as seen from outside. */
export class SquadThread {
	private readonly worker: Worker;
	/** Rejects when the thread ends without being told to, mostly by its behaviour's doing. */
	private readonly failed: Promise<never>;

	constructor(start: SquadStart, onSecond: (slice: Slice) => void) {
		this.worker = new Worker(new URL("./squad-worker.js", import.meta.url), { workerData: start });
		this.worker.on("message", (report: SquadReport) => {
			if (report.type === "second") onSecond(report.slice);
		});
		this.failed = new Promise((_, reject) => {
			const fail = (why: string): void => reject(new ConfigError(`a thread of bots ended: ${why}`));
			this.worker.once("error", ({ stack, message }) => fail(stack ?? message));
			this.worker.once("exit", (code) => fail(`exit code ${code}`));
		});
		// it may fail while nobody waits for it; the next order tells
		this.failed.catch(() => {});
	}

	private order(order: SquadOrder): void {
		this.worker.postMessage(order);
	}

	/** The next report of a type; rejects when the thread has failed or does so. */
	private next<T extends SquadReport["type"]>(type: T): Promise<SquadReport & { type: T }> {
		const reported = new Promise<SquadReport & { type: T }>((resolve) => {
			const take = (report: SquadReport): void => {
				if (report.type !== type) return;
				this.worker.off("message", take);
				resolve(report as SquadReport & { type: T });
			};
			this.worker.on("message", take);
		});
		return Promise.race([this.failed, reported]);
	}

	async scaleTo(count: number, joinsPerSecond: number): Promise<void> {
		const settled = this.next("settled");
		this.order({ type: "scale", count, joinsPerSecond });
		await settled;
	}

	async measure(seconds: number): Promise<Totals> {
		const measured = this.next("measured");
		this.order({ type: "measure", seconds });
		return (await measured).totals;
	}

	async leave(): Promise<void> {
		const left = this.next("left");
		this.order({ type: "leave" });
		await left;
	}

	async kill(): Promise<void> {
		await this.worker.terminate();
	}
}
