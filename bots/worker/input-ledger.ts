import { EvictedInputs } from "./evicted-inputs.ts";

/** Ticks of which the sending is remembered one by one: four seconds at 60 Hz. */
const REMEMBERED = 256;
/** An input without an answer for longer than this counts at the end of a window, with its age. */
const OVERDUE_MS = 1_000;

/**
 * Tells how long each input took from when its sending was due to the first snapshot that includes
 * it. Due, not sent: when the tool itself is late, that time counts too.
 */
export class InputLedger {
	private readonly dueMs = new Float64Array(REMEMBERED);
	private readonly tick = new Float64Array(REMEMBERED).fill(-1);
	private included = -1;
	private newest = -1;
	/** Inputs without an answer whose places were needed for newer ones. */
	private readonly evicted = new EvictedInputs();

	/** A new connection: nothing is under way. */
	clear(): void {
		this.tick.fill(-1);
		this.included = -1;
		this.newest = -1;
		this.evicted.clear();
	}

	/**
	 * The room's time was set back to before `tick`: inputs for then and later will be given anew, and
	 * those that were given already are never answered.
	 */
	setBack(tick: number, nowMs: number, take: (latencyMs: number) => void): void {
		this.overdue(nowMs, take);
		this.evicted.clear();
		this.tick.fill(-1);
		this.newest = tick - 1;
	}

	/** Notes inputs for `count` ticks from `first` on; they were due between the two times. */
	sent(first: number, count: number, firstDueMs: number, lastDueMs: number): void {
		for (let i = 0; i < count; i++) {
			const slot = (first + i) % REMEMBERED;
			const before = this.tick[slot];
			if (before > this.included) this.evicted.add(before, this.dueMs[slot]);
			this.tick[slot] = first + i;
			this.dueMs[slot] = firstDueMs + ((lastDueMs - firstDueMs) * (i + 1)) / count;
		}
		this.newest = first + count - 1;
	}

	/** A snapshot includes all up to `inputTick`: calls `take` for each that is so for the first time. */
	received(inputTick: number, nowMs: number, take: (latencyMs: number) => void): void {
		this.evicted.take(inputTick, nowMs, take);
		const from = Math.max(this.included + 1, inputTick - REMEMBERED + 1);
		for (let tick = from; tick <= inputTick; tick++) {
			const slot = tick % REMEMBERED;
			if (this.tick[slot] === tick) take(nowMs - this.dueMs[slot]);
		}
		if (inputTick > this.included) this.included = inputTick;
	}

	/** Calls `take` with the ages of inputs that should have been answered long ago. */
	overdue(nowMs: number, take: (latencyMs: number) => void): void {
		const late = (ageMs: number): void => {
			if (ageMs > OVERDUE_MS) take(ageMs);
		};
		this.evicted.each(nowMs, late);
		const from = Math.max(this.included + 1, this.newest - REMEMBERED + 1);
		for (let tick = from; tick <= this.newest; tick++) {
			const slot = tick % REMEMBERED;
			if (this.tick[slot] === tick) late(nowMs - this.dueMs[slot]);
		}
	}
}
