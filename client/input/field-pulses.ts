type Value = number | boolean;

/**
 * Values of one field that wait for a tick of their own: more than a hand produces within a few ticks.
 */
const MAX_PULSES = 4;

/**
 * A value that stood for less was an intermediate step, such as in `dx = 0; dx -= 1`, and does not
 * count.
 */
const LEAST_MS = 0.5;

/**
 * What one field of `room.input` was set to between two ticks. The final value counts, but a value that
 * was set and set back to that of the last tick gets a tick of its own first. Such values queue in
 * order, equal ones with a tick at rest between them; those that do not fit are dropped.
 *
 *     0 | 7 0 |      → 7, 0          0 | 7 0 7 0 |  → 7, 0, 7, 0
 *     0 | 3 5 |      → 5             0 | 3 0 5 |    → 3, 5
 *
 * A button counts as pressed however briefly.
 */
export class FieldPulses {
	/** Its current value. */
	held: Value;
	/** The value of the last tick, or what it will be once the queue is empty. */
	private rest: Value;
	private sinceMs = Number.NEGATIVE_INFINITY;
	private readonly now: () => number;
	private readonly waiting: Value[] = [];

	constructor(held: Value, now: () => number) {
		this.held = held;
		this.rest = held;
		this.now = now;
	}

	set(value: Value): void {
		const { held, rest, waiting } = this;
		if (value === held) return;
		const nowMs = this.now();
		const isMeant = held === true || nowMs - this.sinceMs >= LEAST_MS;
		this.held = value;
		this.sinceMs = nowMs;
		if (value !== rest || !isMeant) return;
		const isSameAgain = waiting.at(-1) === held;
		if (waiting.length + (isSameAgain ? 2 : 1) > 2 * MAX_PULSES) return;
		if (isSameAgain) waiting.push(rest);
		waiting.push(held);
	}

	/** The value of the next tick. */
	next(): Value {
		const pulse = this.waiting.shift();
		if (pulse !== undefined) return pulse;
		this.rest = this.held;
		return this.held;
	}
}
