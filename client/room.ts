import type { ChainTable } from "../protocol/codec/chain-state.ts";
import { isFinal } from "../protocol/errors.ts";
import { encodeClientMessage } from "../protocol/messages/client-message.ts";
import { decodeServerMessage, type Snapshot } from "../protocol/messages/server-message.ts";
import type { Game } from "../protocol/schema/define-game.ts";
import type { EventViews, InputView, StateView } from "../protocol/schema/view-types.ts";
import type { WireSchema } from "../protocol/wire-schema.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { QueuedEvent } from "./event-queue.ts";
import { Line } from "./line.ts";
import { type Listener, Listeners } from "./listeners.ts";
import { Prediction } from "./prediction/prediction.ts";
import type { RoomOptions } from "./room-options.ts";
import { type RoomStats, roomStats, type SnapshotReport } from "./room-stats.ts";
import { Session } from "./session.ts";
import type { StopTimer } from "./timers.ts";
import { Traffic } from "./traffic.ts";

export type RoomStatus = "connecting" | "playing" | "reconnecting" | "closed";

/** Close code of a client that could not apply a snapshot and comes back: no goodbye. */
const BROKEN_CHAIN = 4900;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** An ack goes out at least this often, even when nothing else does. */
const ACK_MS = 250;

type EventName<G extends Game> = keyof EventViews<G> & string;
/**
 * A seat in a room: the state to draw, the input to set, and what happens. It is made by `connect`
 * and lives through reconnections.
 */
export class Room<G extends Game = Game> {
	/** What the player does now; sent with every tick until changed. */
	input: InputView<G> = {} as InputView<G>;
	status: RoomStatus = "connecting";
	/** Why it is closed, or the last reason for reconnecting. */
	ending: Ending | null = null;
	/** A line from whoever runs the server, such as a build error in development. */
	notice: string | null = null;
	decodeErrors = 0;
	reconnects = 0;
	readonly traffic = new Traffic();
	private readonly options: RoomOptions;
	private session: Session | null = null;
	private readonly prediction: Prediction;
	private readonly line: Line;
	private retryMs = FIRST_RETRY_MS;
	private stopRetry: StopTimer | null = null;
	private stopPumping: StopTimer | null = null;
	private wantedRoom: string | null;
	/** Brings the seat back after a lost connection. */
	private token: string | null = null;
	private lastSendMs = 0;
	private ackedTick = -1;
	private readonly statusListeners = new Listeners<RoomStatus>();
	private readonly rosterListeners = new Listeners<ReadonlyMap<number, string>>();
	private readonly swapListeners = new Listeners<{ version: number; moduleHash: string }>();
	private readonly noticeListeners = new Listeners<string | null>();
	private readonly snapshotListeners = new Listeners<SnapshotReport>();
	private readonly eventListeners = new Map<string, Listeners<never>>();

	constructor(options: RoomOptions) {
		this.options = options;
		this.wantedRoom = options.room;
		this.prediction = new Prediction(options.url, options.predict, options.loadModule);
		this.line = new Line(options.url, options.open, {
			hello: () => this.hello(),
			message: (bytes) => this.receive(bytes),
			lost: (code, reason) => this.lost(code, reason),
		});
	}

	/** Whether the own rows are computed ahead, where the game allows it; may be changed at any time. */
	get predict(): boolean {
		return this.prediction.isWanted;
	}

	set predict(wanted: boolean) {
		this.prediction.isWanted = wanted;
	}

	/** Whether others are shown smoothly a little in the past; may be changed at any time. */
	get interpolate(): boolean {
		return this.options.interpolate;
	}

	set interpolate(wanted: boolean) {
		this.options.interpolate = wanted;
		if (this.session) this.session.interpolate = wanted;
	}

	/** The tables, filled by `update`: `room.state.ship.x[slot]`. The arrays stay the same objects. */
	get state(): StateView<G> {
		return (this.session?.state ?? {}) as StateView<G>;
	}

	/** Number of this player's seat, -1 for none. */
	get player(): number {
		return this.session?.welcome.player ?? -1;
	}

	get id(): string {
		return this.session?.welcome.room ?? "";
	}

	/** What the server said of the game: tables, input fields, events. Null before the welcome. */
	get schema(): WireSchema | null {
		return this.session?.welcome.schema ?? null;
	}

	/** Names by seat. */
	get roster(): ReadonlyMap<number, string> {
		return this.session?.roster ?? new Map();
	}

	/** The tables as they travelled: integers, for tools that compare. Null before the welcome. */
	get received(): readonly ChainTable[] | null {
		return this.session?.received ?? null;
	}

	get moduleHash(): string {
		return this.session?.moduleHash ?? "";
	}

	/** Version of the rules, as the game's schema counts them. */
	get version(): number {
		return this.session?.version ?? 0;
	}

	get stats(): RoomStats {
		return roomStats(this.session, this.traffic, this.prediction, this.options.now());
	}

	onStatus(listener: Listener<RoomStatus>): () => void {
		return this.statusListeners.add(listener);
	}

	onRoster(listener: Listener<ReadonlyMap<number, string>>): () => void {
		return this.rosterListeners.add(listener);
	}

	/**
	 * The room's rules were replaced while it runs; `state` holds new arrays from here on. They show what
	 * was there before until the first snapshot under the new rules.
	 */
	onSwap(listener: Listener<{ version: number; moduleHash: string }>): () => void {
		return this.swapListeners.add(listener);
	}

	onNotice(listener: Listener<string | null>): () => void {
		return this.noticeListeners.add(listener);
	}

	onSnapshot(listener: Listener<SnapshotReport>): () => void {
		return this.snapshotListeners.add(listener);
	}

