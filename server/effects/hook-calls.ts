import { EFFECT_LIMITS } from "./effect-limits.ts";
import type { HookName } from "./hooks.ts";

/** Why a hook gave nothing. */
export class HookError extends Error {
	override readonly name:
		| "ERR_HOOK_TIMEOUT"
		| "ERR_HOOK_FAILED"
		| "ERR_HOOK_BUSY"
		| "ERR_HOOK_CRASHED";

	constructor(name: HookError["name"], detail: string) {
		super(detail);
		this.name = name;
	}
}

/** Where hooks run. */
export interface HookRunner {
	has(hook: HookName): boolean;
	/** @throws HookError, or whatever the hook throws */
	run(hook: HookName, argument: unknown): Promise<unknown>;
	/** A call has taken too long. */
	late(): void;
	/** The file has changed. */
	reload(): void;
	close(): Promise<void>;
}

/** For metrics. */
export interface HookFigures {
	readonly calls: number;
	readonly failures: ReadonlyMap<string, number>;
	readonly waiting: number;
}

interface Waiting {
	readonly hook: HookName;
	readonly argument: unknown;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: HookError) => void;
}

/** Calls hooks off the tick: some at once, the others in their order, each for a limited time. */
export class HookCalls {
	private readonly runner: HookRunner;
	private readonly queue: Waiting[] = [];
	private running = 0;
	private calls = 0;
	private readonly failures = new Map<string, number>();

	constructor(runner: HookRunner) {
		this.runner = runner;
	}

	get figures(): HookFigures {
		return { calls: this.calls, failures: this.failures, waiting: this.queue.length };
	}

	has(hook: HookName): boolean {
		return this.runner.has(hook);
	}

	/** What the hook gives. @throws HookError */
	call(hook: HookName, argument: unknown): Promise<unknown> {
		this.calls++;
		return new Promise((resolve, reject) => {
			const failed = (error: HookError): void => {
				this.failures.set(error.name, (this.failures.get(error.name) ?? 0) + 1);
				reject(error);
			};
			if (this.queue.length >= EFFECT_LIMITS.callsWaiting) {
				failed(new HookError("ERR_HOOK_BUSY", `${this.queue.length} calls wait`));
				return;
			}
			this.queue.push({ hook, argument, resolve, reject: failed });
			// never within the tick that asks
			setImmediate(() => this.next());
		});
	}

	/** Calls that run fail by name. */
	reload(): void {
		this.runner.reload();
	}

	async close(): Promise<void> {
		for (const { reject } of this.queue.splice(0)) {
			reject(new HookError("ERR_HOOK_BUSY", "the server stops"));
		}
		await this.runner.close();
	}

	private next(): void {
		if (this.running >= EFFECT_LIMITS.calls) return;
		const call = this.queue.shift();
		if (call === undefined) return;
		this.running++;
		const { hook, argument, resolve, reject } = call;
		let isOver = false;
		const end = (settle: () => void): void => {
			if (isOver) return;
			isOver = true;
			clearTimeout(limit);
			this.running--;
			settle();
			this.next();
		};
		const limit = setTimeout(() => {
			this.runner.late();
			const detail = `${hook} took more than ${EFFECT_LIMITS.callMs} ms`;
			end(() => reject(new HookError("ERR_HOOK_TIMEOUT", detail)));
		}, EFFECT_LIMITS.callMs);
		this.runner.run(hook, argument).then(
			(value) => end(() => resolve(value)),
			(thrown: unknown) => end(() => reject(asHookError(hook, thrown))),
		);
	}
}

function asHookError(hook: HookName, thrown: unknown): HookError {
	if (thrown instanceof HookError) return thrown;
	const detail = thrown instanceof Error ? thrown.message : String(thrown);
	return new HookError("ERR_HOOK_FAILED", `${hook}: ${detail.slice(0, 500)}`);
}
