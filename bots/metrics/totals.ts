import { Histogram, type HistogramData } from "./histogram.ts";

/** What a thread of this tool tells of itself over a window. */
interface WorkerMetrics {
	/** Share of the time that its event loop was busy. */
	readonly busy: number;
	/** Processor time as a share of one core; null when this Node cannot tell. */
	readonly cpu: number | null;
	/** How late its timer was. */
	readonly lateness: HistogramData;
	readonly bots: number;
}

/** What workers measured in a window, in plain data; those of all workers add up. */
export interface Totals {
	workers: WorkerMetrics[];
	/** Snapshots per second that the server promised. */
	snapshotRate: number;
	/** Bots that were told to play, took a seat, and still have one at the end. */
	clients: number;
	connected: number;
	connectedAtEnd: number;
	/** Bots that were to come back after a break or as others, and could not until the end. */
	gone: number;
	refused: number;
	disconnects: number;
	reconnects: number;
	decodeErrors: number;
	churned: number;
	stormed: number;
	slowReaders: number;
	pauses: number;
	slowDrops: number;
	/** Refusals and losses of a connection by name. */
	errorsByName: Record<string, number>;
	/** Ids of the rooms that the bots played in. */
	rooms: string[];
	/** Hashes of the rules that those rooms ran. */
	modules: string[];
	/** Of each bot that is measured: snapshots per second, and for how long it was there. */
	rates: number[];
	presentMs: number[];
	/** In the window. */
	snapshots: number;
	snapshotBytes: number;
	decoded: number;
	/** Bytes of all messages in the window. */
	receivedBytes: number;
	sentBytes: number;
	gaps: HistogramData;
	latencies: HistogramData;
	joins: HistogramData;
	rejoins: HistogramData;
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
	const merge = (pick: (t: Totals) => HistogramData) => mergeHistograms(parts.map(pick));
	return {
		workers: parts.flatMap((t) => t.workers),
		snapshotRate: Math.max(0, ...parts.map((t) => t.snapshotRate)),
		clients: sum((t) => t.clients),
		connected: sum((t) => t.connected),
		connectedAtEnd: sum((t) => t.connectedAtEnd),
		gone: sum((t) => t.gone),
		refused: sum((t) => t.refused),
		disconnects: sum((t) => t.disconnects),
		reconnects: sum((t) => t.reconnects),
		decodeErrors: sum((t) => t.decodeErrors),
		churned: sum((t) => t.churned),
		stormed: sum((t) => t.stormed),
		slowReaders: sum((t) => t.slowReaders),
		pauses: sum((t) => t.pauses),
		slowDrops: sum((t) => t.slowDrops),
		errorsByName: mergeCounts(parts.map((t) => t.errorsByName)),
		rooms: [...new Set(parts.flatMap((t) => t.rooms))],
		modules: [...new Set(parts.flatMap((t) => t.modules))],
		rates: parts.flatMap((t) => t.rates),
		presentMs: parts.flatMap((t) => t.presentMs),
		snapshots: sum((t) => t.snapshots),
		snapshotBytes: sum((t) => t.snapshotBytes),
		decoded: sum((t) => t.decoded),
		receivedBytes: sum((t) => t.receivedBytes),
		sentBytes: sum((t) => t.sentBytes),
		gaps: merge((t) => t.gaps),
		latencies: merge((t) => t.latencies),
		joins: merge((t) => t.joins),
		rejoins: merge((t) => t.rejoins),
	};
}
