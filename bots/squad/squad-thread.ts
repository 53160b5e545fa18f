import { Worker } from "node:worker_threads";
import type { Slice } from "../figures/series.ts";
import type { Totals } from "../figures/totals.ts";
import type { SquadOrder, SquadReport, SquadStart } from "./squad-worker.ts";

/** One thread of bots, as seen from outside. */
export class SquadThread {
	private readonly worker: Worker;

	constructor(start: SquadStart, onSecond: (slice: Slice) => void) {
		this.worker = new Worker(new URL("./squad-worker.js", import.meta.url), { workerData: start });
		this.worker.on("message", (report: SquadReport) => {
			if (report.type === "second") onSecond(report.slice);
		});
	}

	private order(order: SquadOrder): void {
		this.worker.postMessage(order);
	}

	/** The next report of a type; rejects when the thread fails. */
	private next<T extends SquadReport["type"]>(type: T): Promise<SquadReport & { type: T }> {
		return new Promise((resolve, reject) => {
			const stop = (): void => {
				this.worker.off("message", take);
				this.worker.off("error", fail);
			};
			const fail = (error: Error): void => {
				stop();
				reject(error);
			};
			const take = (report: SquadReport): void => {
				if (report.type !== type) return;
				stop();
				resolve(report as SquadReport & { type: T });
			};
			this.worker.on("error", fail);
			this.worker.on("message", take);
		});
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
