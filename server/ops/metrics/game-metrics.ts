import type { Fault } from "../../../protocol/abi/simulation.ts";
import type { FaultOutcome } from "../../room/fault-report.ts";
import { LATENESS_BUCKETS_MS, type RoomCounters } from "../../room/room-counters.ts";
import { Histogram } from "./histogram.ts";

/** Seconds: from a small game's tick to several ticks lost. */
const TICK_BOUNDS = [
	0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064,
	0.128, 0.512,
];
const LATENESS_BOUNDS = LATENESS_BUCKETS_MS.map((ms) => ms / 1000);
/** Shares of what a tick may use. */
const FUEL_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

export const FAULT_KINDS: readonly Fault["kind"][] = ["trap", "fuel", "status", "outbox"];
export const FAULT_OUTCOMES: readonly FaultOutcome["kind"][] = [
	"retried",
	"postponed",
	"rolledBack",
	"shown",
	"paused",
	"closed",
];

/** The plain counts of a room that are summed up for its game. */
export const COUNTED = [
	"ticks",
	"abortedTicks",
	"droppedTicks",
	"droppedMs",
	"snapshots",
	"skippedSnapshots",
	"inputsLate",
	"inputsRepeated",
	"inputsDropped",
	"swaps",
	"rollbacks",
	"logLinesDropped",
] as const satisfies readonly (keyof RoomCounters)[];

export type Counted = (typeof COUNTED)[number];

/** The counts of all rooms of one build of a game, closed ones included. */
export class GameMetrics {
	readonly game: string;
	readonly version: string;
	/** The first digits of the module's hash: two builds may call themselves the same version. */
	readonly build: string;
	readonly counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<Counted, number>;
	readonly sentBytes = new Map<string, number>();
	/** By kind and outcome, joined with a space. */
	readonly faults = new Map<string, number>();
	readonly tickSeconds = new Histogram(TICK_BOUNDS);
	readonly encodeSeconds = new Histogram(TICK_BOUNDS);
	readonly latenessSeconds = new Histogram(LATENESS_BOUNDS);
	readonly fuelRatio = new Histogram(FUEL_BOUNDS);
	fuel = 0;
	journalBytes = 0;
	journalsStopped = 0;

	constructor(game: string, version: string, build: string) {
		this.game = game;
		this.version = version;
		this.build = build;
		// a series that starts at 1 shows no increase: all start at 0
		for (const kind of FAULT_KINDS) {
			for (const outcome of FAULT_OUTCOMES) this.faults.set(`${kind} ${outcome}`, 0);
		}
	}
}

export function addTo(map: Map<string, number>, key: string, by: number): void {
	map.set(key, (map.get(key) ?? 0) + by);
}
