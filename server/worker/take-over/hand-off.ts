import { setTimeout as pause } from "node:timers/promises";
import type { Refusal } from "../../../protocol/refusal.ts";
import type { Log } from "../../log.ts";
import type { Report } from "../messages/report.ts";
import type { TcpHandle } from "../socket-passing/tcp-handle.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";
import type { WorkerProcess } from "../worker-pool.ts";
import {
	type FromNew,
	type FromOld,
	type MachineState,
	readFromNew,
	TAKE_OVER_VERSION,
} from "./wire.ts";

/** How often it is looked whether all rooms stand where they are, ms. */
const REST_LOOK_MS = 20;

/** What a supervisor has to give away. */
export interface GivenEstate {
	readonly state: Omit<MachineState, "type">;
	readonly sockets: ReadonlyMap<number, TcpHandle>;
	readonly listener: TcpHandle;
}

interface HandOffOptions {
	readonly log: Log;
	/** Starts the program from the files on disk. */
	readonly spawn: () => WorkerProcess;
	readonly begin: Omit<Extract<FromOld, { type: "begin" }>, "type" | "version">;
	/** No room moves or is on its way back, and every worker runs. */
	readonly isAtRest: () => boolean;
	/** Gives all away: from now on these hear of workers and clients, and nothing is decided here. */
	readonly giveUp: (heirs: GivenTo) => GivenEstate;
	/** The listener's duplicate is on its way: nothing is accepted here any more. */
	readonly stopListening: () => void;
	/** The successor has all: what is kept here of it may go. */
	readonly taken: () => void;
	readonly processOf: (worker: number) => WorkerProcess | null;
	/** Nothing is left to pass on; `isWhole` unless the successor died before. */
	readonly over: (isWhole: boolean) => void;
}

/** Who hears of everything from now on. */
export interface GivenTo {
	readonly heard: (worker: number, report: Report) => void;
	readonly ended: (worker: number, how: string) => void;
	readonly connected: (handle: TcpHandle, unread: Uint8Array) => void;
}

/** What came of an upgrade: the new supervisor's process, or why there is none. */
export type Upgraded = { readonly pid: number } | Refusal;

/**
 * The old supervisor's part of an upgrade: starts the new one, gives it port, rooms and sockets once its workers run, and
 * passes on what it and the old workers say until the last of them has ended. Until it gives all away, whatever goes wrong
 * is the end of the new one alone.
 */
export class HandOff {
	private readonly options: HandOffOptions;
	private readonly successor: WorkerProcess;
	private readonly settle: (result: Upgraded) => void;
	/** How it ends. */
	readonly result: Promise<Upgraded>;
	private readonly timer: NodeJS.Timeout;
	/** `starting`: everything is as before. `given`: the successor decides. */
	private phase: "starting" | "given" | "over" = "starting";
	private readonly left = new Set<number>();

	constructor(options: HandOffOptions) {
		this.options = options;
		let settle: (result: Upgraded) => void = () => {};
		this.result = new Promise((resolve) => {
			settle = resolve;
		});
		this.settle = settle;
		this.successor = options.spawn();
		this.successor.on("message", (message, handle) =>
			this.hear(message, handle as TcpHandle | undefined),
		);
		this.successor.on("exit", (code, signal) =>
			this.lost(`it ended with ${signal ?? `code ${code}`}`),
		);
		this.successor.on("error", ({ message }) => this.lost(message));
		this.timer = setTimeout(
			() => this.fail("it did not come up in time"),
			WORKER_LIMITS.takeOverMs,
		);
		this.tell({ type: "begin", version: TAKE_OVER_VERSION, ...options.begin });
	}

	private hear(message: unknown, handle: TcpHandle | undefined): void {
		if (this.phase === "over") return;
		const told = readFromNew(message);
		if (told === null) return this.fail("it speaks nonsense");
		switch (told.type) {
			case "ready":
				return void this.give(told.version);
			case "cannot":
				return this.fail(`${told.name}: ${told.detail}`);
			case "taken":
				clearTimeout(this.timer);
				this.options.taken();
				return this.settle({ pid: this.successor.pid ?? 0 });
			case "order":
				return this.pass(told, handle);
			case "kill":
				this.options.processOf(told.worker)?.kill("SIGKILL");
		}
	}

	private async give(version: number): Promise<void> {
		if (version !== TAKE_OVER_VERSION) {
			return this.fail(`it takes over by version ${version}, this is ${TAKE_OVER_VERSION}`);
		}
		// a move takes a moment; the time for all of it is limited
		while (this.phase === "starting" && !this.options.isAtRest()) await pause(REST_LOOK_MS);
		if (this.phase !== "starting") return;
		this.phase = "given";
		const { state, sockets, listener } = this.options.giveUp({
			heard: (worker, report) => this.tell({ type: "report", worker, report }),
			ended: (worker, how) => this.ended(worker, how),
			connected: (handle, unread) => {
				this.tell({ type: "connection", unread }, handle, () => handle.close());
			},
		});
		for (const { worker } of state.workers) this.left.add(worker);
		this.tell({ type: "listener" }, listener, () => this.options.stopListening());
		for (const [socket, handle] of sockets) this.tell({ type: "socket", socket }, handle);
		this.tell({ type: "state", ...state });
	}

	/** An order of the successor's for one of the old workers. */
	private pass({ worker, order }: Extract<FromNew, { type: "order" }>, handle?: TcpHandle): void {
		const process = this.options.processOf(worker);
		if (handle === undefined) process?.send(order, () => {});
		else if (process === null) handle.close();
		else process.send(order, handle as never, {}, () => handle.close());
	}

	private ended(worker: number, how: string): void {
		this.tell({ type: "ended", worker, how });
		this.left.delete(worker);
		if (this.left.size === 0) this.finish(true);
	}

	private lost(how: string): void {
		if (this.phase === "starting") return this.fail(how);
		if (this.phase === "over") return;
		this.options.log("error", "the new supervisor is gone", { error: "ERR_UPGRADE_FAILED", how });
		this.finish(false);
	}

	private finish(isWhole: boolean): void {
		this.phase = "over";
		clearTimeout(this.timer);
		this.settle({ error: "ERR_UPGRADE_FAILED", detail: "the new supervisor is gone" });
		this.options.over(isWhole);
	}

	private fail(detail: string): void {
		this.end({
			error: "ERR_UPGRADE_FAILED",
			detail: `the new version does not take over: ${detail}`,
		});
	}

	/** Before anything was given away: everything stays as it is. */
	private end(refused: Refusal): void {
		if (this.phase === "given") {
			this.successor.kill("SIGKILL");
			return this.lost(refused.detail);
		}
		if (this.phase === "over") return;
		this.phase = "over";
		clearTimeout(this.timer);
		this.successor.kill("SIGKILL");
		this.options.log("error", "not upgraded", { ...refused });
		this.settle(refused);
	}

	private tell(message: FromOld, handle?: TcpHandle, done: () => void = () => {}): void {
		if (!this.successor.connected) return done();
		this.successor.send(message, handle as never, {}, () => done());
	}
}
