import { CHUNK } from "../../protocol/messages/server-message.ts";
import type { SharedBytes } from "../snapshot/shared-bytes.ts";

/** Upper bounds of the lateness buckets, ms; the last one is open. */
export const LATENESS_BUCKETS_MS = [
	0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048,
] as const;

/** The counters in plain data. */
export type SavedCounters = {
	readonly [K in keyof RoomCounters as RoomCounters[K] extends (...args: never) => unknown
		? never
		: K]: RoomCounters[K];
};

/** What a room counts while it runs. Only ever grows; readers take differences. */
export class RoomCounters {
	ticks = 0;
	droppedTicks = 0;
	abortedTicks = 0;
	swaps = 0;
	rollbacks = 0;
	snapshots = 0;
	snapshotBytes = 0;
	keyframes = 0;
	skippedSnapshots = 0;
	inputsLate = 0;
	inputsRepeated = 0;
	inputsDropped = 0;
	logLinesDropped = 0;
	readonly lateness = new Float64Array(LATENESS_BUCKETS_MS.length + 1);
	latenessMaxMs = 0;
	latenessSumMs = 0;
	/** Of the last tick. */
	latenessMs = 0;
	droppedMs = 0;
	/** Bytes sent, by purpose; `own` counts what is sent to one client alone: prefix and own events. */
	readonly sentBytes = { keyframe: 0, delta: 0, catchUp: 0, events: 0, own: 0 };

	/** One message to one client, `ownBytes` of it for this client alone. */
	countSnapshot({ kindBytes, sharedBytes }: SharedBytes, ownBytes: number): void {
		const { sentBytes } = this;
		const keyframe = kindBytes[CHUNK.keyframe];
		this.snapshots++;
		this.snapshotBytes += sharedBytes + ownBytes;
		if (keyframe > 0) this.keyframes++;
		sentBytes.keyframe += keyframe;
		sentBytes.delta += kindBytes[CHUNK.delta];
		sentBytes.catchUp += kindBytes[CHUNK.catchUp];
		sentBytes.events += kindBytes[CHUNK.events];
		sentBytes.own += ownBytes;
	}

	/** One message of plain arrays, for one client alone. */
	countPlain(bytes: number): void {
		this.snapshots++;
		this.snapshotBytes += bytes;
		this.sentBytes.own += bytes;
	}

	save(): SavedCounters {
		const { lateness, sentBytes } = this;
		return { ...this, lateness: lateness.slice(), sentBytes: { ...sentBytes } };
	}

	load(saved: SavedCounters): void {
		Object.assign(this, saved, {
			lateness: Float64Array.from(saved.lateness),
			sentBytes: { ...saved.sentBytes },
		});
	}

	recordLateness(lateMs: number): void {
		let bucket = 0;
		while (bucket < LATENESS_BUCKETS_MS.length && lateMs > LATENESS_BUCKETS_MS[bucket]) {
			bucket++;
		}
		this.lateness[bucket] = this.lateness[bucket] + 1;
		this.latenessMs = lateMs;
		this.latenessSumMs += lateMs;
		if (lateMs > this.latenessMaxMs) this.latenessMaxMs = lateMs;
	}
}
