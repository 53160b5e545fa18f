import type { SeededRandom } from "./seeded-random.ts";

/** What one direction of a simulated link is like. */
export interface LinkConditions {
	/** One way, ms. */
	readonly delayMs: number;
	/** Maximum extra delay per message, ms; messages keep their order. */
	readonly jitterMs: number;
	/** Times per second, on average, that everything waits and then arrives at once: a lost packet. */
	readonly stallsPerSecond: number;
	/** How long such a stall lasts, ms: TCP sends the packet again. */
	readonly stallMs: number;
	/** Bandwidth of the link. */
	readonly bytesPerSecond: number;
}

/** A link without delay. */
export const NO_DELAY: LinkConditions = {
	delayMs: 0,
	jitterMs: 0,
	stallsPerSecond: 0,
	stallMs: 200,
	bytesPerSecond: Number.POSITIVE_INFINITY,
};

/**
 * Computes when messages arrive over one direction of a link, as TCP presents a network: late, never
 * lost, and in order, so that a late one holds up those behind it. It has no clock or timers: the
 * caller passes the time, and delivers.
 */
export class LinkDelay {
	private readonly random: SeededRandom;
	private conditions: LinkConditions;
	/** When everything sent so far has been carried. */
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

	/** Messages from `nowMs` on meet the new conditions, and no stall that has begun. */
	change(conditions: LinkConditions, nowMs: number): void {
		this.conditions = conditions;
		this.stallToMs = 0;
		this.stallFromMs = this.nextStall(nowMs);
	}

	private nextStall(fromMs: number): number {
		return fromMs + this.random.gapMs(this.conditions.stallsPerSecond);
	}

	/** Arrival time, with stalls, of a message that would arrive at `atMs` without them. */
	private afterStalls(atMs: number): number {
		while (this.stallFromMs <= atMs) {
			this.stallToMs = this.stallFromMs + this.conditions.stallMs;
			this.stallFromMs = this.nextStall(this.stallToMs);
		}
		return Math.max(atMs, this.stallToMs);
	}
}
