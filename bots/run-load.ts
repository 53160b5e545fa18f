import { setTimeout as sleep } from "node:timers/promises";
import { Crew } from "./crew.ts";
import type { Series } from "./figures/series.ts";
import { type Summary, summarise } from "./figures/summary.ts";
import type { LoadOptions } from "./options.ts";

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
export type Watch = (series: Series, phase: string, phaseSeconds: number) => void;

/** Lets bots join, measures, and lets them go. */
export async function runLoad(options: LoadOptions, watch: Watch = () => {}): Promise<LoadRun> {
	const phases: Phase[] = [];
	let phase = "joining";
	let from = 0;
	const crew = new Crew(options, () => watch(crew.series, phase, crew.now - from));
	const enter = (next: string): void => {
		phases.push({ name: phase, from, to: crew.now });
		phase = next;
		from = crew.now;
	};
	try {
		await crew.scaleTo(options.clients, options.joinsPerSecond);
		enter("warming up");
		// nobody there: what is to say is known, and needs no waiting
		const first = await crew.measure(0);
		const anybody = first.totals.connected > 0;
		if (anybody) await sleep(options.warmUpMs);
		enter("measuring");
		const figures = anybody ? await crew.measure(options.durationMs / 1000) : first;
		enter("leaving");
		await crew.leave();
		return { summary: summarise(options, figures), series: crew.series, phases };
	} finally {
		await crew.kill();
	}
}
