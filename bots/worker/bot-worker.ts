import { type EventLoopUtilization, performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import type { Slice } from "../metrics/series.ts";
import type { Totals } from "../metrics/totals.ts";
import { WINDOW_GRACE_MS } from "./arrivals.ts";
import { Bot } from "./bot.ts";
import { type DisturbanceOptions, Disturbances } from "./disturbances.ts";
import { ThreadCpu } from "./thread-cpu.ts";
import { type BotOptions, WorkerContext } from "./worker-context.ts";

/** The worker's one timer: bots send what is due this often at the finest. */
const PUMP_MS = 5;
/** Time for the last bytes to leave. */
const GOODBYE_MS = 200;
const DISTURBANCE_SEED = 0x73746f72;

export interface WorkerOptions extends BotOptions, DisturbanceOptions {
	/** The worker plays every `every`th bot, or room of bots, from number `first` on. */
	first: number;
	every: number;
}

/**
 * The bots of one thread, driven by one timer on a schedule: bot number i of n is due at i/n of each
 * period, so that they do not send together, and what is done late counts from when it was due.
 */
export class BotWorker {
	private readonly options: WorkerOptions;
	private readonly context: WorkerContext;
	private readonly bots: Bot[] = [];
	private readonly disturbances: Disturbances;
	private readonly cpu = new ThreadCpu();
	private busyBefore: EventLoopUtilization = performance.eventLoopUtilization();
	private timer: NodeJS.Timeout | null = null;
	private nextPumpMs = 0;
	private startMs = performance.now();
	/** How many turns were due up to now. */
	private turns = 0;

	constructor(options: WorkerOptions) {
		this.options = options;
		this.context = new WorkerContext(options);
		const random = SeededRandom.fork(options.seed ^ DISTURBANCE_SEED, options.first).next;
		this.disturbances = new Disturbances(options, 1 / options.every, random);
	}

	private isMine(index: number): boolean {
		const { perRoom, first, every } = this.options;
		return (perRoom === null ? index : Math.floor(index / perRoom)) % every === first;
	}

	/**
	 * Makes it `count` bots over all workers: more join one after the other, `joinsPerSecond` in all
	 * workers, or the newest leave. Resolves when every new bot has a seat or was refused.
	 */
	async scaleTo(count: number, joinsPerSecond: number): Promise<void> {
		const nowMs = performance.now();
		while ((this.bots.at(-1)?.index ?? -1) >= count) this.bots.pop()?.leave();
		const last = this.bots.at(-1)?.index ?? -1;
		const joining: Promise<void>[] = [];
		for (const bot of this.bots) {
			if (bot.hasSeat && !bot.isClosed) continue;
			bot.leave();
			joining.push(this.joinAt(bot, nowMs));
		}
		let from = -1;
		for (let index = last + 1; index < count; index++) {
			if (!this.isMine(index)) continue;
			if (from < 0) from = index - (index % Math.max(1, this.options.perRoom ?? 1));
			const bot = new Bot(index, this.context);
			this.bots.push(bot);
			const dueMs = nowMs + ((index - Math.max(from, last + 1)) * 1000) / joinsPerSecond;
			joining.push(this.joinAt(bot, dueMs));
		}
		this.startMs = nowMs;
		this.turns = 0;
		if (this.timer === null) {
			this.nextPumpMs = nowMs;
			this.pump();
		}
		await Promise.all(joining);
	}

	private async joinAt(bot: Bot, dueMs: number): Promise<void> {
		const waitMs = dueMs - performance.now();
		if (waitMs > 0) await sleep(waitMs);
		await bot.join(dueMs);
	}

	private readonly pump = (): void => {
		const nowMs = performance.now();
		const { tally, periodMs } = this.context;
		tally.late(nowMs - this.nextPumpMs, PUMP_MS);
		const count = this.bots.length;
		const due = Math.floor(((nowMs - this.startMs) / periodMs) * count);
		// a whole round missed is not made up for; what waited goes out with the next
		for (let turn = Math.max(this.turns, due - count); turn < due; turn++) {
			const dueMs = this.startMs + ((turn + 1) / count) * periodMs;
			this.bots[turn % count]?.run(dueMs, nowMs);
		}
		this.turns = due;
		if (this.context.isDisturbing) this.disturbances.run(this.bots, nowMs);
		this.nextPumpMs = Math.max(nowMs, this.nextPumpMs + PUMP_MS);
		this.timer = setTimeout(this.pump, Math.max(1, this.nextPumpMs - performance.now()));
	};

	/** Measures for `seconds`, with all disturbances. */
	async measure(seconds: number): Promise<Totals> {
		const startMs = performance.now();
		const endMs = startMs + seconds * 1000;
		const { context } = this;
		context.tally.open();
		for (const bot of this.bots) bot.arrivals.open(startMs, endMs);
		this.disturbances.start(startMs);
		context.isDisturbing = true;
		const busyBefore = performance.eventLoopUtilization();
		const cpuBefore = this.cpu.seconds();
		await sleep(Math.max(0, endMs - performance.now()));
		const tookMs = performance.now() - startMs;
		context.isDisturbing = false;
		if (seconds > 0) for (const bot of this.bots) bot.countOverdue(performance.now());
		// the window of bytes and inputs ends here, that of each client's rate with its next snapshot
		context.tally.isMeasuring = false;
		const cpu =
			cpuBefore === null ? null : ((this.cpu.seconds() ?? 0) - cpuBefore) * (1000 / tookMs);
		const busy = performance.eventLoopUtilization(busyBefore).utilization;
		await this.untilAllClosed(endMs + WINDOW_GRACE_MS);
		return this.totals(busy, cpu);
	}

	private get measured(): Bot[] {
		return this.bots.filter((bot) => bot.hasSeat && !bot.isSlow);
	}

	private async untilAllClosed(latestMs: number): Promise<void> {
		const { measured } = this;
		const isOpen = (): boolean => measured.some(({ arrivals }) => !arrivals.isClosed);
		while (isOpen() && performance.now() < latestMs) await sleep(5);
		const everyMs = 1000 / Math.max(1, this.context.snapshotRate);
		for (const { arrivals } of measured) {
			const silenceMs = arrivals.close(performance.now());
			this.context.tally.gap(silenceMs, everyMs, true);
		}
	}

	private totals(busy: number, cpu: number | null): Totals {
		const { tally, snapshotRate } = this.context;
		const { window } = tally;
		const seated = this.bots.filter((bot) => bot.hasSeat);
		const present = this.measured.filter(({ arrivals }) => arrivals.presentMs > 0);
		return {
			workers: [{ busy, cpu, lateness: window.lateness.copy(), bots: this.bots.length }],
			snapshotRate,
			snapshots: window.snapshots,
			snapshotBytes: window.snapshotBytes,
			receivedBytes: window.receivedBytes,
			sentBytes: window.sentBytes,
			decoded: window.decoded,
			clients: this.bots.length,
			connected: seated.length,
			connectedAtEnd: seated.filter((bot) => bot.isPlaying).length,
			gone: this.bots.filter((bot) => bot.isGone).length,
			refused: tally.refused,
			disconnects: tally.disconnects,
			reconnects: tally.reconnects,
			decodeErrors: tally.decodeErrors,
			churned: tally.churned,
			stormed: tally.stormed,
			slowReaders: this.bots.filter((bot) => bot.isSlow).length,
			pauses: tally.pauses,
			slowDrops: tally.slowDrops,
			errorsByName: { ...tally.errorsByName },
			rooms: [...tally.rooms],
			modules: [...tally.modules],
			rates: present.map(({ arrivals }) => arrivals.rate),
			presentMs: present.map(({ arrivals }) => arrivals.presentMs),
			gaps: window.gaps.copy(),
			latencies: window.latencies.copy(),
			joins: tally.joins.copy(),
			rejoins: tally.rejoins.copy(),
		};
	}

	/** What happened since it was asked last, to be asked once a second. */
	takeSecond(second: number): Slice {
		const { tally } = this.context;
		const { second: now } = tally;
		const elu = performance.eventLoopUtilization();
		const busy = performance.eventLoopUtilization(elu, this.busyBefore).utilization;
		this.busyBefore = elu;
		const slice: Slice = {
			second,
			playing: this.bots.reduce((n, bot) => n + (bot.isPlaying ? 1 : 0), 0),
			clients: this.bots.length,
			snapshots: now.snapshots,
			receivedBytes: now.receivedBytes,
			sentBytes: now.sentBytes,
			refused: tally.refused,
			disconnects: tally.disconnects,
			gaps: now.gaps.copy(),
			latencies: now.latencies.copy(),
			lateness: now.lateness.copy(),
			busy,
		};
		now.clear();
		return slice;
	}

	/** Gives up all seats. */
	async leave(): Promise<void> {
		if (this.timer) clearTimeout(this.timer);
		this.timer = null;
		for (const bot of this.bots.splice(0)) bot.leave();
		this.context.wheel.stop();
		await sleep(GOODBYE_MS);
	}
}
