import { ClockSync } from "../../client/clock-sync.ts";
import { InputClock } from "../../client/input-clock.ts";
import { CLOSE_CODES, isFinal } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import {
	decodeServerMessage,
	SERVER_MESSAGE,
	type Welcome,
} from "../../protocol/messages/server-message.ts";
import { seededRandom } from "../random.ts";
import { MOST_HEAD_BYTES } from "../wire/frame-writer.ts";
import { createLinkPair, LinkedSocket, type LinkPair } from "../wire/linked-socket.ts";
import { putInput, readSnapshotHead, type SnapshotHead, typeOf } from "../wire/messages.ts";
import { Arrivals } from "./arrivals.ts";
import { InputSchedule } from "./input-schedule.ts";
import { Mind } from "./mind.ts";
import type { Beholder, RoomEyes } from "./room-eyes.ts";
import type { SquadContext } from "./squad-context.ts";
import { WayIn } from "./way-in.ts";

/** As the client SDK does: the first try to come back, and the longest wait between two. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** Seeds of a client's link, apart from those of its mind. */
const LINK_SEED = 0x6c696e6b;
/** And of how long it waits before it comes back. */
const RETRY_SEED = 0x77616974;

type Status = "idle" | "connecting" | "playing" | "waiting" | "closed";

const head: SnapshotHead = { tick: 0, inputTick: 0, slack: 0 };

/** One player: a seat, kept as the client SDK keeps it, a mind, and what it measures. */
export class Bot implements Beholder {
	readonly index: number;
	readonly arrivals = new Arrivals();
	/** Tick of the last snapshot. */
	ackTick = 0;
	status: Status = "idle";
	/** Has had a seat since it was told to join. */
	hasSeat = false;
	/** Stops to read now and then; its times tell nothing of the server. */
	readonly isSlow: boolean;
	private readonly context: SquadContext;
	private readonly inputs: InputSchedule;
	private socket: LinkedSocket | null = null;
	private room: string | null = null;
	/** Brings its seat back after a lost connection. */
	private token: string | null = null;
	private clock: ClockSync | null = null;
	private inputClock: InputClock | null = null;
	private mind: Mind | null = null;
	private eyes: RoomEyes | null = null;
	private everyMs = 50;
	private retryMs = FIRST_RETRY_MS;
	private timer: NodeJS.Timeout | null = null;
	private settle: (() => void) | null = null;
	private readonly way = new WayIn();
	private isPaused = false;
	private readonly links: LinkPair | null;
	/** For what a bot waits by chance, so that a seed repeats it. */
	private readonly random: () => number;

	constructor(index: number, context: SquadContext) {
		this.index = index;
		this.context = context;
		this.inputs = new InputSchedule(context.tally.latency);
		const { seed, slowReaders, link } = context.options;
		const share = slowReaders?.share ?? 0;
		// spread evenly over the bots, and just so many of them
		this.isSlow = Math.floor((index + 1) * share) > Math.floor(index * share);
		const linkRandom = seededRandom(seed ^ LINK_SEED, index);
		this.links = link === null ? null : createLinkPair(context.wheel, link, linkRandom);
		this.random = seededRandom(seed ^ RETRY_SEED, index);
	}

	get isPlaying(): boolean {
		return this.status === "playing";
	}

	/** Had a seat, tried to come back to the game, and could not. */
	get isGone(): boolean {
		return this.hasSeat && !this.isPlaying && this.way.hasFailed;
	}

