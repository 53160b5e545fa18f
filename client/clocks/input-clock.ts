import { LIMITS } from "../../protocol/limits.ts";
import type { ClockSync } from "./clock-sync.ts";

/** How early an input should arrive, in ticks, so that a little jitter does no harm. */
const TARGET_SLACK = 2;
/** Beyond this error the clock jumps instead of running faster or slower. */
const SNAP_TICKS = 10;
/** Share of an error that is corrected with each report of the server. */
const GAIN = 0.05;
/** How much slower it is corrected when inputs come early, for each tick by which slacks differ. */
const CAUTION = 5;
/**
 * The most that inputs are sent ahead because of jitter. One long silence of network or room looks like
 * seconds of jitter for half a minute, and a server drops inputs that come too early. Where more is
 * needed, the server's reports of slack bring it about.
 */
const MOST_JITTER_TICKS = LIMITS.inputsQueued / 2;
/** The most that the clock's rate differs from real time. */
const MAX_PACE = 0.1;

/**
 * Says which tick the inputs of this moment are for: far enough ahead of the room to arrive in time.
 * The server reports how early they came (slack), and this clock runs a little faster or slower until
 * that is right (after Unity Netcode for Entities, NetworkTimeSystem).
 */
export class InputClock {
	private readonly sync: ClockSync;
	private readonly tickMs: number;
	/** Ticks that the newest input of a message should be early. */
	private readonly targetSlack: number;
	private tick = -1;
	private lastMs = 0;
	private correction = 0;
	private meanSlack: number;
	/** Mean distance of slacks from their mean, ticks. */
	private unevenness = 0;

	/**
	 * With fewer messages than ticks, the oldest input of each message has waited for the others and must
	 * not be late.
	 */
	constructor(sync: ClockSync, tickRate: number, sendRate = tickRate) {
		this.sync = sync;
		this.tickMs = 1000 / tickRate;
		const ticksPerMessage = Math.min(LIMITS.inputsPerMessage, tickRate / sendRate);
		this.targetSlack = Math.max(TARGET_SLACK, ticksPerMessage);
		this.meanSlack = this.targetSlack;
	}

	/** Advances to `nowMs` and returns the newest tick whose input is due now, or -1 before sync. */
	advance(nowMs: number): number {
		if (!this.sync.isReady) return -1;
		const jitterTicks = (this.sync.rttDeviationMs * 2) / this.tickMs;
		const target =
			this.sync.roomTick(nowMs) +
			this.sync.minRttMs / 2 / this.tickMs +
			Math.min(MOST_JITTER_TICKS, jitterTicks) +
			this.targetSlack +
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

	/**
	 * Takes the server's report of how early the last input was, in ticks. A late input is lost, an early
	 * one only waits. So the more jitter there is, the less an early input counts, and most are in time
	 * instead of every second one (a low expectile of the slack is held, not its mean).
	 */
	addSlack(slack: number): void {
		this.unevenness += (Math.abs(slack - this.meanSlack) - this.unevenness) / 16;
		this.meanSlack += (slack - this.meanSlack) / 16;
		const error = this.targetSlack - slack;
		const gain = error > 0 ? GAIN : GAIN / (1 + CAUTION * this.unevenness);
		// what the pings could not see: jitter, or a server that reads late
		this.correction += Math.max(-0.5, Math.min(0.5, error * gain));
		this.correction = Math.max(-SNAP_TICKS, Math.min(4 * SNAP_TICKS, this.correction));
	}
}
