import { Series } from "./metrics/series.ts";
import type { WindowMetrics } from "./metrics/summary.ts";
import { mergeTotals } from "./metrics/totals.ts";
import type { LoadOptions } from "./options.ts";
import { ServerProbe } from "./server/server-probe.ts";
import { WorkerThread } from "./worker/worker-thread.ts";

/** All workers of a run, each in its thread, and the probe of the server. */
export class Workers {
	readonly series = new Series();
	private readonly probe: ServerProbe;
	private readonly threads: WorkerThread[];
	private readonly startedAt = Date.now();
	private readonly timer: NodeJS.Timeout;
	private cpuBefore = process.cpuUsage();
	private beforeMs = performance.now();

	/** `watch` hears once a second that there is something new in `series`. */
	constructor(options: LoadOptions, watch: () => void) {
		this.probe = new ServerProbe(options.url, options.adminToken);
		const { startedAt } = this;
		this.threads = Array.from(
			{ length: options.workers },
			(_, first) =>
				new WorkerThread({ ...options, first, every: options.workers, startedAt }, (slice) =>
					this.series.add(slice),
				),
		);
		this.timer = setInterval(() => void this.second(watch), 1000);
	}

	/** Seconds since the run began. */
	get now(): number {
		return (Date.now() - this.startedAt) / 1000;
	}

	private takeCpu(): number {
		const { user, system } = process.cpuUsage(this.cpuBefore);
		const nowMs = performance.now();
		const share = (user + system) / 1000 / Math.max(1, nowMs - this.beforeMs);
		this.cpuBefore = process.cpuUsage();
		this.beforeMs = nowMs;
		return share;
	}

	private async second(watch: () => void): Promise<void> {
		const second = Math.max(0, Math.floor(this.now) - 1);
		const cpu = this.takeCpu();
		watch();
		this.series.addOutside(second, cpu, await this.probe.point());
	}

	/** Makes it `count` bots; resolves when all have a seat or were refused. */
	async scaleTo(count: number, joinsPerSecond: number): Promise<void> {
		await Promise.all(this.threads.map((thread) => thread.scaleTo(count, joinsPerSecond)));
	}

	async measure(seconds: number): Promise<WindowMetrics> {
		await this.probe.open();
		const startMs = performance.now();
		const cpu = process.cpuUsage();
		const parts = await Promise.all(this.threads.map((thread) => thread.measure(seconds)));
		const { user, system } = process.cpuUsage(cpu);
		const toolCpu = seconds > 0 ? (user + system) / 1000 / (performance.now() - startMs) : 0;
		return { totals: mergeTotals(parts), server: await this.probe.close(), toolCpu, seconds };
	}

	/** Gives up all seats and ends the threads. */
	async leave(): Promise<void> {
		clearInterval(this.timer);
		await Promise.all(this.threads.map((thread) => thread.leave()));
	}

	/** Ends the threads as they are. */
	async kill(): Promise<void> {
		clearInterval(this.timer);
		await Promise.all(this.threads.map((thread) => thread.kill()));
	}
}
