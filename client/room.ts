import { isFinal } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/limits.ts";
import { encodeClientMessage } from "../protocol/messages/client-message.ts";
import {
	decodeServerMessage,
	type Snapshot,
	type Welcome,
} from "../protocol/messages/server-message.ts";
import type { Game } from "../protocol/schema/define-game.ts";
import type { InputView } from "../protocol/schema/view-types.ts";
import { type Ending, endingOf } from "./connection/close-reason.ts";
import { Connection } from "./connection/connection.ts";
import { Retry } from "./connection/retry.ts";
import { SeatKeeper } from "./connection/seat-keeper.ts";
import { Watchdog } from "./connection/watchdog.ts";
import { ReceivedRoom } from "./received-room.ts";
import type { RoomOptions } from "./room-options.ts";
import type { StopTimer } from "./timers.ts";
import type { QueuedEvent } from "./view/event-queue.ts";
import { type RoomStatus, RoomView } from "./view/room-view.ts";

/** Close code of a client that abandons a connection and returns on another: not a goodbye. */
const GIVEN_UP = 4900;
/** An ack goes out at least this often, even when nothing else does. */
const ACK_MS = 250;
/**
 * Shortest time between two messages with inputs; a server allows somewhat more, for pings and acks.
 */
const LEAST_SEND_MS = 1200 / LIMITS.messagesPerSecond;

/** Close reasons that mean the room is gone or full. */
const ROOM_LOST: ReadonlySet<string> = new Set(["ERR_ROOM_UNKNOWN", "ERR_ROOM_FULL"]);
/** Close reasons that are final for a first attempt, but not for a client that had a seat. */
const PASSING: ReadonlySet<string> = new Set(["ERR_SERVER_FULL"]);

/**
 * A seat in a room: the state to draw, the input to set, and events. `connect` creates it, and it
 * survives reconnections. Listeners are always called last, when the room has the state they are told:
 * they may do anything, including leave.
 */
export class Room<G extends Game = Game> extends RoomView<G> {
	/** The player's current input; sent with every tick until changed. */
	input: InputView<G> = {} as InputView<G>;
	status: RoomStatus = "connecting";
	/** Why it is closed, or the last reason for reconnecting. */
	ending: Ending | null = null;
	/** A message from the operator, such as a build error in development. */
	notice: string | null = null;
	decodeErrors = 0;
	reconnects = 0;
	private readonly connection: Connection;
	private readonly retry: Retry;
	private readonly watchdog = new Watchdog();
	private readonly seat: SeatKeeper;
	private stopPumping: StopTimer | null = null;
	private stopWatchingPage: StopTimer | null = null;
	/** The room to ask for: the one with the seat, otherwise the one requested. */
	private wantedRoom: string | null;
	/** Resumes the seat after a lost connection. */
	private token: string | null = null;
	private lastSendMs = Number.NEGATIVE_INFINITY;
	private ackedTick = -1;

	constructor(options: RoomOptions) {
		super(options);
		this.wantedRoom = options.room;
		this.seat = new SeatKeeper(options.spectate ? null : options.seat);
		this.retry = new Retry(options.timers, options.random, () => {
			this.reconnects++;
			void this.connection.open();
		});
		this.connection = new Connection(options.url, options.open, {
			hello: () => this.hello(),
			message: (bytes) => this.receive(bytes),
			lost: (code, reason) => this.lost(code, reason),
		});
	}

	/** Brings `state` up to date and fires the events up to that moment: call once per drawn frame. */
	update(): void {
		const now = this.options.now();
		// what is pressed now shows in this very frame
		if (this.status === "playing" && this.prediction.isOn) {
			this.copy?.steer(now, this.input as Record<string, number | boolean>);
		}
		const due: QueuedEvent[] = [];
		this.copy?.show(now, (event) => due.push(event));
		for (const { name, fields } of due) this.eventListeners.get(name)?.emit(fields as never);
	}

	/** Sends what is due: inputs up to this moment, a ping. Only needed without `autoPump`. */
	pump(): void {
		const { copy, connection, watchdog } = this;
		if (!copy || !connection.isOpen || this.status !== "playing") return;
		const now = this.options.now();
		if (watchdog.look(now)) return this.giveUpConnection(true);
		if (copy.clock.isPingDue(now) || watchdog.wantsAnswer) {
			watchdog.asked();
			connection.send(encodeClientMessage({ type: "ping", time: now }));
		}
		if (copy.steer(now, this.input as Record<string, number | boolean>) < 0) {
			return this.acknowledge(copy, now);
		}
		if (now - this.lastSendMs < LEAST_SEND_MS) return;
		const message = copy.message(now);
		if (message === null) return;
		this.lastSendMs = now;
		this.ackedTick = copy.tick;
		connection.send(message);
	}

	/** Gives up the seat. */
	leave(): void {
		this.connection.send(encodeClientMessage({ type: "leave" }));
		this.finish({ name: "LEFT", code: 1000 });
	}

	/** Opens a connection and sends the hello, with the seat that the page had before it reloaded. */
	async open(): Promise<void> {
		this.stopWatchingPage = this.options.watchPage(() => this.doubtConnection());
		const kept = await this.seat.recall(this.options.room);
		if (this.status === "closed") return;
		if (kept) {
			this.wantedRoom = kept.room;
			this.token = kept.token;
		}
		await this.connection.open();
	}

	private hello(): Uint8Array<ArrayBuffer> {
		const { game, name, spectate } = this.options;
		const { token, wantedRoom: room } = this;
		return encodeClientMessage({ type: "hello", game, room, name, token, spectate });
	}

