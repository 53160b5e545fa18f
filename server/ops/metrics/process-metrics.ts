import { readdirSync, readFileSync } from "node:fs";
import {
	constants,
	monitorEventLoopDelay,
	PerformanceObserver,
	performance,
} from "node:perf_hooks";
import type { Exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";

/** Sampling interval of the event loop, ms. Each sample includes this wait. */
const LOOP_SAMPLE_MS = 10;
/** A scrape that comes sooner reads the same window, so that two scrapers do not split it. */
const WINDOW_MS = 5_000;

/** Seconds: from the usual lateness of a timer to a process that players give up on. */
const LAG_BOUNDS = [
	0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 4.096,
];

const GC_KINDS: ReadonlyMap<number, string> = new Map([
	[constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
	[constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
	[constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
	[constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"],
]);

/** Figures of the process that Linux keeps and Node does not tell. */
function openFiles(): { open: number; most: number } | null {
	try {
		const limit = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
		// reading the folder opens one itself
		return { open: readdirSync("/proc/self/fd").length - 1, most: Number(limit?.[1]) };
	} catch {
		return null;
	}
}

/** How late the event loop is, s, since the window began. */
interface LoopDelay {
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly max: number;
	readonly mean: number;
}

/** CPU, memory, files, garbage and the event loop of this process, under their usual names. */
export class ProcessMetrics {
	private readonly delay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
	private readonly gc = new Map<string, { seconds: number; count: number }>();
	private readonly observer: PerformanceObserver;
	/** Grows only, so that readers do not take samples from each other. */
	private readonly lag = new Histogram(LAG_BOUNDS);
	private readonly lagTimer: NodeJS.Timeout;
	private windowMs = performance.now();
	private windowElu = performance.eventLoopUtilization();

	constructor() {
		this.delay.enable();
		let due = performance.now() + LOOP_SAMPLE_MS;
		this.lagTimer = setInterval(() => {
			const now = performance.now();
			this.lag.observe(Math.max(0, now - due) / 1000);
			due = now + LOOP_SAMPLE_MS;
		}, LOOP_SAMPLE_MS);
		this.lagTimer.unref();
		for (const kind of GC_KINDS.values()) this.gc.set(kind, { seconds: 0, count: 0 });
		this.observer = new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) {
				const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
				const sum = this.gc.get(GC_KINDS.get(kind) ?? "");
				if (!sum) continue;
				sum.seconds += entry.duration / 1000;
				sum.count++;
			}
		});
		this.observer.observe({ entryTypes: ["gc"] });
	}

	close(): void {
		this.delay.disable();
		clearInterval(this.lagTimer);
		this.observer.disconnect();
	}

	/** Reads the window of the event loop, and begins another when this one has lasted long enough. */
	readLoop(): { delay: LoopDelay; utilization: number } {
		const seconds = (ns: number): number => Math.max(0, ns / 1e9 - LOOP_SAMPLE_MS / 1000) || 0;
		const { delay } = this;
		const read = {
			p50: seconds(delay.percentile(50)),
			p90: seconds(delay.percentile(90)),
			p99: seconds(delay.percentile(99)),
			max: delay.count === 0 ? 0 : seconds(delay.max),
			mean: seconds(delay.mean),
		};
		const elu = performance.eventLoopUtilization();
		const { utilization } = performance.eventLoopUtilization(elu, this.windowElu);
		if (performance.now() - this.windowMs >= WINDOW_MS) {
			this.windowMs = performance.now();
			this.windowElu = elu;
			delay.reset();
		}
		return { delay: read, utilization };
	}

	write(out: Exposition): void {
		this.writeProcess(out);
		this.writeNode(out);
	}

	private writeProcess(out: Exposition): void {
		const { user, system } = process.cpuUsage();
		const start = Math.round(performance.timeOrigin) / 1000;
		out.single(
			"process_cpu_seconds_total",
			"counter",
			"CPU time of all threads.",
			(user + system) / 1e6,
		);
		out.single("process_cpu_user_seconds_total", "counter", "CPU time in user mode.", user / 1e6);
		out.single(
			"process_cpu_system_seconds_total",
			"counter",
			"CPU time in the kernel.",
			system / 1e6,
		);
		out.single(
			"process_start_time_seconds",
			"gauge",
			"When the process started, Unix time.",
			start,
		);
		const rss = process.memoryUsage.rss();
		out.single("process_resident_memory_bytes", "gauge", "Resident memory.", rss);
		const files = openFiles();
		if (files === null) return;
		out.single("process_open_fds", "gauge", "Open file descriptors.", files.open);
		out.single("process_max_fds", "gauge", "Most file descriptors that may be open.", files.most);
	}

	private writeNode(out: Exposition): void {
		const memory = process.memoryUsage();
		out.single("nodejs_heap_size_total_bytes", "gauge", "Heap of V8.", memory.heapTotal);
		out.single("nodejs_heap_size_used_bytes", "gauge", "Of it, in use.", memory.heapUsed);
		out.single(
			"nodejs_external_memory_bytes",
			"gauge",
			"Memory outside the heap.",
			memory.external,
		);
		const { delay, utilization } = this.readLoop();
		for (const [name, value] of Object.entries(delay)) {
			const what = "How late the event loop was since the last scrapes";
			out.single(`nodejs_eventloop_lag_${name}_seconds`, "gauge", `${what}: ${name}.`, value);
		}
		const lag = "nodejs_eventloop_lag_seconds";
		out.family(lag, "histogram", "How late the event loop was, asked every 10 ms.");
		out.histogram(lag, {}, this.lag);
		out.single(
			"nodejs_eventloop_utilization_ratio",
			"gauge",
			"Share of time in which the event loop was busy; waiting out a tick's last moments counts.",
			utilization,
		);
		const name = "nodejs_gc_duration_seconds";
		out.family(`${name}_total`, "counter", "Time spent collecting garbage, by kind.");
		for (const [kind, { seconds }] of this.gc) out.sample(`${name}_total`, { kind }, seconds);
		out.family("nodejs_gc_runs_total", "counter", "Garbage collections, by kind.");
		for (const [kind, { count }] of this.gc) out.sample("nodejs_gc_runs_total", { kind }, count);
	}
}
