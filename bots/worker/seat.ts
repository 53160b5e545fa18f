import { CLOSE_CODES, isFinal } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import type { Welcome } from "../../protocol/messages/server-message.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";
import { createLinkPair, LinkedSocket, type LinkPair } from "../wire/linked-socket.ts";
import { JoinTimer } from "./join-timer.ts";
import type { WorkerContext } from "./worker-context.ts";

/** As the client SDK does: the first try to come back, and the longest wait between two. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** Seeds of a client's link, apart from those of its behaviour. */
const LINK_SEED = 0x6c696e6b;
/** And of how long it waits before it comes back. */
const RETRY_SEED = 0x77616974;

export interface SeatEvents {
	/** A message came; its bytes are only good until this returns. */
	message(bytes: Uint8Array, nowMs: number): void;
	/** The connection is over, whoever ended it. */
	disconnected(): void;
}

/** A bot's seat: takes it, and keeps it through lost connections as the client SDK does. */
export class Seat {
	status: "idle" | "connecting" | "playing" | "waiting" | "closed" = "idle";
	/** The bot has had it since it was told to join. */
	isTaken = false;
	readonly joinTimer = new JoinTimer();
	/** The present connection. */
	socket: LinkedSocket | null = null;
	private readonly index: number;
	private readonly isSlow: boolean;
	private readonly context: WorkerContext;
	private readonly events: SeatEvents;
	private readonly links: LinkPair | null;
	/** For what a bot waits by chance, so that a seed repeats it. */
	private readonly random: Random;
	private room: string | null = null;
	/** Brings the seat back after a lost connection. */
	private token: string | null = null;
	private retryMs = FIRST_RETRY_MS;
	private timer: NodeJS.Timeout | null = null;
	private settle: (() => void) | null = null;

	/** Of bot number `index`; the server may drop one that `isSlow` without it being a failure. */
	constructor(index: number, isSlow: boolean, context: WorkerContext, events: SeatEvents) {
		this.index = index;
		this.isSlow = isSlow;
		this.context = context;
		this.events = events;
		const { seed, link } = context.options;
		const linkRandom = SeededRandom.fork(seed ^ LINK_SEED, index);
		this.links = link === null ? null : createLinkPair(context.wheel, link, linkRandom);
		this.random = SeededRandom.fork(seed ^ RETRY_SEED, index).next;
	}

	/** Takes a seat, due at `dueMs`; resolves when it has one, or was refused it and has counted that. */
	join(dueMs: number): Promise<void> {
		this.joinTimer.join(dueMs);
		return new Promise((resolve) => {
			this.settle = resolve;
			void this.connect();
		});
	}

	private async connect(): Promise<void> {
		this.status = "connecting";
		const { context } = this;
		this.room ??= await context.roomOf(this.index);
		if (this.status !== "connecting") return;
		const socket: LinkedSocket = new LinkedSocket(context.url, context.pool, this.links, {
			open: () => {
				const name = `bot ${this.index + 1}`;
				const { game } = context.options;
				const { room, token } = this;
				this.send(encodeClientMessage({ type: "hello", game, room, name, token }));
			},
			message: (bytes, nowMs) => {
				if (this.socket === socket) this.events.message(bytes, nowMs);
			},
			closed: (code, reason) => {
				if (this.socket === socket) this.lost(code, reason);
			},
		});
		this.socket = socket;
		this.wait(LIMITS.connectMs, () => this.socket?.cut());
	}

	private wait(ms: number, then: () => void): void {
		if (this.timer) clearTimeout(this.timer);
		this.timer = setTimeout(then, ms);
	}

	private stopWaiting(): void {
		if (this.timer) clearTimeout(this.timer);
		this.timer = null;
	}

	send(message: Uint8Array): void {
		this.context.tally.sent(message.length);
		this.socket?.send(message);
	}

	/** The server gave it. */
	welcomed({ room, token }: Welcome): void {
		this.stopWaiting();
		this.retryMs = FIRST_RETRY_MS;
		this.room = room;
		this.token = token;
		this.joinTimer.seated(this.context.tally);
		this.isTaken = true;
		this.status = "playing";
		this.settled();
	}

	private lost(code: number, reason: string): void {
		const { tally } = this.context;
		const byCode = Object.entries(CLOSE_CODES).find(([, c]) => c === code)?.[0];
		const name = reason || byCode || "ERR_NETWORK";
		const wasPlaying = this.status === "playing";
		this.disconnect();
		const isRoomLost = name === "ERR_ROOM_UNKNOWN" || (name === "ERR_ROOM_FULL" && this.isTaken);
		if (isRoomLost && this.context.forgetRoom(this.index, this.room, name)) {
			// the room is gone, or another took the seat: any room of the game will do
			this.room = null;
			void this.connect();
			return;
		}
		tally.countError(name);
		if (!wasPlaying && this.isTaken) this.joinTimer.hasFailed = true;
		if (wasPlaying && this.isSlow) tally.slowDrops++;
		else if (wasPlaying) tally.disconnects++;
		if (!this.isTaken) {
			tally.refused++;
			this.status = "closed";
			this.settled();
		} else if (isFinal(name) && !isRoomLost) this.status = "closed";
		else {
			if (wasPlaying) this.joinTimer.comeBack();
			this.connectAfter(this.aboutMs(this.retryMs));
			this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
		}
	}

	private aboutMs(ms: number): number {
		return ms * (0.75 + this.random() * 0.5);
	}

	private connectAfter(ms: number): void {
		this.status = "waiting";
		this.wait(ms, () => void this.connect());
	}

	private disconnect(): void {
		this.stopWaiting();
		this.events.disconnected();
		this.socket = null;
	}

	private settled(): void {
		this.settle?.();
		this.settle = null;
	}

	/** Breaks the connection, and comes back as a client does. */
	breakOff(): void {
		const { socket } = this;
		this.disconnect();
		socket?.cut();
		this.joinTimer.comeBack();
		this.connectAfter(this.aboutMs(FIRST_RETRY_MS));
	}

	/** Gives it up, and takes another one as a new player after `restMs`. */
	exchange(restMs: number): void {
		this.giveUp();
		this.isTaken = true;
		this.joinTimer.join(performance.now() + restMs);
		this.connectAfter(restMs);
	}

	giveUp(): void {
		const { socket } = this;
		const wasPlaying = this.status === "playing";
		this.disconnect();
		this.token = null;
		this.status = "idle";
		this.isTaken = false;
		this.settled();
		// a room that others were put into is not to be come back to by name
		this.room = null;
		socket?.close(wasPlaying ? encodeClientMessage({ type: "leave" }) : null);
	}
}
