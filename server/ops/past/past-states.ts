import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { StateAnswer } from "../../../protocol/admin-answers.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Room } from "../../room/room.ts";
import type { PastProblem, PastReply, PastRequest, PastSource } from "./past-worker.ts";
import type { StateQuery } from "./read-state.ts";

interface Waiting {
	readonly settle: (answer: StateAnswer | PastProblem) => void;
	readonly timer: NodeJS.Timeout;
}

/** The worker's file: built JavaScript even when this file runs as TypeScript in a test. */
function workerFile(): URL {
	const beside = new URL("./past-worker.js", import.meta.url);
	return existsSync(beside)
		? beside
		: new URL("../../../dist/server/ops/past/past-worker.js", import.meta.url);
}

/** What leads to the state before `tick`, copied out of the room; null when it is forgotten. */
function sourceOf({ history, game, recorder }: Room, tick: number): PastSource | null {
	const excerpt = history.excerpt(tick);
	if (excerpt) return { type: "memory", module: game.module, ...excerpt };
	return recorder?.file ? { type: "file", file: recorder.file } : null;
}

/**
 * Computes states that rooms once had, in a thread of its own: the room only copies an image and some
 * inboxes. The thread is made when it is first needed and ends when nobody has asked for a while.
 */
export class PastStates {
	private worker: Worker | null = null;
	private readonly waiting = new Map<number, Waiting>();
	private nextId = 0;
	private idle: NodeJS.Timeout | null = null;

	async ask(room: Room, tick: number, query: StateQuery): Promise<StateAnswer | PastProblem> {
		if (this.waiting.size >= LIMITS.pastQueries) {
			return { error: "ERR_PAST_BUSY", detail: `${this.waiting.size} questions wait` };
		}
		const source = sourceOf(room, tick);
		if (tick < 0 || tick > room.tick || source === null) {
			const detail = `tick ${tick} is not remembered: there are ${room.history.firstTick} to ${room.tick}`;
			return { error: "ERR_PAST_TICK", detail };
		}
		const worker = this.start();
		const request: PastRequest = { id: this.nextId++, tick, source, query };
		return new Promise((settle) => {
			const timer = setTimeout(
				() => this.abandon("ERR_PAST_TIMEOUT", `no answer within ${LIMITS.verifyMs} ms`),
				LIMITS.verifyMs,
			);
			this.waiting.set(request.id, { settle, timer });
			const moved = source.type === "memory" ? [source.image.bytes.buffer] : [];
			worker.postMessage(request, moved);
		});
	}

	/** Ends the thread; whoever waits is told. */
	close(): void {
		if (this.idle) clearTimeout(this.idle);
		this.idle = null;
		this.abandon("ERR_PAST_CRASH", "the server stops");
	}

	private start(): Worker {
		if (this.idle) clearTimeout(this.idle);
		this.idle = setTimeout(() => {
			if (this.waiting.size === 0) this.close();
		}, LIMITS.pastIdleMs);
		this.idle.unref();
		if (this.worker) return this.worker;
		const worker = new Worker(workerFile());
		worker.unref();
		worker.on("message", ({ id, answer }: PastReply) => {
			const waiting = this.waiting.get(id);
			if (!waiting) return;
			this.waiting.delete(id);
			clearTimeout(waiting.timer);
			waiting.settle(answer);
		});
		worker.on("error", (error) => this.abandon("ERR_PAST_CRASH", error.message));
		this.worker = worker;
		return worker;
	}

	private abandon(error: string, detail: string): void {
		const { worker } = this;
		this.worker = null;
		for (const { settle, timer } of this.waiting.values()) {
			clearTimeout(timer);
			settle({ error, detail });
		}
		this.waiting.clear();
		void worker?.terminate();
	}
}
