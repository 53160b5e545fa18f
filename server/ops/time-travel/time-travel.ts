import { Worker } from "node:worker_threads";
import type { HoldAnswer, StateAnswer } from "../../../protocol/admin-answers.ts";
import type { ErrorName } from "../../../protocol/errors.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { builtModule } from "../../installation.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { Room } from "../../room/room.ts";
import type { StateQuery } from "./read-state.ts";
import type { PastReply, PastRequest, PastSource, PastStretch } from "./time-travel-worker.ts";

interface Waiting {
	readonly settle: (answer: StateAnswer | Refusal) => void;
	readonly timer: NodeJS.Timeout;
}

/**
 * What is needed to reach the state before `tick`: copied from the room, otherwise in its file; null if
 * no longer available.
 */
function sourceOf({ history, game, recorder, tick: now }: Room, tick: number): PastSource | null {
	if (tick > now) return null;
	const excerpt = history.excerpt(tick);
	if (excerpt) return { type: "stretch", stretch: { module: game.module, ...excerpt } };
	return recorder?.file ? { type: "file", file: recorder.file } : null;
}

/** All that a room remembers, copied. */
function wholeStretch({ history, game, tick }: Room): PastStretch | null {
	const whole = history.whole(tick);
	return whole && { module: game.module, ...whole };
}

/**
 * Computes past states of rooms on a separate thread: the room only copies an image and some inboxes.
 * The thread starts when first needed, and ends after a while without requests.
 */
export class TimeTravel {
	private worker: Worker | null = null;
	private readonly waiting = new Map<number, Waiting>();
	private nextId = 0;
	private nextHold = 1;
	private idle: NodeJS.Timeout | null = null;

	/** Keeps what the room remembers now: the room itself drops it within seconds. */
	hold(room: Room): HoldAnswer | Refusal {
		const stretch = wholeStretch(room);
		if (!stretch) return { error: "ERR_PAST_TICK", detail: "the room has no past yet" };
		const hold = this.nextHold++;
		this.send({ type: "hold", hold, stretch });
		return { hold, fromTick: stretch.firstTick, toTick: room.tick };
	}

	/** A state of the room's past, or of one that is held. */
	async ask(
		room: Room,
		tick: number,
		query: StateQuery,
		hold: number | null,
	): Promise<StateAnswer | Refusal> {
		// copying a stretch is not for nothing
		if (this.waiting.size >= SERVER_LIMITS.pastQueries) return this.busy();
		const source = hold === null ? sourceOf(room, tick) : ({ type: "hold", hold } as const);
		if (source === null) {
			const detail = `tick ${tick} is not remembered, but ${room.history.firstTick} to ${room.tick}`;
			return { error: "ERR_PAST_TICK", detail };
		}
		return this.askSource(source, tick, query);
	}

	/** A state of a closed room, from its journal. */
	askFile(file: string, tick: number, query: StateQuery): Promise<StateAnswer | Refusal> {
		return this.askSource({ type: "file", file }, tick, query);
	}

	private busy(): Refusal {
		return { error: "ERR_PAST_BUSY", detail: `${this.waiting.size} questions wait` };
	}

	private async askSource(
		source: PastSource,
		tick: number,
		query: StateQuery,
	): Promise<StateAnswer | Refusal> {
		if (this.waiting.size >= SERVER_LIMITS.pastQueries) return this.busy();
		const id = this.nextId++;
		return new Promise((settle) => {
			const timer = setTimeout(
				() => this.abandon("ERR_PAST_TIMEOUT", `no answer within ${SERVER_LIMITS.verifyMs} ms`),
				SERVER_LIMITS.verifyMs,
			);
			this.waiting.set(id, { settle, timer });
			this.send({ type: "state", id, tick, source, query });
		});
	}

	/** Ends the thread; waiting requests fail. */
	close(): void {
		if (this.idle) clearTimeout(this.idle);
		this.idle = null;
		this.abandon("ERR_PAST_CRASH", "the server stops");
	}

	private send(request: PastRequest): void {
		if (this.idle) clearTimeout(this.idle);
		this.idle = setTimeout(() => this.close(), SERVER_LIMITS.pastIdleMs);
		this.idle.unref();
		this.worker ??= this.start();
		this.worker.postMessage(request);
	}

	private start(): Worker {
		const worker = new Worker(builtModule("server/ops/time-travel/time-travel-worker"));
		worker.unref();
		worker.on("message", ({ id, answer }: PastReply) => {
			const waiting = this.waiting.get(id);
			if (!waiting) return;
			this.waiting.delete(id);
			clearTimeout(waiting.timer);
			waiting.settle(answer);
		});
		worker.on("error", (error) => {
			if (this.worker === worker) this.abandon("ERR_PAST_CRASH", error.message);
		});
		return worker;
	}

	private abandon(error: ErrorName, detail: string): void {
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
