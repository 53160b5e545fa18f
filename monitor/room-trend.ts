import type { RoomLine } from "../protocol/admin-answers.ts";

/** What a room did between two looks at it. */
interface RoomRates {
	/** Mean time of a tick, ms; NaN when there was none. */
	readonly frameMs: number;
	readonly latenessMs: number;
	/** Largest share of its fuel that a tick spent lately. */
	readonly fuelShare: number;
	readonly bytesPerSecond: number;
	readonly ticksPerSecond: number;
}

/** Turns the sums of a room into rates. */
export class RoomTrend {
	private last: RoomLine | null = null;
	private lastMs = 0;

	/** Null at the first look. */
	update(room: RoomLine, timeMs: number): RoomRates | null {
		const { last, lastMs } = this;
		if (last && timeMs <= lastMs) return null;
		this.last = room;
		this.lastMs = timeMs;
		if (!last) return null;
		const seconds = (timeMs - lastMs) / 1000;
		const ticks = room.frames - last.frames;
		return {
			frameMs: (room.frameMs - last.frameMs) / ticks,
			latenessMs: room.latenessMsPeak,
			fuelShare: room.fuelPeak / room.fuelPerTick,
			bytesPerSecond: (room.snapshotBytes - last.snapshotBytes) / seconds,
			ticksPerSecond: (room.tick - last.tick) / seconds,
		};
	}
}
