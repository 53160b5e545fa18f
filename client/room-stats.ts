import type { ChunkKind, Traffic } from "./connection/traffic.ts";
import type { Prediction, PredictionFigures } from "./prediction/prediction.ts";
import type { ReceivedRoom } from "./received-room.ts";

/** Figures for a net graph. */
export interface RoomStats {
	readonly bytesPerSecond: number;
	readonly snapshotsPerSecond: number;
	/** Of the chunks of snapshots, per second. */
	readonly bytesByKind: Readonly<Record<ChunkKind, number>>;
	/** Tick of the last snapshot applied, -1 before the first. */
	readonly tick: number;
	readonly pingMs: number;
	readonly interpolationDelayMs: number;
	/** The room's moment that `state` shows, in ticks with a fraction; -1 before the first. */
	readonly shownTick: number;
	/** How many ticks early the last input reached the server. */
	readonly slackTicks: number;
	readonly prediction: PredictionFigures;
}

/** One applied snapshot, for measurements. */
export interface SnapshotReport {
	readonly tick: number;
	readonly bytes: number;
	/** From sending the newest input that it includes to its arrival, ms; -1 if unknown. */
	readonly inputLatencyMs: number;
}

export function roomStats(
	copy: ReceivedRoom | null,
	traffic: Traffic,
	prediction: Prediction,
	nowMs: number,
): RoomStats {
	return {
		...traffic.rates(nowMs),
		bytesByKind: traffic.bytesByKind(nowMs),
		tick: copy?.tick ?? -1,
		pingMs: copy?.clock.rttMs ?? 0,
		interpolationDelayMs: copy?.playback.delayMs ?? 0,
		shownTick: copy?.shownTick ?? -1,
		slackTicks: copy?.slack ?? 0,
		prediction: prediction.figures(nowMs),
	};
}
