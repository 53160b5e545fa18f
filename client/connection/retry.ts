import type { StopTimer, Timers } from "../timers.ts";

const FIRST_MS = 250;
/** The longest wait between two attempts while an outage is young: most restarts take seconds. */
const MOST_AT_FIRST_MS = 1_000;
const MOST_MS = 5_000;
/** Attempts in an outage that counts as young: about half a minute's. */
const FIRST_ATTEMPTS = 30;

/** When to try again: at once if the server has answered, otherwise later and later. */
export class Retry {
	private readonly timers: Timers;
	private readonly random: () => number;
	private readonly run: () => void;
	private attempts = 0;
	private stopTimer: StopTimer | null = null;

	/** `random` spreads the attempts of many clients: from 0 up to 1. */
	constructor(timers: Timers, random: () => number, run: () => void) {
		this.timers = timers;
		this.random = random;
		this.run = run;
	}

	/** An attempt is planned. */
	get isWaiting(): boolean {
		return this.stopTimer !== null;
	}

	/** It worked: the next outage starts from the beginning. */
	reset(): void {
		this.stop();
		this.attempts = 0;
	}

	stop(): void {
		this.stopTimer?.();
		this.stopTimer = null;
	}

	later(): void {
		const most = this.attempts < FIRST_ATTEMPTS ? MOST_AT_FIRST_MS : MOST_MS;
		const waitMs = Math.min(FIRST_MS * 2 ** this.attempts, most) * (0.75 + this.random() * 0.5);
		this.attempts++;
		this.plan(waitMs);
	}

	now(): void {
		this.plan(0);
	}

	private plan(waitMs: number): void {
		this.stop();
		this.stopTimer = this.timers.after(waitMs, () => {
			this.stopTimer = null;
			this.run();
		});
	}
}
