/** Cancels a timer. */
export type StopTimer = () => void;

/** A client's timers: the machine's, or those of a simulated world. */
export interface Timers {
	/** Runs once, in `ms`. */
	after(ms: number, run: () => void): StopTimer;
	/** Runs every `ms`, the first time in `ms`. */
	every(ms: number, run: () => void): StopTimer;
}

export const systemTimers: Timers = {
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	},
	every(ms, run) {
		const timer = setInterval(run, ms);
		return () => clearInterval(timer);
	},
};
