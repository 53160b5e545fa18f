import type { LoadOptions } from "../options.ts";
import type { ServerMetrics } from "../server/server-probe.ts";
import { Histogram, type HistogramData } from "./histogram.ts";
import { type Machine, thisMachine } from "./machine.ts";
import type { Totals } from "./totals.ts";
import { doubt } from "./trust.ts";

/** Percentiles in ms. */
export interface Spread {
	p50: number;
	p90: number;
	p95: number;
	p99: number;
	p999: number;
	max: number;
	/** How many were recorded. */
	count: number;
}

/** The metrics of a run: what `--json` writes. */
export interface Summary {
	clients: number;
	/** Clients that took a seat, and that still had one at the end. */
	connected: number;
	connectedAtEnd: number;
	/** Clients that were to come back after a break or as others, and could not until the end. */
	gone: number;
	refused: number;
	/** Lost without the bots' doing: storms, churn and slow readers are not in here. */
	disconnects: number;
	reconnects: number;
	decodeErrors: number;
	/** Share of all snapshots that a bot decoded in full. */
	decodedShare: number;
	/** Refused and lost connections, in all and by name. */
	errors: number;
	errorsByName: Record<string, number>;
	/** Length of the measuring window. */
	seconds: number;
	/** Of one client: mean, least and most. */
	snapshotsPerSecond: number;
	snapshotsPerSecondMin: number;
	snapshotsPerSecondMax: number;
	/** Mean snapshot rate as a share of the one that the server promised, and the least client's. */
	snapshotShare: number;
	snapshotShareMin: number;
	/** Of WebSocket messages, without their frame headers. */
	bytesPerSnapshot: number;
	bytesPerClientPerSecond: number;
	sentBytesPerClientPerSecond: number;
	/** Silence of a client's snapshots, from when each was due (docs/load-testing.md). */
	snapshotGapMs: Spread;
	/** From when the sending of an input was due to the first snapshot that includes it. */
	inputLatencyMs: Spread;
	/** From when a join was due to its first snapshot; the same after a broken connection. */
	joinMs: Spread;
	rejoinMs: Spread;
	churned: number;
	stormed: number;
	slowReaders: number;
	slowReaderPauses: number;
	slowReaderDrops: number;
	rooms: number;
	game: string;
	url: string;
	seed: number;
	/** Hashes of the rules that the rooms ran. */
	modules: string[];
	/** Where this tool ran; the server's version is `server.version`. */
	machine: Machine;
	sendRate: number;
	workers: number;
	/** Of the server itself, null where it does not tell. */
	server: ServerMetrics;
	/** Processor time of this tool, as a share of one core. */
	toolCpu: number;
	/** The busiest worker: share of the time it was busy, and how late its timers were (p99). */
	toolBusy: number;
	toolLoopDelayMs: number;
	/** Each worker. */
	toolWorkers: { bots: number; busy: number; cpu: number | null; lateP99Ms: number }[];
	/** False when this tool was too busy for its metrics to tell of the server. */
	trustworthy: boolean;
	trustReason: string | null;
}

/** What all workers measured in a window, and what was measured beside them. */
export interface WindowMetrics {
	totals: Totals;
	server: ServerMetrics;
	/** Processor time of this process, as a share of one core. */
	toolCpu: number;
	seconds: number;
}

function round(value: number, digits = 2): number {
	return Number(value.toFixed(digits));
}

export function spreadOf(data: HistogramData): Spread {
	const histogram = new Histogram();
	histogram.merge(data);
	const at = (share: number): number => round(histogram.percentileMs(share));
	return {
		p50: at(0.5),
		p90: at(0.9),
		p95: at(0.95),
		p99: at(0.99),
		p999: at(0.999),
		max: round(histogram.maxMs),
		count: histogram.total,
	};
}

