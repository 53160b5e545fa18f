import type { SeededRandom } from "./seeded-random.ts";

/** What one direction of a simulated link is like. */
export interface LinkConditions {
	/** One way, ms. */
	readonly delayMs: number;
	/** Up to so much more for each message, ms; none overtakes another. */
	readonly jitterMs: number;
	/** Times per second, on average, that everything waits and then arrives at once: a lost packet. */
	readonly stallsPerSecond: number;
	/** How long such a stall lasts, ms: TCP sends the packet again. */
	readonly stallMs: number;
	/** What the line carries. */
	readonly bytesPerSecond: number;
}

/** A line without any delay. */
export const NO_DELAY: LinkConditions = {
	delayMs: 0,
	jitterMs: 0,
	stallsPerSecond: 0,
	stallMs: 200,
	bytesPerSecond: Number.POSITIVE_INFINITY,
};

/**
 * Says when messages arrive at the other end of one direction of a link, as TCP shows a network: late,
 * never lost, and in order, so that one that is late holds up those behind it. It has no clock and no
 * timers: the time is passed in, and whoever asks delivers.
 */
export class LinkDelay {
	private readonly random: SeededRandom;
	private conditions: LinkConditions;
	/** When the line has carried all that was sent so far. */
	private wireFreeMs = 0;
	private lastArrivalMs = 0;
	private stallFromMs: number;
	private stallToMs = 0;

	constructor(random: SeededRandom, conditions: LinkConditions, nowMs: number) {
		this.random = random;
		this.conditions = conditions;
		this.stallFromMs = this.nextStall(nowMs);
	}

	/** When a message of `bytes` arrives that is sent at `nowMs`; not before those sent earlier. */
	arrivalMs(nowMs: number, bytes = 0): number {
		const { delayMs, jitterMs, bytesPerSecond } = this.conditions;
		this.wireFreeMs = Math.max(nowMs, this.wireFreeMs) + (bytes * 1000) / bytesPerSecond;
		const jitter = jitterMs > 0 ? this.random.next() * jitterMs : 0;
		const atMs = Math.max(this.wireFreeMs + delayMs + jitter, this.lastArrivalMs);
		this.lastArrivalMs = this.afterStalls(atMs);
		return this.lastArrivalMs;
	}

	/** What is sent from `nowMs` on meets other conditions, and no stall that has begun. */
	change(conditions: LinkConditions, nowMs: number): void {
		this.conditions = conditions;
		this.stallToMs = 0;
		this.stallFromMs = this.nextStall(nowMs);
	}

	private nextStall(fromMs: number): number {
		return fromMs + this.random.gapMs(this.conditions.stallsPerSecond);
	}

	/** When something arrives that would without stalls at `atMs`. */
	private afterStalls(atMs: number): number {
		while (this.stallFromMs <= atMs) {
			this.stallToMs = this.stallFromMs + this.conditions.stallMs;
			this.stallFromMs = this.nextStall(this.stallToMs);
		}
		return Math.max(atMs, this.stallToMs);
	}
}