	private receive(bytes: Uint8Array): void {
		const now = this.options.now();
		this.watchdog.heard(now);
		const message = decodeServerMessage(bytes);
		this.traffic.add(now, bytes.length, message?.type === "snapshot");
		if (message === null) {
			this.decodeErrors++;
			return;
		}
		if (message.type === "welcome") return this.enter(message, now);
		const { copy } = this;
		if (!copy) return;
		if (message.type === "snapshot") this.receiveSnapshot(copy, message, bytes.length, now);
		else if (message.type === "swap") {
			copy.swap(message);
			copy.sender.attach(this.input as Record<string, number | boolean>);
			this.swapListeners.emit({ version: copy.version, moduleHash: copy.moduleHash });
		} else if (message.type === "notice") {
			this.notice = message.text;
			this.noticeListeners.emit(message.text);
		} else if (message.type === "pong") copy.clock.addPong(message.time, now, message.tick);
		else if (message.type === "roster") {
			copy.changeRoster(message.changes);
			this.rosterListeners.emit(this.roster);
		}
	}

	private enter(welcome: Welcome, now: number): void {
		const copy = new ReceivedRoom(welcome, this.options, this.prediction, this.copy);
		this.copy = copy;
		// the same object as before, so that code holding it keeps working
		copy.sender.attach(this.input as Record<string, number | boolean>);
		this.wantedRoom = welcome.room;
		this.token = welcome.token;
		if (welcome.token !== null) this.seat.keep({ room: welcome.room, token: welcome.token });
		this.retry.reset();
		this.watchdog.start(now);
		this.ackedTick = -1;
		this.status = "playing";
		this.startPump();
		this.statusListeners.emit("playing");
		// a listener may have left the room, or joined another already
		if (this.copy === copy && this.status === "playing") this.rosterListeners.emit(this.roster);
	}

	private receiveSnapshot(
		copy: ReceivedRoom,
		snapshot: Snapshot,
		bytes: number,
		now: number,
	): void {
		const problem = copy.apply(snapshot, now);
		if (problem !== null) {
			// the chain is broken: only a new start makes the state complete
			this.decodeErrors++;
			return this.giveUpConnection(false);
		}
		this.traffic.addChunks(now, snapshot.chunks);
		// timers of a hidden page are slow, but its messages are not: do not appear dead
		this.acknowledge(copy, now);
		const sentMs = copy.sender.sentAt(snapshot.inputTick);
		this.snapshotListeners.emit({
			tick: snapshot.tick,
			bytes,
			inputLatencyMs: sentMs < 0 ? -1 : now - sentMs,
		});
	}

	/** Acknowledges snapshots when no input has done so for a while. */
	private acknowledge({ tick: ackTick }: ReceivedRoom, now: number): void {
		if (ackTick <= this.ackedTick || now - this.lastSendMs <= ACK_MS) return;
		this.lastSendMs = now;
		this.ackedTick = ackTick;
		const inputs = new Uint8Array(0);
		this.connection.send(encodeClientMessage({ type: "input", ackTick, tick: 0, inputs }));
	}

	/** Something happened after which the connection may have changed, or be possible again. */
	private doubtConnection(): void {
		if (this.retry.isWaiting) this.retry.now();
		else if (this.status === "playing") {
			this.watchdog.doubt();
			if (this.options.autoPump) this.pump();
		}
	}

	/** Abandons a dead connection; the server holds the seat, and gives it to the next one. */
	private giveUpConnection(atOnce: boolean): void {
		this.connection.close(GIVEN_UP);
		this.comeBack({ name: "ERR_NETWORK", code: 1006 }, atOnce);
	}

	private lost(code: number, reason: string): void {
		const ending = endingOf(code, reason);
		const { name } = ending;
		const hadSeat = this.copy !== null;
		const isElsewhere =
			this.wantedRoom !== null && (hadSeat || this.wantedRoom !== this.options.room);
		if (ROOM_LOST.has(name) && isElsewhere) {
			// it is gone, perhaps with its server, or full: any room is fine
			const isWish = this.wantedRoom === this.options.room;
			this.wantedRoom = isWish ? null : this.options.room;
			this.token = null;
			// the server has answered, so there is no reason to wait
			this.comeBack(ending, true);
			return;
		}
		const isOver = isFinal(name) && !(hadSeat && PASSING.has(name));
		if (isOver || !this.options.reconnect || !hadSeat) this.finish(ending);
		else this.comeBack(ending, false);
	}

	/** Keeps trying, `atOnce` or after a while. */
	private comeBack(ending: Ending, atOnce: boolean): void {
		if (this.status === "closed") return;
		if (!this.options.reconnect && this.copy !== null) return this.finish(ending);
		this.stopPump();
		this.ending = ending;
		if (atOnce) this.retry.now();
		else this.retry.later();
		// an attempt at another room is still a first attempt
		if (this.copy !== null) this.setStatus("reconnecting");
	}

	private finish(ending: Ending): void {
		if (this.status === "closed") return;
		this.ending = ending;
		this.stopPump();
		this.stopWatchingPage?.();
		this.retry.stop();
		this.connection.close();
		// a server that could not be reached has not taken the seat away
		if (ending.name === "LEFT" || isFinal(ending.name)) this.seat.forget();
		else this.seat.letGo();
		this.setStatus("closed");
	}

	/** Announces a new status. This comes last, since listeners may change it again. */
	private setStatus(status: RoomStatus): void {
		if (this.status === status) return;
		this.status = status;
		this.statusListeners.emit(status);
	}

	private startPump(): void {
		this.stopPump();
		if (!this.options.autoPump) return;
		this.pump();
		const { sendRate, timers } = this.options;
		this.stopPumping = timers.every(1000 / sendRate, () => this.pump());
	}

	private stopPump(): void {
		this.stopPumping?.();
		this.stopPumping = null;
	}
}
