import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { WINDOW_GRACE_MS } from "./arrivals.ts";
import { Bot, type BotOptions } from "./bot.ts";
import { Tally } from "./tally.ts";
import type { Totals } from "./totals.ts";

/** Input messages per second of a bot. */
const PUMPS_PER_SECOND = 30;
/** Bots take turns in so many groups, so that their inputs do not all leave at once. */
const GROUPS = 4;
/** Interval of the event loop's probe; it is part of what the probe reports. */
const PROBE_MS = 10;
/** Time for the last bytes to leave. */
const GOODBYE_MS = 200;

export interface SquadOptions extends BotOptions {
	/** The squad plays bots number `first`, `first + every`, … below `count`. */
	first: number;
	every: number;
	count: number;
	/** Joins per second of all squads together. */
	rate: number;
}

/** How far a squad is. */
export interface Progress {
	connected: number;
	snapshots: number;
	disconnects: number;
	failed: number;
}

/** The bots of one thread, driven by one timer. */
export class Squad {
	private readonly bots: { bot: Bot; joinMs: number }[] = [];
	private readonly tally = new Tally();
	private readonly delays = monitorEventLoopDelay({ resolution: PROBE_MS });
	private busyBefore: EventLoopUtilization = performance.eventLoopUtilization();
	private timer: ReturnType<typeof setInterval> | null = null;
	private group = 0;
	private settled = 0;

	constructor(options: SquadOptions) {
		const { first, every, count, rate } = options;
		for (let index = first; index < count; index += every) {
			const bot = new Bot(index, options, this.tally);
			this.bots.push({ bot, joinMs: (index * 1000) / rate });
		}
	}

	/** Joins one after the other; resolves when every bot has a seat or was refused. */
	async connect(): Promise<void> {
		const startMs = performance.now();
		this.timer = setInterval(this.run, 1000 / PUMPS_PER_SECOND / GROUPS);
		const joining = this.bots.map(async ({ bot, joinMs }) => {
			await sleep(Math.max(0, startMs + joinMs - performance.now()));
			await bot.connect();
			this.settled++;
		});
		await Promise.all(joining);
	}

	private readonly run = (): void => {
		const nowMs = performance.now();
		this.group = (this.group + 1) % GROUPS;
		for (let i = this.group; i < this.bots.length; i += GROUPS) this.bots[i].bot.run(nowMs);
	};

	/** Measures for `seconds`. */
	async measure(seconds: number): Promise<Totals> {
		const startMs = performance.now();
		const endMs = startMs + seconds * 1000;
		this.tally.open();
		for (const { bot } of this.bots) if (bot.hasSeat) bot.arrivals.open(startMs, endMs);
		this.delays.enable();
		this.busyBefore = performance.eventLoopUtilization();
		await sleep(Math.max(0, endMs - performance.now()));
		// the window of bytes ends here, that of each client's rate with its next snapshot
		this.tally.isMeasuring = false;
		const busy = performance.eventLoopUtilization(this.busyBefore).utilization;
		const loopDelayMs = Math.max(0, this.delays.percentile(99) / 1e6 - PROBE_MS);
		this.delays.disable();
		await this.untilAllClosed(endMs + WINDOW_GRACE_MS);
		return this.totals(busy, loopDelayMs);
	}

	private async untilAllClosed(latestMs: number): Promise<void> {
		const seated = this.bots.filter(({ bot }) => bot.hasSeat);
		const isOpen = (): boolean => seated.some(({ bot }) => !bot.arrivals.isClosed);
		while (isOpen() && performance.now() < latestMs) await sleep(5);
		for (const { bot } of seated) {
			const silenceMs = bot.arrivals.close(performance.now());
			if (silenceMs >= 0) this.tally.gaps.recordMs(silenceMs);
		}
	}

	private totals(busy: number, loopDelayMs: number): Totals {
		const { tally } = this;
		const seated = this.bots.map(({ bot }) => bot).filter((bot) => bot.hasSeat);
		return {
			busy,
			loopDelayMs,
			snapshots: tally.snapshots,
			snapshotBytes: tally.snapshotBytes,
			receivedBytes: tally.receivedBytes,
			sentBytes: tally.sentBytes,
			connected: seated.length,
			connectedAtEnd: seated.filter((bot) => bot.isPlaying).length,
			disconnects: tally.disconnects,
			reconnects: tally.reconnects,
			decodeErrors: seated.reduce((sum, bot) => sum + bot.decodeErrors, 0),
			errorsByName: tally.errorsByName,
			rooms: [...tally.rooms],
			rates: seated.map((bot) => bot.arrivals.rate),
			gaps: tally.gaps.data,
			latencies: tally.latencies.data,
		};
	}

	get progress(): Progress {
		const { snapshotsEver, disconnects } = this.tally;
		let connected = 0;
		let seated = 0;
		for (const { bot } of this.bots) {
			if (bot.isPlaying) connected++;
			if (bot.hasSeat) seated++;
		}
		return { connected, snapshots: snapshotsEver, disconnects, failed: this.settled - seated };
	}

	/** Gives up all seats. */
	async leave(): Promise<void> {
		if (this.timer) clearInterval(this.timer);
		for (const { bot } of this.bots) bot.leave();
		await sleep(GOODBYE_MS);
	}
}
