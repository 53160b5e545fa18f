import { Histogram, type HistogramData } from "./histogram.ts";

/** What one worker measured, in plain data; those of all workers add up. */
export interface Totals {
	/** Bots that took a seat, and that still have one at the end. */
	connected: number;
	connectedAtEnd: number;
	disconnects: number;
	reconnects: number;
	decodeErrors: number;
	/** Refusals and losses of a connection by name. */
	errorsByName: Record<string, number>;
	/** Ids of the rooms that the bots played in. */
	rooms: string[];
	/** Snapshots per second of each connected bot. */
	rates: number[];
	/** In the window. */
	snapshots: number;
	snapshotBytes: number;
	/** Bytes of all messages in the window. */
	receivedBytes: number;
	sentBytes: number;
	gaps: HistogramData;
	latencies: HistogramData;
	/** The worker itself: 99th percentile of its timers' lateness, and the share of time it was busy. */
	loopDelayMs: number;
	busy: number;
}

function mergeHistograms(parts: readonly HistogramData[]): HistogramData {
	const all = new Histogram();
	for (const part of parts) all.merge(part);
	return all.data;
}

function mergeCounts(parts: readonly Record<string, number>[]): Record<string, number> {
	const all: Record<string, number> = {};
	for (const part of parts) {
		for (const [name, n] of Object.entries(part)) all[name] = (all[name] ?? 0) + n;
	}
	return all;
}

export function mergeTotals(parts: readonly Totals[]): Totals {
	const sum = (pick: (t: Totals) => number): number => parts.reduce((n, t) => n + pick(t), 0);
	return {
		connected: sum((t) => t.connected),
		connectedAtEnd: sum((t) => t.connectedAtEnd),
		disconnects: sum((t) => t.disconnects),
		reconnects: sum((t) => t.reconnects),
		decodeErrors: sum((t) => t.decodeErrors),
		errorsByName: mergeCounts(parts.map((t) => t.errorsByName)),
		rooms: [...new Set(parts.flatMap((t) => t.rooms))],
		rates: parts.flatMap((t) => t.rates),
		snapshots: sum((t) => t.snapshots),
		snapshotBytes: sum((t) => t.snapshotBytes),
		receivedBytes: sum((t) => t.receivedBytes),
		sentBytes: sum((t) => t.sentBytes),
		gaps: mergeHistograms(parts.map((t) => t.gaps)),
		latencies: mergeHistograms(parts.map((t) => t.latencies)),
		loopDelayMs: Math.max(...parts.map((t) => t.loopDelayMs)),
		busy: Math.max(...parts.map((t) => t.busy)),
	};
}
