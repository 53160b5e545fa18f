import { between, latenessWithin } from "../lateness.ts";
import { hotstep } from "../load/contender.ts";
import { benchGame } from "../load/game-file.ts";
import { type LoadRun, runLoad } from "../load/run-load.ts";
import { spreadOf } from "../measure.ts";
import { check, judge, type Measurement, type Peer } from "../result.ts";
import { pick, runRoomsOfTen } from "./fanout.ts";

/** A load that leaves half of a core free, for comparison. */
const HALF = { rooms: 100, clients: 10, rateHz: 20 };
const TIMES = { warmMs: 2_000, windowMs: 4_000 };

function p99Of({ before, after }: LoadRun): number {
	const counts = between(before.ticks?.lateness ?? [], after.ticks?.lateness ?? []);
	return latenessWithin(counts, 0.99, after.ticks?.latenessMaxMs ?? 0);
}

function droppedIn({ before, after }: LoadRun): number {
	return (after.ticks?.droppedTicks ?? 0) - (before.ticks?.droppedTicks ?? 0);
}

function outside(name: string, runs: readonly LoadRun[]): Peer[] {
	const gap = (share: number) => pick(runs, (r) => r.gaps.percentileMs(share));
	return [
		{ name: `${name}: snapshot gap p50`, value: gap(0.5), unit: "ms" },
		{ name: `${name}: snapshot gap p99`, value: gap(0.99), unit: "ms" },
		{ name: `${name}: longest gap`, value: Math.max(...runs.map((r) => r.gaps.maxMs)), unit: "ms" },
	];
}

export const tickLateness: Measurement = {
	id: "tick-lateness",
	about:
		"highest p99 lateness of ticks, 300 rooms of 10 clients, and snapshot gaps as clients see them",
	async run() {
		const own = await runRoomsOfTen();
		const half = [await runLoad(hotstep("crowd", await benchGame("crowd")), HALF, TIMES)];
		const late = own.map(p99Of);
		const dropped = own.reduce((sum, run) => sum + droppedIn(run), 0);
		return judge({
			id: this.id,
			value: pick(own, p99Of),
			unit: "ms",
			spread: spreadOf(late),
			goal: 2,
			checks: [check("ticks dropped", dropped, "", 0)],
			peers: [
				...outside("300 rooms", own),
				{ name: "100 rooms: lateness p99 at most", value: pick(half, p99Of), unit: "ms" },
				{ name: "100 rooms: ticks dropped", value: pick(half, droppedIn), unit: "" },
				...outside("100 rooms", half),
			],
		});
	},
};
