// A process full of sinks: opens its connections, keeps them talking, and reports on a window of time.
import { setTimeout as pause } from "node:timers/promises";
import type { HistogramData } from "../../bots/metrics/histogram.ts";
import { Sink, type SinkTarget } from "./sink.ts";
import { SinkTally } from "./sink-tally.ts";
import { WholeClient } from "./whole-client.ts";

export interface SinkOptions extends SinkTarget {
	connections: number;
	/** Number of the first one, for names. */
	first: number;
	/** One in so many is a whole client that decodes everything; 0 for none. */
	wholeEvery: number;
}

/** What sinks count, one process of them or all. */
export interface SinkCounts {
	connected: number;
	lost: number;
	/** Whole clients among the connected, and messages that one could not decode. */
	whole: number;
	decodeErrors: number;
	updates: number;
	updateBytes: number;
	wireBytes: number;
	windowMs: number;
	/** Updates per second of each client. */
	rates: number[];
}

export interface SinkReport extends SinkCounts {
	gaps: HistogramData;
	cpuMs: number;
}

/** Connections opened at once. */
const AT_ONCE = 40;
/** Every client says something this often; they take turns in this many groups. */
const SAY_EVERY_MS = 250;
const GROUPS = 25;

const options = JSON.parse(process.argv[2] ?? "{}") as SinkOptions;
const tally = new SinkTally();
const sinks: Sink[] = [];
const players: WholeClient[] = [];
let failed = "";

async function openAll(): Promise<void> {
	let next = 0;
	const opener = async (): Promise<void> => {
		while (next < options.connections && failed === "") {
			const index = options.first + next++;
			try {
				if (options.wholeEvery > 0 && index % options.wholeEvery === 0) {
					players.push(await WholeClient.open(options, index, tally));
				} else {
					const sink = new Sink(options, index, tally);
					await sink.open(options.port);
					sinks.push(sink);
				}
			} catch (thrown) {
				failed = (thrown as Error).message;
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, opener));
}

function talk(): void {
	let group = 0;
	setInterval(() => {
		for (let i = group; i < sinks.length; i += GROUPS) sinks[i].say();
		for (let i = group; i < players.length; i += GROUPS) players[i].play();
		group = (group + 1) % GROUPS;
	}, SAY_EVERY_MS / GROUPS);
}

async function observe(windowMs: number): Promise<SinkReport> {
	const startMs = performance.now();
	const { updates, updateBytes, wireBytes } = tally;
	const cpu = process.cpuUsage();
	for (const { arrivals } of sinks) arrivals.open(startMs, startMs + windowMs);
	await pause(windowMs);
	const counted = {
		windowMs: performance.now() - startMs,
		updates: tally.updates - updates,
		updateBytes: tally.updateBytes - updateBytes,
		wireBytes: tally.wireBytes - wireBytes,
	};
	const { user, system } = process.cpuUsage(cpu);
	// the rates' windows end with the next update
	await pause(600);
	for (const { arrivals } of sinks) arrivals.close(performance.now());
	return {
		...counted,
		connected: sinks.length + players.length,
		lost: tally.lost,
		whole: players.length,
		decodeErrors: players.reduce((sum, player) => sum + player.decodeErrors, 0),
		rates: sinks.map(({ arrivals }) => arrivals.rate),
		gaps: tally.gaps.data,
		cpuMs: (user + system) / 1000,
	};
}

process.on("message", async ({ windowMs }: { windowMs: number }) => {
	process.send?.({ report: await observe(windowMs) });
});
process.on("disconnect", () => process.exit());
// from the start: a client that acknowledges nothing while others still connect is soon dropped
talk();
await openAll();
process.send?.({ connected: sinks.length + players.length, failed });
