import { Worker } from "node:worker_threads";
import { ConfigError } from "../../server/config-error.ts";
import type { Slice } from "../metrics/series.ts";
import type { Totals } from "../metrics/totals.ts";
import type { WorkerOrder, WorkerReport, WorkerStart } from "./worker-entry.ts";

/** One thread of bots, as seen from outside. */
export class WorkerThread {
	private readonly worker: Worker;
	/** Rejects when the thread ends without being told to, mostly by its behaviour's doing. */
	private readonly failed: Promise<never>;

	constructor(start: WorkerStart, onSecond: (slice: Slice) => void) {
		this.worker = new Worker(new URL("./worker-entry.js", import.meta.url), { workerData: start });
		this.worker.on("message", (report: WorkerReport) => {
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

	private order(order: WorkerOrder): void {
		this.worker.postMessage(order);
	}

	/** The next report of a type; rejects when the thread has failed or does so. */
	private next<T extends WorkerReport["type"]>(type: T): Promise<WorkerReport & { type: T }> {
		const reported = new Promise<WorkerReport & { type: T }>((resolve) => {
			const take = (report: WorkerReport): void => {
				if (report.type !== type) return;
				this.worker.off("message", take);
				resolve(report as WorkerReport & { type: T });
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
