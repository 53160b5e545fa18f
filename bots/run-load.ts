import { setTimeout as sleep } from "node:timers/promises";
import type { Series } from "./metrics/series.ts";
import { type Summary, summarise } from "./metrics/summary.ts";
import type { LoadOptions } from "./options.ts";
import { Workers } from "./workers.ts";

/** A part of a run on its time axis, seconds. */
export interface Phase {
	readonly name: string;
	readonly from: number;
	readonly to: number;
}

export interface LoadRun {
	readonly summary: Summary;
	readonly series: Series;
	readonly phases: readonly Phase[];
}

/** Hears once a second how far a run is. */
type Watch = (series: Series, phase: string, phaseSeconds: number) => void;

/** Lets bots join, measures, and lets them go. */
export async function runLoad(options: LoadOptions, watch: Watch = () => {}): Promise<LoadRun> {
	const phases: Phase[] = [];
	let phase = "joining";
	let from = 0;
	const workers = new Workers(options, () => watch(workers.series, phase, workers.now - from));
	const enter = (next: string): void => {
		phases.push({ name: phase, from, to: workers.now });
		phase = next;
		from = workers.now;
	};
	try {
		await workers.scaleTo(options.clients, options.joinsPerSecond);
		enter("warming up");
		// nobody there: what is to say is known, and needs no waiting
		const first = await workers.measure(0);
		const anybody = first.totals.connected > 0;
		if (anybody) await sleep(options.warmUpMs);
		enter("measuring");
		const measured = anybody ? await workers.measure(options.durationMs / 1000) : first;
		enter("leaving");
		await workers.leave();
		return { summary: summarise(options, measured), series: workers.series, phases };
	} finally {
		await workers.kill();
	}
}
