import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import type { Behaviour } from "./behaviour.ts";
import { Bot } from "./bot.ts";
import { Tally, type TallyData } from "./tally.ts";

/** What a thread of bots is told at its start. */
export interface SquadOrder {
	readonly url: string;
	readonly game: string;
	readonly room: string | null;
	readonly first: number;
	readonly count: number;
	readonly seed: number;
	/** Joins per second of this squad. */
	readonly rate: number;
	/** Module with the game's `behaviour`, or null. */
	readonly behaviourUrl: string | null;
}

export type SquadRequest = "measure" | "stop";

export type SquadReport =
	| { readonly type: "joined" }
	| { readonly type: "progress"; readonly connected: number; readonly snapshots: number }
	| {
			readonly type: "done";
			readonly tally: TallyData;
			/** Snapshots of each bot that stayed. */
			readonly perBot: readonly number[];
			readonly loopDelayP99Ms: number;
	  };

const STEP_MS = 33;
const PROGRESS_MS = 500;

async function loadBehaviour(url: string | null): Promise<Behaviour | null> {
	if (url === null) return null;
	const loaded = (await import(url)) as { behaviour?: Behaviour };
	return loaded.behaviour ?? null;
}

async function main(order: SquadOrder): Promise<void> {
	const tally = new Tally();
	const delay = monitorEventLoopDelay({ resolution: 5 });
	const behaviour = await loadBehaviour(order.behaviourUrl);
	const bots = Array.from({ length: order.count }, (_, i) => {
		const { url, game, room, seed } = order;
		return new Bot({ url, game, room, number: order.first + i, seed, behaviour }, tally);
	});
	const report = (message: SquadReport): void => parentPort?.postMessage(message);
	// bots take turns within a step, so that their inputs do not all leave at once
	let turn = 0;
	const slices = 8;
	const stepper = setInterval(() => {
		const now = performance.now();
		for (let i = turn; i < bots.length; i += slices) bots[i]?.step(now);
		turn = (turn + 1) % slices;
	}, STEP_MS / slices);
	const progress = setInterval(() => {
		report({ type: "progress", connected: tally.connected, snapshots: tally.snapshots });
	}, PROGRESS_MS);
	parentPort?.on("message", (request: SquadRequest) => {
		if (request === "measure") {
			tally.isMeasuring = true;
			delay.enable();
			return;
		}
		tally.isMeasuring = false;
		delay.disable();
		clearInterval(stepper);
		clearInterval(progress);
		const perBot = bots.filter((bot) => bot.isConnected).map((bot) => bot.snapshots);
		for (const bot of bots) bot.leave();
		report({ type: "done", tally: tally.data, perBot, loopDelayP99Ms: delay.percentile(99) / 1e6 });
		setTimeout(() => process.exit(0), 200);
	});
	const joins: Promise<void>[] = [];
	for (const bot of bots) {
		joins.push(bot.connect());
		await new Promise((resolve) => setTimeout(resolve, 1000 / order.rate));
	}
	await Promise.all(joins);
	report({ type: "joined" });
}

await main(workerData as SquadOrder);