	/** Takes a seat, due at `dueMs`; resolves when it has one, or was refused it and has counted that. */
	join(dueMs: number): Promise<void> {
		this.way.join(dueMs);
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
				if (this.socket === socket) this.message(bytes, nowMs);
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

	private send(message: Uint8Array): void {
		this.context.tally.sent(message.length);
		this.socket?.send(message);
	}

	private message(bytes: Uint8Array, nowMs: number): void {
		this.context.tally.received(bytes.length);
		if (readSnapshotHead(bytes, head)) {
			this.snapshot(bytes, nowMs);
			return;
		}
		const type = typeOf(bytes);
		if (type === SERVER_MESSAGE.roster || type === SERVER_MESSAGE.notice) return;
		const message = decodeServerMessage(bytes);
		if (message?.type === "welcome") this.enter(message);
		else if (message?.type === "pong") this.clock?.addPong(message.time, nowMs, message.tick);
		else if (message?.type === "swap") {
			this.context.tally.modules.add(message.moduleHash);
			this.see(bytes, nowMs);
		} else this.broken();
	}

	private enter(welcome: Welcome): void {
		const { context } = this;
		this.stopWaiting();
		this.retryMs = FIRST_RETRY_MS;
		this.room = welcome.room;
		this.token = welcome.token;
		this.everyMs = 1000 / welcome.snapshotRate;
		context.nominalRate(welcome.snapshotRate);
		context.tally.rooms.add(welcome.room);
		context.tally.modules.add(welcome.moduleHash);
		this.clock = new ClockSync(welcome.tickRate);
		this.inputClock = new InputClock(this.clock, welcome.tickRate, context.options.sendRate);
		this.inputs.clear();
		this.ackTick = 0;
		const player = welcome.player ?? -1;
		this.mind ??= new Mind(welcome.schema, player, context.options, this.index);
		this.mind.player = player;
		this.eyes = context.eyesOf(welcome, this);
		this.way.seated(context.tally);
		this.hasSeat = true;
		this.status = "playing";
		this.settled();
	}

	private snapshot(bytes: Uint8Array, nowMs: number): void {
		const { tally } = this.context;
		this.inputClock?.addSlack(head.slack);
		const { tick, inputTick } = head;
		tally.snapshot(bytes.length);
		this.measure(inputTick, nowMs);
		if (this.eyes?.isHeldBy(this)) this.see(bytes, nowMs);
		this.ackTick = tick;
	}

	private measure(inputTick: number, nowMs: number): void {
		const { tally } = this.context;
		this.way.arrived(nowMs, tally);
		if (this.isSlow) return;
		const gapMs = this.arrivals.add(nowMs);
		tally.gap(this.arrivals.gapMs, this.everyMs, gapMs >= 0);
		this.inputs.received(inputTick, nowMs);
	}

	private see(bytes: Uint8Array, nowMs: number): void {
		if (!this.eyes?.isHeldBy(this)) return;
		this.context.tally.decoded();
		if (this.eyes.take(bytes, nowMs) !== null) this.broken();
	}

	/** The chain is broken: only a fresh start makes it whole. */
	private broken(): void {
		this.context.tally.decodeErrors++;
		this.socket?.cut();
	}

	/** Plays, and sends what was due at `dueMs`. */
	run(dueMs: number, nowMs: number): void {
		const { clock, inputClock, mind, context } = this;
		if (this.status !== "playing" || !clock || !inputClock || !mind) return;
		if (this.isSlow) this.pauseOrRead(nowMs);
		if (clock.isPingDue(nowMs)) this.send(encodeClientMessage({ type: "ping", time: nowMs }));
		const eyes = this.eyes === null ? null : context.sharedEyes(this.eyes, this.room);
		mind.thinkIfDue(nowMs, eyes);
		const turn = { dueMs, nowMs, periodMs: context.periodMs };
		const ticks = this.inputs.next(inputClock.advance(nowMs), turn, !this.isSlow);
		if (ticks) this.sendInputs(mind.bytes, ticks.first, ticks.count);
	}

	private sendInputs(input: Uint8Array, first: number, count: number): void {
		const { socket } = this;
		if (socket === null) return;
		const end = putInput(socket.out, MOST_HEAD_BYTES, this.ackTick, first, input, count);
		this.context.tally.sent(end - MOST_HEAD_BYTES);
		socket.sendOut(end - MOST_HEAD_BYTES);
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
		if (!isPause) this.socket?.resume();
		else {
			this.context.tally.pauses++;
			this.socket?.pause();
		}
	}

	private lost(code: number, reason: string): void {
		const { context } = this;
		const { tally } = context;
		const byCode = Object.entries(CLOSE_CODES).find(([, c]) => c === code)?.[0];
		const name = reason || byCode || "ERR_NETWORK";
		const wasPlaying = this.status === "playing";
		this.letGo();
		const isRoomLost = name === "ERR_ROOM_UNKNOWN" || (name === "ERR_ROOM_FULL" && this.hasSeat);
		if (isRoomLost && context.forgetRoom(this.index, this.room, name)) {
			// the room is gone, or another took the seat: any room of the game will do
			this.room = null;
			void this.connect();
			return;
		}
		tally.countError(name);
		if (!wasPlaying && this.hasSeat) this.way.hasFailed = true;
		if (wasPlaying && this.isSlow) tally.slowDrops++;
		else if (wasPlaying) tally.disconnects++;
		if (!this.hasSeat) {
			tally.refused++;
			this.status = "closed";
			this.settled();
		} else if (isFinal(name) && !isRoomLost) this.status = "closed";
		else {
			if (this.isSlow) this.arrivals.leave();
			if (wasPlaying) this.way.comeBack();
			this.comeBack(this.retryMs * (0.75 + this.random() * 0.5));
			this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
		}
	}

	private comeBack(afterMs: number): void {
		this.status = "waiting";
		this.wait(afterMs, () => void this.connect());
	}

	private letGo(): void {
		this.stopWaiting();
		if (this.eyes) this.context.closeEyes(this.eyes, this.room, this);
		this.eyes = null;
		this.socket = null;
		this.isPaused = false;
	}

	private settled(): void {
		this.settle?.();
		this.settle = null;
	}

	/** A storm breaks its connection; it comes back as a client does. */
	storm(): void {
		if (this.status !== "playing") return;
		const { socket } = this;
		this.context.tally.stormed++;
		this.arrivals.leave();
		this.letGo();
		socket?.cut();
		this.way.comeBack();
		this.comeBack(FIRST_RETRY_MS * (0.75 + this.random() * 0.5));
	}

	/** Leaves, and comes back as a new player after `restMs`. */
	churn(restMs: number): void {
		if (this.status !== "playing") return;
		this.context.tally.churned++;
		this.leave();
		this.hasSeat = true;
		this.status = "waiting";
		this.way.join(performance.now() + restMs);
		this.wait(restMs, () => void this.connect());
	}

	/** Gives up the seat. */
	leave(): void {
		const { socket } = this;
		const wasPlaying = this.status === "playing";
		this.arrivals.leave();
		this.letGo();
		this.token = null;
		this.status = "idle";
		this.hasSeat = false;
		this.settled();
		// a room that others were put into is not to be come back to by name
		this.room = null;
		socket?.close(wasPlaying ? encodeClientMessage({ type: "leave" }) : null);
	}

	/** At the end of a window: inputs that nobody ever answered, and a way in that has no end. */
	countOverdue(nowMs: number): void {
		if (this.hasSeat) this.way.countOverdue(nowMs, this.context.tally);
		if (!this.isSlow && this.isPlaying) this.inputs.overdue(nowMs);
	}
}
