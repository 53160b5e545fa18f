import type { Random } from "../../protocol/seeded-random.ts";
import type { Bot } from "./bot.ts";

export interface DisturbanceOptions {
	/** Players who leave and come back as others, per second, in the whole run; 0 for none. */
	churnPerSecond: number;
	/** Every so often a share of all connections breaks at once. */
	storm: { everyMs: number; share: number } | null;
}

/** A player who leaves comes back after so long, ms. */
const REST_MS = [200, 1_000] as const;

/** What goes wrong by plan: players who come and go, connections that break together. */
export class Disturbances {
	private readonly options: DisturbanceOptions;
	private readonly random: Random;
	private readonly perMs: number;
	private nextChurnMs = 0;
	private nextStormMs = 0;

	/** `part`: this worker's share of all bots. */
	constructor(options: DisturbanceOptions, part: number, random: Random) {
		this.options = options;
		this.random = random;
		this.perMs = (options.churnPerSecond * part) / 1000;
	}

	start(nowMs: number): void {
		this.nextChurnMs = nowMs + this.churnGapMs();
		this.nextStormMs = nowMs + (this.options.storm?.everyMs ?? 0);
	}

	/** Time to the next one to leave: they do so independently of one another. */
	private churnGapMs(): number {
		return this.perMs > 0 ? -Math.log(1 - this.random()) / this.perMs : Number.POSITIVE_INFINITY;
	}

	/** Does what is due by `nowMs`. */
	run(bots: readonly Bot[], nowMs: number): void {
		while (nowMs >= this.nextChurnMs) {
			this.nextChurnMs += this.churnGapMs();
			const [least, most] = REST_MS;
			const restMs = least + this.random() * (most - least);
			bots[Math.floor(this.random() * bots.length)]?.churn(restMs);
		}
		const { storm } = this.options;
		if (storm === null || nowMs < this.nextStormMs) return;
		this.nextStormMs += storm.everyMs;
		for (const bot of bots) if (this.random() < storm.share) bot.storm();
	}
}
