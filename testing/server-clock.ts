import type { Clock } from "../server/room/clock.ts";
import type { Timeline } from "./timeline.ts";

/** How often whoever waits for a clock that stands looks again, ms. */
const LOOK_MS = 1;
/** More than a sum of virtual times is off by. */
const ROUNDING_MS = 1e-6;

/** The clock of a simulated server's machine: virtual time, unless it jumps or stands still. */
export class ServerClock implements Clock {
	private readonly timeline: Timeline;
	private aheadMs = 0;
	private standsAtMs: number | null = null;

	constructor(timeline: Timeline) {
		this.timeline = timeline;
	}

	readonly now = (): number => this.standsAtMs ?? this.timeline.now() + this.aheadMs;

	/** It goes forward by `ms` at once: a machine that was suspended. */
	jump(ms: number): void {
		if (!(ms >= 0)) throw new RangeError(`a monotonic clock does not go back by ${-ms} ms`);
		this.aheadMs += ms;
		if (this.standsAtMs !== null) this.standsAtMs += ms;
	}

	/** It tells the same for `ms` and then goes on from there. */
	stand(ms: number): void {
		if (this.standsAtMs !== null) return;
		this.standsAtMs = this.now();
		this.timeline.after(ms, () => {
			this.aheadMs = (this.standsAtMs as number) - this.timeline.now();
			this.standsAtMs = null;
		});
	}

	/** Virtual time at which it tells `atMs` at the earliest: it has told that time then, or stands still. */
	virtual(atMs: number): number {
		const { timeline, standsAtMs, aheadMs } = this;
		if (standsAtMs !== null) return timeline.now() + Math.max(LOOK_MS, atMs - standsAtMs);
		const virtualMs = atMs - aheadMs;
		// rounding must not call anybody a moment too early, again and again
		return virtualMs + aheadMs < atMs ? virtualMs + ROUNDING_MS : virtualMs;
	}
}