	/** Calls `listener` with an event's fields when the moment shown has reached it. */
	on<E extends EventName<G>>(event: E, listener: Listener<EventViews<G>[E]>): () => void {
		const listeners = this.eventListeners.get(event) ?? new Listeners<never>();
		this.eventListeners.set(event, listeners);
		return listeners.add(listener as Listener<never>);
	}

	/** Brings `state` to the present moment and fires the events up to it: once per drawn frame. */
	update(): void {
		const now = this.options.now();
		// what is pressed now is felt in this very frame
		if (this.status === "playing" && this.prediction.isOn) {
			this.session?.steer(now, this.input as Record<string, number | boolean>);
		}
		this.session?.show(now, this.dispatch);
	}

	private readonly dispatch = ({ name, fields }: QueuedEvent): void => {
		this.eventListeners.get(name)?.emit(fields as never);
	};

	/** Sends what is due: inputs up to this moment, a ping. Only needed without `autoPump`. */
	pump(): void {
		const { session, line } = this;
		if (!session || !line.isOpen || this.status !== "playing") return;
		const now = this.options.now();
		if (session.clock.isPingDue(now)) {
			line.send(encodeClientMessage({ type: "ping", time: now }));
		}
		if (session.steer(now, this.input as Record<string, number | boolean>) < 0) {
			return this.acknowledge(session, now);
		}
		const message = session.message(now);
		if (message === null) return;
		this.lastSendMs = now;
		this.ackedTick = session.tick;
		line.send(message);
	}

	/** Gives up the seat. */
	leave(): void {
		this.line.send(encodeClientMessage({ type: "leave" }));
		this.finish({ name: "LEFT", code: 1000 });
	}

	/** Opens a connection and says hello; `connect` calls it, and every reconnection. */
	open(): Promise<void> {
		return this.line.open();
	}

	private hello(): Uint8Array<ArrayBuffer> {
		const { game, name, spectate } = this.options;
		const { token, wantedRoom: room } = this;
		return encodeClientMessage({ type: "hello", game, room, name, token, spectate });
	}

	private receive(bytes: Uint8Array): void {
		const now = this.options.now();
		const message = decodeServerMessage(bytes);
		this.traffic.add(now, bytes.length, message?.type === "snapshot");
		if (message === null) {
			this.decodeErrors++;
			return;
		}
		if (message.type === "welcome") {
			this.session = new Session(message, this.options, this.prediction, this.session);
			// the same object as ever, so that whoever holds it goes on steering
			this.session.sender.attach(this.input as Record<string, number | boolean>);
			this.wantedRoom = message.room;
			this.token = message.token;
			this.retryMs = FIRST_RETRY_MS;
			this.ackedTick = -1;
			this.startPump();
			this.setStatus("playing");
			this.rosterListeners.emit(this.roster);
			return;
		}
		const { session } = this;
		if (!session) return;
		if (message.type === "snapshot") this.receiveSnapshot(session, message, bytes.length, now);
		else if (message.type === "swap") {
			session.swap(message);
			session.sender.attach(this.input as Record<string, number | boolean>);
			this.swapListeners.emit({ version: session.version, moduleHash: session.moduleHash });
		} else if (message.type === "notice") {
			this.notice = message.text;
			this.noticeListeners.emit(message.text);
		} else if (message.type === "pong") session.clock.addPong(message.time, now, message.tick);
		else {
			session.changeRoster(message.changes);
			this.rosterListeners.emit(this.roster);
		}
	}

	private receiveSnapshot(session: Session, snapshot: Snapshot, bytes: number, now: number): void {
		const problem = session.apply(snapshot, now);
		if (problem !== null) {
			// the chain is broken: only a fresh start makes the state whole
			this.decodeErrors++;
			this.line.close(BROKEN_CHAIN);
			this.lost(1006, "");
			return;
		}
		this.traffic.addChunks(now, snapshot.chunks);
		const sentMs = session.sender.sentAt(snapshot.inputTick);
		this.snapshotListeners.emit({
			tick: snapshot.tick,
			bytes,
			inputLatencyMs: sentMs < 0 ? -1 : now - sentMs,
		});
		// timers of a hidden page are slow, its messages are not: do not look dead
		this.acknowledge(session, now);
	}

	/** Says what has been applied when no input has said so for a while. */
	private acknowledge({ tick: ackTick }: Session, now: number): void {
		if (ackTick <= this.ackedTick || now - this.lastSendMs <= ACK_MS) return;
		this.lastSendMs = now;
		this.ackedTick = ackTick;
		const inputs = new Uint8Array(0);
		this.line.send(encodeClientMessage({ type: "input", ackTick, tick: 0, inputs }));
	}

	private lost(code: number, reason: string): void {
		this.stopPump();
		const ending = endingOf(code, reason);
		const { name } = ending;
		const isRoomLost = name === "ERR_ROOM_UNKNOWN" || name === "ERR_ROOM_FULL";
		if (this.wantedRoom !== this.options.room && isRoomLost) {
			// it is gone, with its server perhaps, or others took the seats: any room will do
			this.wantedRoom = this.options.room;
		} else if (this.status === "connecting" || isFinal(name) || !this.options.reconnect) {
			this.finish(ending);
			return;
		}
		this.ending = ending;
		this.setStatus("reconnecting");
		const waitMs = this.retryMs * (0.75 + this.options.random() * 0.5);
		this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
		this.stopRetry = this.options.timers.after(waitMs, () => {
			this.reconnects++;
			void this.open();
		});
	}

	private finish(ending: Ending): void {
		if (this.status === "closed") return;
		this.ending = ending;
		this.setStatus("closed");
		this.stopPump();
		this.stopRetry?.();
		this.line.close();
	}

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
