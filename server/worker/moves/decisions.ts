import type { Decision } from "../hand-over/messages.ts";

/** A state that only `decide` changes: events one after the other, also those that effects lead to, and one timer. */
export class Decisions<State, Event, Effect> {
	state: State;
	private readonly decide: (state: State, event: Event) => Decision<State, Effect>;
	private readonly carryOut: (effect: Effect, state: State) => void;
	private readonly queue: Event[] = [];
	private isBusy = false;
	private timer: NodeJS.Timeout | null = null;

	constructor(
		state: State,
		decide: (state: State, event: Event) => Decision<State, Effect>,
		carryOut: (effect: Effect, state: State) => void,
	) {
		this.state = state;
		this.decide = decide;
		this.carryOut = carryOut;
	}

	/** Decides about an event, and about those that come of it. */
	tell(event: Event): void {
		this.queue.push(event);
		if (this.isBusy) return;
		this.isBusy = true;
		try {
			for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
				const { state, effects } = this.decide(this.state, next);
				this.state = state;
				for (const effect of effects) this.carryOut(effect, state);
			}
		} finally {
			this.isBusy = false;
		}
	}

	/**
	 * Starts the one timer anew. In a process that has too much to do it is late, and so is what others said in time: they
	 * are heard first.
	 */
	startTimer(ms: number): void {
		this.stopTimer();
		const timer = setTimeout(() => {
			setImmediate(() => {
				if (this.timer === timer) this.tell({ type: "timer" } as Event);
			});
		}, ms);
		this.timer = timer;
	}

	stopTimer(): void {
		if (this.timer) clearTimeout(this.timer);
		this.timer = null;
	}
}
