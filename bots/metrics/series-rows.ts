import type { Histogram } from "./histogram.ts";
import type { Series } from "./series.ts";

/** A stretch of a run, as `--json` writes it; null where nothing was measured. */
export interface SeriesRow {
	/** Since the run began, and how long it is. */
	readonly second: number;
	readonly seconds: number;
	/** Bots wanted, and those with a seat. */
	readonly clients: number;
	readonly playing: number;
	readonly snapshots: number;
	readonly receivedBytes: number;
	readonly sentBytes: number;
	/** Since the run began. */
	readonly refused: number;
	readonly disconnects: number;
	readonly snapshotGapMs: Quantiles | null;
	readonly inputLatencyMs: Quantiles | null;
	/** Shares of one core. */
	readonly serverCpu: number | null;
	readonly toolCpu: number | null;
	/** The busiest worker's share. */
	readonly toolBusy: number;
	readonly toolLateP99Ms: number | null;
	readonly tickLatenessP99Ms: number | null;
}

interface Quantiles {
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
}

function round(value: number, digits = 2): number {
	return Number(value.toFixed(digits));
}

function quantiles(histogram: Histogram): Quantiles | null {
	if (histogram.total === 0) return null;
	return {
		p50: round(histogram.percentileMs(0.5)),
		p99: round(histogram.percentileMs(0.99)),
		max: round(histogram.maxMs),
	};
}

/** A run over time as plain rows; seconds that no bots reported are left out. */
export function seriesRows({ points }: Series): SeriesRow[] {
	const orNull = (value: number | null, digits?: number): number | null =>
		value === null ? null : round(value, digits);
	return points
		.filter(({ workers }) => workers > 0)
		.map((point) => ({
			second: point.second,
			seconds: point.seconds,
			clients: point.clients,
			playing: point.playing,
			snapshots: point.snapshots,
			receivedBytes: point.receivedBytes,
			sentBytes: point.sentBytes,
			refused: point.refused,
			disconnects: point.disconnects,
			snapshotGapMs: quantiles(point.gaps),
			inputLatencyMs: quantiles(point.latencies),
			serverCpu: orNull(point.serverCpu.value, 3),
			toolCpu: orNull(point.toolCpu.value, 3),
			toolBusy: round(point.busy, 3),
			toolLateP99Ms: quantiles(point.lateness)?.p99 ?? null,
			tickLatenessP99Ms: orNull(point.tickLatenessP99Ms),
		}));
}
