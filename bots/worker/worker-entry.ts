/** The thread of a worker: told what to do by messages, and answering with them. */
import { parentPort, workerData } from "node:worker_threads";
import { loadBehaviour } from "../load-behaviour.ts";
import type { Slice } from "../metrics/series.ts";
import type { Totals } from "../metrics/totals.ts";
import { BotWorker, type WorkerOptions } from "./bot-worker.ts";

export type WorkerOrder =
	| { type: "scale"; count: number; joinsPerSecond: number }
	| { type: "measure"; seconds: number }
	| { type: "leave" };
export type WorkerReport =
	| { type: "settled" }
	| { type: "second"; slice: Slice }
	| { type: "measured"; totals: Totals }
	| { type: "left" };

/** What a worker starts with: the behaviour is loaded in the thread itself. */
export interface WorkerStart extends Omit<WorkerOptions, "behaviour"> {
	behaviourFile: string | null;
	/** `Date.now()` at which second 0 begins. */
	startedAt: number;
}

const port = parentPort;
if (port) {
	const { behaviourFile, startedAt, ...options } = workerData as WorkerStart;
	const behaviour = await loadBehaviour(options.game, behaviourFile);
	const worker = new BotWorker({ ...options, behaviour });
	const report = (message: WorkerReport): void => port.postMessage(message);
	let second = 0;
	let timer: NodeJS.Timeout;
	// seconds end for all threads together, and a late one is not made up for
	const untilNextSecond = (): void => {
		second = Math.max(second, Math.floor((Date.now() - startedAt) / 1000));
		timer = setTimeout(
			() => {
				report({ type: "second", slice: worker.takeSecond(second) });
				second++;
				untilNextSecond();
			},
			startedAt + (second + 1) * 1000 - Date.now(),
		);
	};
	untilNextSecond();
	port.on("message", async (order: WorkerOrder) => {
		if (order.type === "scale") {
			await worker.scaleTo(order.count, order.joinsPerSecond);
			report({ type: "settled" });
		} else if (order.type === "measure") {
			report({ type: "measured", totals: await worker.measure(order.seconds) });
		} else {
			await worker.leave();
			clearTimeout(timer);
			report({ type: "left" });
			port.close();
		}
	});
}
