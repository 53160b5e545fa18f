import { LOG_LIMITS } from "./log-limits.ts";

/** What a room has done since its last image. */
interface SinceImage {
	readonly ticks: number;
	/** Fuel of these ticks. */
	readonly fuel: number;
	readonly tickRate: number;
}

/** Says when a room's image is due. */
export interface ImagePolicy {
	isDue(since: SinceImage): boolean;
}

/**
 * An image is due when the ticks since the last would take about 25 ms to run again, or 4 s were played: a room
 * is back in a moment. Four times a second at most, or a game of long ticks would be copied all the time.
 */
export const byTimeToRunAgain: ImagePolicy = {
	isDue({ ticks, fuel, tickRate }) {
		const playedMs = (ticks * 1000) / tickRate;
		if (playedMs < LOG_LIMITS.imageEveryMs) return false;
		return fuel >= LOG_LIMITS.imageFuel || playedMs >= LOG_LIMITS.imageWithinMs;
	},
};
