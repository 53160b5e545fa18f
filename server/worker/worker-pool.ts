import type { ChildProcess } from "node:child_process";
import type { Log } from "../log.ts";
import type { Order } from "./messages/order.ts";
import { type Report, readReport } from "./messages/report.ts";
import { type Crashes, decideRestart, NO_CRASHES } from "./restart-policy.ts";
import { WORKER_LIMITS } from "./worker-limits.ts";

/** What the pool needs of a worker's process. */
export interface WorkerProcess extends Pick<ChildProcess, "send" | "connected" | "kill" | "pid"> {
	on(event: "message", listener: (message: unknown, handle: unknown) => void): unknown;
	on(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
	on(event: "error", listener: (error: Error) => void): unknown;
}

/** `waiting`: for its next start. `leftOut`: it crashed again and again. */
type WorkerState = "starting" | "running" | "waiting" | "leftOut" | "stopped";

interface PoolOptions {
	/** How many workers, numbered from 1. */
	count: number;
	/** Starts a worker's process. */
	spawn: (worker: number) => WorkerProcess;
	log: Log;
	/** What a running worker reports. */
	heard: (worker: number, report: Report) => void;
	/** A worker's process has ended, however. */
	lost: (worker: number) => void;
	/** Time that goes on only while this process does, ms. */
	now: () => number;
}

/** Another process that decides about the workers from now on. */
interface Heirs {
	readonly heard: (worker: number, report: Report) => void;
	readonly ended: (worker: number, how: string) => void;
}

/** One worker's place: processes come and go in it. */
interface Place {
	readonly worker: number;
	state: WorkerState;
	process: WorkerProcess | null;
	startedMs: number;
	crashes: Crashes;
	/** Starts after the first. */
	restarts: number;
	/** Looks at it since its last report. */
	silentSeconds: number;
	/** Another supervisor started it: it is not started again. */
	readonly isGuest: boolean;
	timer: NodeJS.Timeout | null;
}

/** Runs workers, and runs them again when they crash. */
export class WorkerPool {
	private places: readonly Place[];
	private readonly options: PoolOptions;
	private readonly watch: NodeJS.Timeout;
	private isStopping = false;
	/** Who decides instead of this one, and is told of everything. */
	private heirs: Heirs | null = null;
	/** Waits for the first workers to be up. */
	private whenUp: { resolve: () => void; reject: (error: Error) => void } | null = null;

	constructor(options: PoolOptions) {
		this.options = options;
		this.places = Array.from({ length: options.count }, (_, i) => ({
			worker: i + 1,
			state: "stopped",
			process: null,
			startedMs: 0,
			crashes: NO_CRASHES,
			restarts: 0,
			silentSeconds: 0,
			isGuest: false,
			timer: null,
		}));
		this.watch = setInterval(() => this.lookForHung(), 1_000);
	}

	/** Starts all; resolves when each of them runs or is left out, rejects when one says that none ever could. */
	start(): Promise<void> {
		for (const place of this.places) this.spawn(place);
		return new Promise((resolve, reject) => {
			this.whenUp = { resolve, reject };
		});
	}

	/** Takes in a worker that another supervisor started and that runs: until it ends, and with a number of its own. */
	adopt(process: WorkerProcess): number {
		const worker = Math.max(...this.places.map((place) => place.worker)) + 1;
		const place: Place = {
			...{ worker, state: "running", process, isGuest: true },
			...{ startedMs: this.options.now(), crashes: NO_CRASHES, restarts: 0 },
			...{ silentSeconds: 0, timer: null },
		};
		this.places = [...this.places, place];
		this.follow(place, process);
		return worker;
	}

	/** Ends a worker that has nothing left to do. */
	dismiss(worker: number): void {
		this.order(worker, { type: "stop" });
	}

	/** Decides nothing any more: no worker is started again, and others hear of all that the workers say. */
	giveUp(heirs: Heirs): void {
		this.heirs = heirs;
		clearInterval(this.watch);
	}

	/** Every worker with what it is doing. */
	get workers(): { worker: number; state: WorkerState; pid: number | null; restarts: number }[] {
		return this.places.map(({ worker, state, process, restarts }) => {
			return { worker, state, pid: process?.pid ?? null, restarts };
		});
	}

	/** Whether a worker runs and has reported of late: one that hangs alone is killed here. */
	get isAnswering(): boolean {
		const { answerSeconds } = WORKER_LIMITS;
		return this.places.some(({ state, silentSeconds }) => {
			return state === "running" && silentSeconds < answerSeconds;
		});
	}

	/** The process of a worker that runs, or null. */
	processOf(worker: number): WorkerProcess | null {
		const place = this.places.find((one) => one.worker === worker);
		return place?.state === "running" && place.process?.connected ? place.process : null;
	}

