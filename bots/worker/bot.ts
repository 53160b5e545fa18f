import { decodeServerMessage, SERVER_MESSAGE } from "../../protocol/messages/server-message.ts";
import { readSnapshotHead, type SnapshotHead, typeOf } from "../wire/messages.ts";
import type { Arrivals } from "./arrivals.ts";
import { Player } from "./player.ts";
import { Seat } from "./seat.ts";
import type { WorkerContext } from "./worker-context.ts";

const head: SnapshotHead = { tick: 0, inputTick: 0, slack: 0 };

/** One bot: a seat, a player on it, and what goes wrong for it by plan. */
export class Bot {
	readonly index: number;
	/** Stops to read now and then; its times tell nothing of the server. */
	readonly isSlow: boolean;
	private readonly context: WorkerContext;
	private readonly seat: Seat;
	private readonly player: Player;
	private isPaused = false;

	constructor(index: number, context: WorkerContext) {
		this.index = index;
		this.context = context;
		const share = context.options.slowReaders?.share ?? 0;
		// spread evenly over the bots, and just so many of them
		this.isSlow = Math.floor((index + 1) * share) > Math.floor(index * share);
		this.seat = new Seat(index, this.isSlow, context, {
			message: (bytes, nowMs) => this.message(bytes, nowMs),
			disconnected: () => {
				this.player.exit();
				this.isPaused = false;
			},
		});
		this.player = new Player(index, !this.isSlow, context, this.seat);
	}

	get arrivals(): Arrivals {
		return this.player.arrivals;
	}

	get hasSeat(): boolean {
		return this.seat.isTaken;
	}

	get isPlaying(): boolean {
		return this.seat.status === "playing";
	}

	/** Was refused, or ended for good: it does not come back by itself. */
	get isClosed(): boolean {
		return this.seat.status === "closed";
	}

	/** Had a seat, tried to come back to the game, and could not. */
	get isGone(): boolean {
		return this.hasSeat && !this.isPlaying && this.seat.joinTimer.hasFailed;
	}

	/** Takes a seat, due at `dueMs`; resolves when it has one, or was refused it and has counted that. */
	join(dueMs: number): Promise<void> {
		return this.seat.join(dueMs);
	}

	private message(bytes: Uint8Array, nowMs: number): void {
		const { player } = this;
		this.context.tally.received(bytes.length);
		if (readSnapshotHead(bytes, head)) {
			player.snapshot(head, bytes, nowMs);
			return;
		}
		const type = typeOf(bytes);
		if (type === SERVER_MESSAGE.roster || type === SERVER_MESSAGE.notice) return;
		const message = decodeServerMessage(bytes);
		if (message?.type === "welcome") {
			player.enter(message);
			this.seat.welcomed(message);
		} else if (message?.type === "pong") player.pong(message.time, nowMs, message.tick);
		else if (message?.type === "swap") player.swap(message.moduleHash, bytes, nowMs);
		else player.broken();
	}

	/** Plays, and sends what was due at `dueMs`. */
	run(dueMs: number, nowMs: number): void {
		if (!this.isPlaying) return;
		if (this.isSlow) this.pauseOrRead(nowMs);
		this.player.run(dueMs, nowMs);
	}

	private pauseOrRead(nowMs: number): void {
		const { slowReaders } = this.context.options;
		if (slowReaders === null) return;
		const { everyMs, forMs } = slowReaders;
		// pauses are spread over the period, by a fraction of the golden ratio
		const phase = ((this.index * 0.618034) % 1) * everyMs;
		const isPause = this.context.isDisturbing && (nowMs + phase) % everyMs < forMs;
		if (isPause === this.isPaused) return;
		this.isPaused = isPause;
		if (!isPause) this.seat.socket?.resume();
		else {
			this.context.tally.pauses++;
			this.seat.socket?.pause();
		}
	}

	/** A storm breaks its connection; it comes back as a client does. */
	storm(): void {
		if (!this.isPlaying) return;
		this.context.tally.stormed++;
		this.arrivals.leave();
		this.seat.breakOff();
	}

	/** Leaves, and comes back as a new player after `restMs`. */
	churn(restMs: number): void {
		if (!this.isPlaying) return;
		this.context.tally.churned++;
		this.arrivals.leave();
		this.seat.exchange(restMs);
	}

	/** Gives up the seat. */
	leave(): void {
		this.arrivals.leave();
		this.seat.giveUp();
	}

	/** At the end of a window: inputs that were never answered, and a join that has not ended. */
	countOverdue(nowMs: number): void {
		if (this.hasSeat) this.seat.joinTimer.countOverdue(nowMs, this.context.tally);
		if (this.isPlaying) this.player.countOverdue(nowMs);
	}
}
