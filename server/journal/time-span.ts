/** When a tick was computed in the room, ms since 1970. */
export interface ToldTime {
	readonly tick: number;
	readonly timeMs: number;
}

/** Two moments, ISO 8601 in UTC. */
export interface Span {
	readonly from: string;
	readonly to: string;
}

/** Computes when ticks ran from the few time records of a journal. */
export class TimeSpan {
	private readonly tickMs: number;
	/** The time records around the first and the last tick: no others are needed. */
	private first: ToldTime | null;
	private last: ToldTime | null;

	/** `before` is the last time told before the first tick, if any. */
	constructor(tickRate: number, before: ToldTime | null) {
		this.tickMs = 1000 / tickRate;
		this.first = before;
		this.last = before;
	}

	hear(told: ToldTime): void {
		this.first ??= told;
		this.last = told;
	}

	/** When `firstTick` and `nextTick` were due; null without time records. */
	of(firstTick: number, nextTick: number): Span | null {
		const { first, last } = this;
		if (!first || !last) return null;
		return { from: this.at(first, firstTick), to: this.at(last, nextTick) };
	}

	private at({ tick, timeMs }: ToldTime, wanted: number): string {
		return new Date(Math.max(0, timeMs + (wanted - tick) * this.tickMs)).toISOString();
	}
}
