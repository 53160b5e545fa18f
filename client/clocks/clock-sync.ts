const KEPT = 16;
/** Pings at the start, then one a second. */
const FIRST_PINGS = 5;
const FIRST_INTERVAL_MS = 60;
const INTERVAL_MS = 1000;
/**
 * A round trip counts as at most this much longer than the others, or twice as long: a stall says
 * nothing about the path.
 */
const OUTLIER_MS = 100;

interface Sample {
	rttMs: number;
	/** Room time in ticks at local time 0, if both run on without drift. */
	ticksAtZero: number;
}

/**
 * Estimates the room's time from pings: of the last samples the one with the least round trip is the
 * truest, since delays only ever add (after Mills, NTP's clock filter).
 */
export class ClockSync {
	private readonly tickMs: number;
	private readonly samples: Sample[] = [];
	private best: Sample | null = null;
	private sent = 0;
	private nextPingMs = 0;
	private lastPingMs = 0;
	/** Pings without an answer yet. */
	private unanswered = 0;
	/** Smoothed round trip and its mean deviation, ms. */
	rttMs = 0;
	rttDeviationMs = 0;

	constructor(tickRate: number) {
		this.tickMs = 1000 / tickRate;
	}

	get isReady(): boolean {
		return this.best !== null;
	}

	/** True when it is time to send a ping; on a stalled connection, one is enough. */
	isPingDue(nowMs: number): boolean {
		if (nowMs < this.nextPingMs) return false;
		if (this.unanswered > 0 && this.sent >= FIRST_PINGS) return false;
		this.lastPingMs = nowMs;
		this.unanswered++;
		this.nextPingMs = nowMs + (this.sent++ < FIRST_PINGS ? FIRST_INTERVAL_MS : INTERVAL_MS);
		return true;
	}

	/** The room's time may have changed: the next ping is due at once. */
	askSoon(): void {
		this.nextPingMs = 0;
	}

	/** How long the oldest ping has waited for its answer, ms; 0 if none waits. */
	waitedMs(nowMs: number): number {
		return this.unanswered > 0 ? nowMs - this.lastPingMs : 0;
	}

	/** Takes a pong: sent at `sentMs`, received at `nowMs`, with the room's time `tick`. */
	addPong(sentMs: number, nowMs: number, tick: number): void {
		this.unanswered = Math.max(0, this.unanswered - 1);
		const rttMs = nowMs - sentMs;
		if (!(rttMs >= 0)) return;
		const isFirst = this.best === null;
		const middleMs = sentMs + rttMs / 2;
		const sample = { rttMs, ticksAtZero: tick - middleMs / this.tickMs };
		// no pair of delays explains such a difference: the room has dropped ticks, and its clock has
		// changed
		if (this.best && !this.agree(sample, this.best)) this.samples.length = 0;
		this.samples.push(sample);
		if (this.samples.length > KEPT) this.samples.shift();
		this.best = this.samples.reduce((a, b) => (b.rttMs <= a.rttMs ? b : a));
		if (isFirst) {
			this.rttMs = rttMs;
			this.rttDeviationMs = rttMs / 4;
		} else {
			const way = Math.min(rttMs - this.rttMs, Math.max(OUTLIER_MS, this.rttMs));
			this.rttDeviationMs += (Math.abs(way) - this.rttDeviationMs) / 6;
			this.rttMs += way / 12;
		}
	}

	/** The truth lies within half a round trip of each sample. */
	private agree(a: Sample, b: Sample): boolean {
		const apart = Math.abs(a.ticksAtZero - b.ticksAtZero) * this.tickMs;
		return apart <= (a.rttMs + b.rttMs) / 2 + 2 * this.tickMs;
	}

	/** The room's time in ticks, now. */
	roomTick(nowMs: number): number {
		return this.best ? this.best.ticksAtZero + nowMs / this.tickMs : 0;
	}

	/** The shortest recent round trip, ms. */
	get minRttMs(): number {
		return this.best?.rttMs ?? 0;
	}
}
