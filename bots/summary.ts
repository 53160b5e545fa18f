import { Histogram, type HistogramData } from "./histogram.ts";
import type { BotsOptions } from "./options.ts";
import type { Run } from "./run-bots.ts";

/** Beyond these the figures tell more of this tool than of the server. */
const MOST_LOOP_DELAY_MS = 20;
const MOST_BUSY = 0.85;

interface Spread {
	p50: number;
	p99: number;
	max: number;
}

/** The figures of a run: what `--json` writes. */
export interface Summary {
	clients: number;
	/** Clients that took a seat, and that still had one at the end. */
	connected: number;
	connectedAtEnd: number;
	disconnects: number;
	reconnects: number;
	decodeErrors: number;
	/** Refused and lost connections, in all and by name. */
	errors: number;
	errorsByName: Record<string, number>;
	/** Length of the measuring window. */
	seconds: number;
	/** Of one client: mean, least and most. */
	snapshotsPerSecond: number;
	snapshotsPerSecondMin: number;
	snapshotsPerSecondMax: number;
	/** Of WebSocket messages, without their frame headers. */
	bytesPerSnapshot: number;
	bytesPerClientPerSecond: number;
	sentBytesPerClientPerSecond: number;
	/** Between two snapshots of a client. */
	snapshotGapMs: Spread;
	/** From sending an input to the first snapshot that includes it. */
	inputLatencyMs: Spread;
	rooms: number;
	game: string;
	url: string;
	seed: number;
	workers: number;
	/** Processor time of this tool, as a share of one core. */
	toolCpu: number;
	/** The busiest worker: share of the time it was busy, and how late its timers were (p99). */
	toolBusy: number;
	toolLoopDelayMs: number;
	/** False when this tool was too busy for its figures to tell of the server. */
	trustworthy: boolean;
	trustReason: string | null;
}

function round(value: number, digits = 2): number {
	return Number(value.toFixed(digits));
}

function spreadOf(data: HistogramData): Spread {
	const histogram = new Histogram();
	histogram.merge(data);
	return {
		p50: round(histogram.percentileMs(0.5)),
		p99: round(histogram.percentileMs(0.99)),
		max: round(histogram.maxMs),
	};
}

function doubt(busy: number, loopDelayMs: number, toolCpu: number, workers: number): string | null {
	const percent = (share: number): string => `${Math.round(share * 100)} %`;
	if (loopDelayMs > MOST_LOOP_DELAY_MS) {
		return `the tool's own timers were ${loopDelayMs.toFixed(0)} ms late (p99)`;
	}
	if (busy > MOST_BUSY) return `a worker of the tool was busy ${percent(busy)} of the time`;
	if (toolCpu / workers > MOST_BUSY)
		return `the tool used ${percent(toolCpu / workers)} per worker`;
	return null;
}

export function summarise(options: BotsOptions, { totals, toolCpu }: Run): Summary {
	const { count, seconds, game, url, seed, workers } = options;
	const { rates, connected, busy, loopDelayMs } = totals;
	const perClient = (bytes: number): number => round(bytes / seconds / Math.max(1, connected), 1);
	const trustReason = doubt(busy, loopDelayMs, toolCpu, workers);
	return {
		clients: count,
		connected,
		connectedAtEnd: totals.connectedAtEnd,
		disconnects: totals.disconnects,
		reconnects: totals.reconnects,
		decodeErrors: totals.decodeErrors,
		errors: Object.values(totals.errorsByName).reduce((a, b) => a + b, 0),
		errorsByName: totals.errorsByName,
		seconds,
		snapshotsPerSecond: round(rates.reduce((a, b) => a + b, 0) / Math.max(1, rates.length), 3),
		snapshotsPerSecondMin: round(rates.length > 0 ? Math.min(...rates) : 0, 3),
		snapshotsPerSecondMax: round(rates.length > 0 ? Math.max(...rates) : 0, 3),
		bytesPerSnapshot: round(totals.snapshotBytes / Math.max(1, totals.snapshots), 1),
		bytesPerClientPerSecond: perClient(totals.receivedBytes),
		sentBytesPerClientPerSecond: perClient(totals.sentBytes),
		snapshotGapMs: spreadOf(totals.gaps),
		inputLatencyMs: spreadOf(totals.latencies),
		rooms: totals.rooms.length,
		game,
		url,
		seed,
		workers,
		toolCpu: round(toolCpu, 3),
		toolBusy: round(busy, 3),
		toolLoopDelayMs: round(loopDelayMs),
		trustworthy: trustReason === null,
		trustReason,
	};
}

/** Whether every bot took a seat, kept it, and could read all it got. */
export function isSuccess({ clients, connected, disconnects, decodeErrors }: Summary): boolean {
	return connected === clients && disconnects === 0 && decodeErrors === 0;
}

function describeErrors({ errors, errorsByName }: Summary): string {
	if (errors === 0) return "0";
	const each = Object.entries(errorsByName).map(([name, n]) => `${n} ${name}`);
	return `${errors} (${each.join(", ")})`;
}

/** The figures as a table for people. */
export function describe(summary: Summary): string {
	const { snapshotGapMs: gap, inputLatencyMs: latency } = summary;
	const spread = ({ p50, p99, max }: Spread): string => `p50 ${p50}  p99 ${p99}  max ${max}`;
	const rows: [string, string][] = [
		["connected", `${summary.connected} of ${summary.clients}, in ${summary.rooms} rooms`],
		["disconnects", `${summary.disconnects}, ${summary.reconnects} came back`],
		["decode errors", `${summary.decodeErrors}`],
		["errors", describeErrors(summary)],
		[
			"snapshots/s",
			`${summary.snapshotsPerSecond} per client (${summary.snapshotsPerSecondMin} to ${summary.snapshotsPerSecondMax})`,
		],
		[
			"bytes/s",
			`${summary.bytesPerClientPerSecond} to each client, ${summary.sentBytesPerClientPerSecond} from it`,
		],
		["snapshot gap", `${spread(gap)} ms`],
		["input latency", `${spread(latency)} ms`],
		[
			"this tool",
			`${Math.round(summary.toolCpu * 100)} % of a core in ${summary.workers} workers, timers ${summary.toolLoopDelayMs} ms late (p99)`,
		],
	];
	if (summary.trustReason !== null) rows.push(["DO NOT TRUST", summary.trustReason]);
	return rows.map(([name, text]) => `  ${name.padEnd(14)}${text}\n`).join("");
}
