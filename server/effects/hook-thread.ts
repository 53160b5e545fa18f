import { Worker } from "node:worker_threads";
import { builtModule } from "../installation.ts";
import type { Log } from "../log.ts";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import { HookError, type HookRunner } from "./hook-calls.ts";
import type { HookName } from "./hooks.ts";
import type { FromHooks, ToHooks } from "./thread-messages.ts";

interface Asked {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

/**
 * Runs a file of hooks in a thread of its own. One that is stuck is ended and started again, after growing pauses
 * if it goes on dying; calls that it had fail by name.
 */
export class HookThread implements HookRunner {
	private readonly file: string;
	private readonly log: Log;
	private worker: Worker | null = null;
	private hooks: readonly HookName[] = [];
	private readonly asked = new Map<number, Asked>();
	private lastId = 0;
	private ping: NodeJS.Timeout | null = null;
	private restart: NodeJS.Timeout | null = null;
	private restartMs: number = EFFECT_LIMITS.restartMs;
	private startedMs = 0;
	private isClosed = false;

	private constructor(file: string, log: Log) {
		this.file = file;
		this.log = log;
	}

	/** Starts the thread. @throws Error when the file cannot be loaded */
	static async start(file: string, log: Log): Promise<HookThread> {
		const thread = new HookThread(file, log);
		await thread.begin();
		return thread;
	}

	has(hook: HookName): boolean {
		return this.hooks.includes(hook);
	}

	run(hook: HookName, argument: unknown): Promise<unknown> {
		const { worker } = this;
		if (worker === null) {
			return Promise.reject(
				new HookError("ERR_HOOK_CRASHED", "the hooks are about to start again"),
			);
		}
		return new Promise((resolve, reject) => {
			const id = ++this.lastId;
			this.asked.set(id, { resolve, reject });
			worker.postMessage({ type: "call", id, hook, argument } satisfies ToHooks);
		});
	}

	/** Asks for a sign of life. */
	late(): void {
		if (this.ping !== null || this.worker === null) return;
		const { worker } = this;
		worker.postMessage({ type: "ping" } satisfies ToHooks);
		this.ping = setTimeout(() => {
			this.log("error", "hooks are stuck", { error: "ERR_HOOK_CRASHED", file: this.file });
			void worker.terminate();
		}, EFFECT_LIMITS.stuckMs);
	}

	reload(): void {
		this.restartMs = EFFECT_LIMITS.restartMs;
		void this.worker?.terminate();
	}

	async close(): Promise<void> {
		this.isClosed = true;
		if (this.restart !== null) clearTimeout(this.restart);
		if (this.ping !== null) clearTimeout(this.ping);
		await this.worker?.terminate();
	}

	private begin(): Promise<void> {
		this.startedMs = performance.now();
		const worker = new Worker(builtModule("server/effects/hook-runner"), {
			workerData: { file: this.file },
			resourceLimits: { maxOldGenerationSizeMb: EFFECT_LIMITS.heapMb },
		});
		worker.unref();
		this.worker = worker;
		return new Promise((resolve, reject) => {
			worker.on("message", (message: FromHooks) => {
				if (message.type === "ready") {
					this.hooks = message.hooks;
					resolve();
				} else if (message.type === "cannot") {
					reject(new Error(`${this.file}: ${message.detail}`));
					void worker.terminate();
				} else this.heard(message);
			});
			worker.on("error", ({ message }) => {
				this.log("error", "hooks crashed", { error: "ERR_HOOK_CRASHED", detail: message });
				reject(new Error(`${this.file}: ${message}`));
			});
			worker.once("exit", () => this.ended());
		});
	}

	private heard(message: Exclude<FromHooks, { type: "ready" | "cannot" }>): void {
		if (message.type === "pong") {
			if (this.ping !== null) clearTimeout(this.ping);
			this.ping = null;
			return;
		}
		const asked = this.asked.get(message.id);
		this.asked.delete(message.id);
		if (message.type === "threw") asked?.reject(new Error(message.detail));
		else asked?.resolve(message.json === undefined ? undefined : JSON.parse(message.json));
	}

	private ended(): void {
		this.worker = null;
		if (this.ping !== null) clearTimeout(this.ping);
		this.ping = null;
		for (const { reject } of this.asked.values()) {
			reject(new HookError("ERR_HOOK_CRASHED", "the hooks ended before they answered"));
		}
		this.asked.clear();
		// one that could not be loaded at first has no hooks, and is not tried again
		if (this.isClosed || this.hooks.length === 0) return;
		const livedMs = performance.now() - this.startedMs;
		if (livedMs > EFFECT_LIMITS.mostRestartMs) this.restartMs = EFFECT_LIMITS.restartMs;
		this.restart = setTimeout(() => {
			this.begin().catch(({ message }: Error) => {
				this.log("error", "hooks do not start", { error: "ERR_HOOK_CRASHED", detail: message });
			});
		}, this.restartMs);
		this.restart.unref();
		this.restartMs = Math.min(2 * this.restartMs, EFFECT_LIMITS.mostRestartMs);
	}
}
