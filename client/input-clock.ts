import { LIMITS } from "../protocol/limits.ts";
import type { ClockSync } from "./clock-sync.ts";

/** Ticks that an input should be early, so that a little jitter does no harm. */
const TARGET_SLACK = 2;
/** Beyond this error the clock jumps instead of running faster or slower. */
const SNAP_TICKS = 10;
/**
 * Most that inputs go ahead for the path's unevenness. One long silence of network or room looks like
 * unevenness of seconds for half a minute, and what comes earlier than a server keeps it is dropped;
 * where more is needed, the server's word on how early inputs come brings it about.
 */
const MOST_JITTER_TICKS = LIMITS.inputsQueued / 2;
/** Most that the clock's pace differs from real time. */
const MAX_PACE = 0.1;

/**
 * Says which tick the inputs of this moment are for: far enough ahead of the room that they arrive in
 * time. The server reports how early they came (slack), and this clock runs a little faster or slower
 * until that is right (after Unity Netcode for Entities, NetworkTimeSystem).
 */
export class InputClock {
	private readonly sync: ClockSync;
	private readonly tickMs: number;
	private tick = -1;
	private lastMs = 0;
	private correction = 0;

	constructor(sync: ClockSync, tickRate: number) {
		this.sync = sync;
		this.tickMs = 1000 / tickRate;
	}

	/** Advances to `nowMs` and returns the newest tick whose input is due now, or -1 before sync. */
	advance(nowMs: number): number {
		if (!this.sync.isReady) return -1;
		const jitterTicks = (this.sync.rttDeviationMs * 2) / this.tickMs;
		const target =
			this.sync.roomTick(nowMs) +
			this.sync.minRttMs / 2 / this.tickMs +
			Math.min(MOST_JITTER_TICKS, jitterTicks) +
			TARGET_SLACK +
			this.correction;
		const expected = this.tick + (nowMs - this.lastMs) / this.tickMs;
		const error = target - expected;
		if (this.tick < 0 || Math.abs(error) > SNAP_TICKS) this.tick = target;
		else {
			const elapsed = (nowMs - this.lastMs) / this.tickMs;
			const pace = Math.max(-MAX_PACE, Math.min(MAX_PACE, error * 0.1));
			this.tick = expected + elapsed * pace;
		}
		this.lastMs = nowMs;
		return Math.floor(this.tick);
	}

	/** The moment of the last `advance`, in ticks with a fraction; -1 before sync. */
	get time(): number {
		return this.tick;
	}

	/** Takes the server's word on how early the last input was, in ticks. */
	addSlack(slack: number): void {
		const error = TARGET_SLACK - slack;
		// what the pings could not see: an uneven path, or a server that reads late
		this.correction += Math.max(-0.5, Math.min(0.5, error * 0.05));
		this.correction = Math.max(-SNAP_TICKS, Math.min(4 * SNAP_TICKS, this.correction));
	}
}