function rateMetrics({ rates, presentMs, snapshotRate }: Totals) {
	const present = presentMs.reduce((a, b) => a + b, 0);
	const weighted = rates.reduce((sum, rate, i) => sum + rate * presentMs[i], 0);
	const mean = present > 0 ? weighted / present : 0;
	const least = rates.reduce((a, b) => Math.min(a, b), rates[0] ?? 0);
	const most = rates.reduce((a, b) => Math.max(a, b), 0);
	const promised = Math.max(1, snapshotRate);
	return {
		snapshotsPerSecond: round(mean, 3),
		snapshotsPerSecondMin: round(least, 3),
		snapshotsPerSecondMax: round(most, 3),
		snapshotShare: round(mean / promised, 4),
		snapshotShareMin: round(least / promised, 4),
	};
}

function toolMetrics({ totals, toolCpu }: WindowMetrics) {
	const toolWorkers = totals.workers.map(({ bots, busy, cpu, lateness }) => ({
		bots,
		busy: round(busy, 3),
		cpu: cpu === null ? null : round(cpu, 3),
		lateP99Ms: spreadOf(lateness).p99,
	}));
	const trustReason = doubt(toolWorkers);
	return {
		toolCpu: round(toolCpu, 3),
		toolBusy: Math.max(0, ...toolWorkers.map(({ busy }) => busy)),
		toolLoopDelayMs: Math.max(0, ...toolWorkers.map(({ lateP99Ms }) => lateP99Ms)),
		toolWorkers,
		trustworthy: trustReason === null,
		trustReason,
	};
}

type Setting = Pick<LoadOptions, "game" | "url" | "seed" | "sendRate" | "workers">;

export function summarise(setting: Setting, measured: WindowMetrics): Summary {
	const { game, url, seed, workers, sendRate } = setting;
	const { totals, server, seconds } = measured;
	const perClient = (bytes: number): number =>
		round(bytes / Math.max(0.001, seconds) / Math.max(1, totals.connected), 1);
	return {
		clients: totals.clients,
		connected: totals.connected,
		connectedAtEnd: totals.connectedAtEnd,
		gone: totals.gone,
		refused: totals.refused,
		disconnects: totals.disconnects,
		reconnects: totals.reconnects,
		decodeErrors: totals.decodeErrors,
		// what came before the measurement may be decoded in it
		decodedShare: round(Math.min(1, totals.decoded / Math.max(1, totals.snapshots)), 4),
		errors: Object.values(totals.errorsByName).reduce((a, b) => a + b, 0),
		errorsByName: totals.errorsByName,
		seconds,
		...rateMetrics(totals),
		bytesPerSnapshot: round(totals.snapshotBytes / Math.max(1, totals.snapshots), 1),
		bytesPerClientPerSecond: perClient(totals.receivedBytes),
		sentBytesPerClientPerSecond: perClient(totals.sentBytes),
		snapshotGapMs: spreadOf(totals.gaps),
		inputLatencyMs: spreadOf(totals.latencies),
		joinMs: spreadOf(totals.joins),
		rejoinMs: spreadOf(totals.rejoins),
		churned: totals.churned,
		stormed: totals.stormed,
		slowReaders: totals.slowReaders,
		slowReaderPauses: totals.pauses,
		slowReaderDrops: totals.slowDrops,
		rooms: totals.rooms.length,
		game,
		url,
		seed,
		modules: totals.modules,
		machine: thisMachine(),
		sendRate,
		workers,
		server,
		...toolMetrics(measured),
	};
}

/** For `JSON.stringify`: of nothing there are no percentiles, and null is no time at all. */
export function withoutEmpty(_: string, value: unknown): unknown {
	const spread = value as Partial<Spread> | null;
	if (spread?.count !== 0 || spread.p50 === undefined) return value;
	return Object.fromEntries(Object.keys(spread).map((key) => [key, key === "count" ? 0 : null]));
}

/** Whether every bot took a seat, kept it or came back to one, and could read all it got. */
export function isHealthy({
	clients,
	connected,
	gone,
	disconnects,
	decodeErrors,
}: Summary): boolean {
	return connected === clients && gone === 0 && disconnects === 0 && decodeErrors === 0;
}
