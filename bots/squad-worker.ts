/** A thread that plays a squad: told what to do by messages, and answering with them. */
import { parentPort, workerData } from "node:worker_threads";
import { loadBehaviour } from "./load-behaviour.ts";
import { type Progress, Squad, type SquadOptions } from "./squad.ts";
import type { Totals } from "./totals.ts";

export type SquadOrder = { type: "measure"; seconds: number } | { type: "leave" };
export type SquadReport =
	| { type: "settled" }
	| ({ type: "progress" } & Progress)
	| { type: "measured"; totals: Totals }
	| { type: "left" };

/** What a worker starts with: the behaviour is loaded in the thread itself. */
export type SquadStart = Omit<SquadOptions, "behaviour"> & { behaviourFile: string | null };

const PROGRESS_MS = 1_000;

const port = parentPort;
if (port) {
	const { behaviourFile, ...options } = workerData as SquadStart;
	const squad = new Squad({
		...options,
		behaviour: await loadBehaviour(options.game, behaviourFile),
	});
	const report = (message: SquadReport): void => port.postMessage(message);
	const progress = setInterval(() => report({ type: "progress", ...squad.progress }), PROGRESS_MS);
	port.on("message", async (order: SquadOrder) => {
		if (order.type === "measure") {
			report({ type: "measured", totals: await squad.measure(order.seconds) });
			return;
		}
		await squad.leave();
		clearInterval(progress);
		report({ type: "left" });
		port.close();
	});
	await squad.connect();
	report({ type: "progress", ...squad.progress });
	report({ type: "settled" });
}