	/** False when the worker is gone. */
	order(worker: number, order: Order): boolean {
		const process = this.processOf(worker);
		// a channel that breaks now is seen when the process ends
		process?.send(order, () => {});
		return process !== null;
	}

	/** Tells all to stop, and kills those that do not. */
	async stop(): Promise<void> {
		this.isStopping = true;
		clearInterval(this.watch);
		const ends = this.places.map((place) => {
			if (place.timer) clearTimeout(place.timer);
			const { process } = place;
			if (process === null) return Promise.resolve();
			const ended = new Promise<void>((resolve) => process.on("exit", () => resolve()));
			if (!this.order(place.worker, { type: "stop" })) process.kill("SIGKILL");
			place.timer = setTimeout(() => process.kill("SIGKILL"), WORKER_LIMITS.stopMs);
			return ended;
		});
		await Promise.all(ends);
	}

	/** Kills all, for a supervisor that ends at once: they would go on for the time of their goodbyes. */
	kill(): void {
		this.isStopping = true;
		for (const { process } of this.places) process?.kill("SIGKILL");
	}

	private spawn(place: Place): void {
		const { spawn, now } = this.options;
		const process = spawn(place.worker);
		Object.assign(place, { state: "starting", process, startedMs: now(), silentSeconds: 0 });
		this.follow(place, process);
		place.timer = setTimeout(() => {
			const { log } = this.options;
			log("error", "a worker does not come up", { worker: place.worker });
			process.kill("SIGKILL");
		}, WORKER_LIMITS.startMs);
	}

	/** Hears what a process says, and that it has ended. */
	private follow(place: Place, process: WorkerProcess): void {
		process.on("message", (message) => this.hear(place, message));
		let isOver = false;
		const over = (how: string): void => {
			if (isOver) return;
			isOver = true;
			this.ended(place, how);
		};
		process.on("exit", (code, signal) => over(signal ?? `code ${code}`));
		process.on("error", ({ message }) => {
			process.kill("SIGKILL");
			over(message);
		});
	}

	private hear(place: Place, message: unknown): void {
		const { log, heard } = this.options;
		const report = readReport(message);
		if (report === null) {
			log("error", "a worker speaks nonsense", {
				worker: place.worker,
				error: "ERR_WORKER_REPORT",
			});
			place.process?.kill("SIGKILL");
			return;
		}
		if (this.heirs) return this.heirs.heard(place.worker, report);
		place.silentSeconds = 0;
		if (report.type === "cannotStart") {
			const { name, detail } = report;
			log("error", "a worker cannot start", { worker: place.worker, error: name, detail });
			this.whenUp?.reject(Object.assign(new Error(detail), { name }));
			this.whenUp = null;
			return;
		}
		if (report.type === "ready") {
			if (place.timer) clearTimeout(place.timer);
			place.state = "running";
			log("info", "worker up", { worker: place.worker, pid: place.process?.pid });
		}
		heard(place.worker, report);
		this.lookWhetherUp();
	}

	private ended(place: Place, how: string): void {
		const { log, lost, now } = this.options;
		const livedMs = now() - place.startedMs;
		if (place.timer) clearTimeout(place.timer);
		Object.assign(place, { state: "stopped", process: null, timer: null });
		if (this.heirs) return this.heirs.ended(place.worker, how);
		if (place.isGuest) this.places = this.places.filter((one) => one !== place);
		lost(place.worker);
		if (this.isStopping || place.isGuest) return;
		const others = this.places.filter(({ state }) => !["leftOut", "stopped"].includes(state));
		const { crashes, decision } = decideRestart(place.crashes, livedMs, others.length);
		place.crashes = crashes;
		const told = { worker: place.worker, how, livedMs: Math.round(livedMs), inRow: crashes.inRow };
		if (decision.kind === "leaveOut") {
			place.state = "leftOut";
			const hint = "restart the server when its cause is found";
			log("error", "a worker crashed again and again and is left out", { ...told, hint });
			this.lookWhetherUp();
			return;
		}
		log("error", "a worker crashed", { ...told, restartInMs: decision.afterMs });
		place.state = "waiting";
		place.timer = setTimeout(() => {
			place.restarts++;
			this.spawn(place);
		}, decision.afterMs);
	}

	private lookWhetherUp(): void {
		if (!this.places.every(({ state }) => state === "running" || state === "leftOut")) return;
		this.whenUp?.resolve();
		this.whenUp = null;
	}

	/** A second in which this process stood still too counts as one. */
	private lookForHung(): void {
		for (const place of this.places) {
			if (place.state !== "running" || ++place.silentSeconds < WORKER_LIMITS.silentSeconds)
				continue;
			this.options.log("error", "a worker hangs", { worker: place.worker });
			place.process?.kill("SIGKILL");
		}
	}
}
