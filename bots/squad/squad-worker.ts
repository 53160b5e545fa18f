/** A thread that plays a squad: told what to do by messages, and answering with them. */
import { parentPort, workerData } from "node:worker_threads";
import type { Slice } from "../figures/series.ts";
import type { Totals } from "../figures/totals.ts";
import { loadBehaviour } from "../load-behaviour.ts";
import { Squad, type SquadOptions } from "./squad.ts";

export type SquadOrder =
	| { type: "scale"; count: number; joinsPerSecond: number }
	| { type: "measure"; seconds: number }
	| { type: "leave" };
export type SquadReport =
	| { type: "settled" }
	| { type: "second"; slice: Slice }
	| { type: "measured"; totals: Totals }
	| { type: "left" };

/** What a worker starts with: the behaviour is loaded in the thread itself. */
export interface SquadStart extends Omit<SquadOptions, "behaviour"> {
	behaviourFile: string | null;
	/** `Date.now()` at which second 0 begins. */
	startedAt: number;
}

const port = parentPort;
if (port) {
	const { behaviourFile, startedAt, ...options } = workerData as SquadStart;
	const behaviour = await loadBehaviour(options.game, behaviourFile);
	const squad = new Squad({ ...options, behaviour });
	const report = (message: SquadReport): void => port.postMessage(message);
	let second = 0;
	let timer: NodeJS.Timeout;
	// seconds end for all threads together, and a late one is not made up for
	const untilNextSecond = (): void => {
		second = Math.max(second, Math.floor((Date.now() - startedAt) / 1000));
		timer = setTimeout(
			() => {
				report({ type: "second", slice: squad.takeSecond(second) });
				second++;
				untilNextSecond();
			},
			startedAt + (second + 1) * 1000 - Date.now(),
		);
	};
	untilNextSecond();
	port.on("message", async (order: SquadOrder) => {
		if (order.type === "scale") {
			await squad.scaleTo(order.count, order.joinsPerSecond);
			report({ type: "settled" });
		} else if (order.type === "measure") {
			report({ type: "measured", totals: await squad.measure(order.seconds) });
		} else {
			await squad.leave();
			clearTimeout(timer);
			report({ type: "left" });
			port.close();
		}
	});
}
