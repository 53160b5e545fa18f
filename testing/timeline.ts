import type { StopTimer, Timers } from "../client/timers.ts";

interface Moment {
	atMs: number;
	/** Moments of the same time come in the order in which they were planned. */
	order: number;
	run: () => void;
	/** Promises that it settles are to be seen to before time goes on. */
	settles: boolean;
	isCancelled: boolean;
}

function isBefore(a: Moment, b: Moment): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Taken when this file is loaded: a test that fakes timers must not stop the world. */
const { setImmediate } = globalThis;

/** Lets every promise that can go on go on. */
function promisesSettled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/**
 * A clock that jumps from one planned moment to the next: what takes a minute of virtual time takes as
 * long as its work. The order is the same in every run.
 */
export class Timeline implements Timers {
	/** A binary heap: each moment comes before the two at `2i + 1` and `2i + 2`. */
	private readonly heap: Moment[] = [];
	private planned = 0;
	private isRunning = false;
	private ms = 0;

	/** Virtual time, ms. */
	readonly now = (): number => this.ms;

	/** Plans something for a time from now on; what runs there may plan more. */
	at(atMs: number, run: () => void, settles = false): StopTimer {
		const moment: Moment = {
			atMs: Math.max(atMs, this.ms),
			order: this.planned++,
			run,
			settles,
			isCancelled: false,
		};
		this.push(moment);
		return () => {
			moment.isCancelled = true;
		};
	}

	after(ms: number, run: () => void): StopTimer {
		return this.at(this.ms + ms, run, true);
	}

	every(ms: number, run: () => void): StopTimer {
		if (!(ms > 0)) throw new RangeError(`a period is longer than 0 ms, not ${ms}`);
		const moment: Moment = {
			atMs: this.ms + ms,
			order: this.planned++,
			run: () => {
				moment.atMs += ms;
				moment.order = this.planned++;
				this.push(moment);
				run();
			},
			settles: false,
			isCancelled: false,
		};
		this.push(moment);
		return () => {
			moment.isCancelled = true;
		};
	}

	/** Asks that promises be settled before the next moment. */
	private unsettled = false;
	settleSoon(): void {
		this.unsettled = true;
	}

	/**
	 * Runs everything planned up to `untilMs`, or until `isEnough`, which is asked after every moment.
	 * True when it was.
	 *
	 * @throws what a moment throws; time stands where that happened
	 */
	async run(untilMs: number, isEnough?: () => boolean): Promise<boolean> {
		if (this.isRunning) throw new Error("time runs already: is an await missing?");
		this.isRunning = true;
		try {
			await promisesSettled();
			if (isEnough?.()) return true;
			for (let next = this.heap[0]; next && next.atMs <= untilMs; next = this.heap[0]) {
				this.pop();
				if (next.isCancelled) continue;
				this.ms = next.atMs;
				next.run();
				if (next.settles || this.unsettled) {
					this.unsettled = false;
					await promisesSettled();
				}
				if (isEnough?.()) return true;
			}
			this.ms = Math.max(this.ms, untilMs);
			return false;
		} finally {
			this.isRunning = false;
		}
	}

	private push(moment: Moment): void {
		const { heap } = this;
		let at = heap.length;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent];
			if (isBefore(above, moment)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = moment;
	}

	private pop(): void {
		const { heap } = this;
		const last = heap.pop();
		if (!last || heap.length === 0) return;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) {
				child++;
			}
			if (isBefore(last, heap[child])) break;
			heap[at] = heap[child];
			at = child;
		}
		heap[at] = last;
	}
}
