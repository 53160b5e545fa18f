import { ClockSync } from "../../client/clocks/clock-sync.ts";
import { InputClock } from "../../client/clocks/input-clock.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import type { Welcome } from "../../protocol/messages/server-message.ts";
import { MOST_HEAD_BYTES } from "../wire/frame-writer.ts";
import { putInput, type SnapshotHead } from "../wire/messages.ts";
import { Arrivals } from "./arrivals.ts";
import { BehaviourRunner } from "./behaviour-runner.ts";
import { InputSchedule } from "./input-schedule.ts";
import type { Seat } from "./seat.ts";
import type { Receiver, SharedDecoder } from "./shared-decoder.ts";
import type { WorkerContext } from "./worker-context.ts";

/** What a bot does while it has its seat: takes snapshots and measures them, plays, sends inputs. */
export class Player implements Receiver {
	readonly arrivals = new Arrivals();
	ackTick = 0;
	private readonly index: number;
	private readonly isTimed: boolean;
	private readonly context: WorkerContext;
	private readonly seat: Seat;
	private readonly inputs: InputSchedule;
	private room: string | null = null;
	private clock: ClockSync | null = null;
	private inputClock: InputClock | null = null;
	private behaviour: BehaviourRunner | null = null;
	private decoder: SharedDecoder | null = null;
	private everyMs = 50;

	/** Of bot number `index`; unless it `isTimed`, its gaps and latencies do not count. */
	constructor(index: number, isTimed: boolean, context: WorkerContext, seat: Seat) {
		this.index = index;
		this.isTimed = isTimed;
		this.context = context;
		this.seat = seat;
		this.inputs = new InputSchedule(context.tally.latency);
	}

	/** The seat was given, for the first time or again. */
	enter(welcome: Welcome): void {
		const { context } = this;
		const { tally, options } = context;
		this.room = welcome.room;
		this.everyMs = 1000 / welcome.snapshotRate;
		context.nominalRate(welcome.snapshotRate);
		tally.rooms.add(welcome.room);
		tally.modules.add(welcome.moduleHash);
		this.clock = new ClockSync(welcome.tickRate);
		this.inputClock = new InputClock(this.clock, welcome.tickRate, options.sendRate);
		this.inputs.clear();
		this.ackTick = 0;
		const player = welcome.player ?? -1;
		this.behaviour ??= new BehaviourRunner(welcome.schema, player, options, this.index);
		this.behaviour.player = player;
		this.decoder = context.decoderFor(welcome, this);
	}

	/** The connection is over. */
	exit(): void {
		if (this.decoder) this.context.leaveDecoder(this.decoder, this.room, this);
		this.decoder = null;
	}

	pong(time: number, nowMs: number, tick: number): void {
		this.clock?.addPong(time, nowMs, tick);
	}

	snapshot({ tick, inputTick, slack }: SnapshotHead, bytes: Uint8Array, nowMs: number): void {
		this.inputClock?.addSlack(slack);
		this.context.tally.snapshot(bytes.length);
		this.measure(inputTick, nowMs);
		this.decode(bytes, nowMs);
		this.ackTick = tick;
	}

	private measure(inputTick: number, nowMs: number): void {
		const { tally } = this.context;
		this.seat.joinTimer.arrived(nowMs, tally);
		if (!this.isTimed) return;
		const gapMs = this.arrivals.add(nowMs);
		tally.gap(this.arrivals.gapMs, this.everyMs, gapMs >= 0);
		this.inputs.received(inputTick, nowMs);
	}

	swap(moduleHash: string, bytes: Uint8Array, nowMs: number): void {
		this.context.tally.modules.add(moduleHash);
		this.decode(bytes, nowMs);
	}

	private decode(bytes: Uint8Array, nowMs: number): void {
		if (!this.decoder?.isFedBy(this)) return;
		this.context.tally.decoded();
		if (this.decoder.take(bytes, nowMs) !== null) this.broken();
	}

	/** The chain is broken: only a fresh start makes it whole. */
	broken(): void {
		this.context.tally.decodeErrors++;
		this.seat.socket?.cut();
	}

	/** Plays, and sends what was due at `dueMs`. */
	run(dueMs: number, nowMs: number): void {
		const { clock, inputClock, behaviour, context } = this;
		if (!clock || !inputClock || !behaviour) return;
		if (clock.isPingDue(nowMs)) this.seat.send(encodeClientMessage({ type: "ping", time: nowMs }));
		behaviour.thinkIfDue(nowMs, this.decoder && context.currentDecoder(this.decoder, this.room));
		const turn = { dueMs, nowMs, periodMs: context.periodMs };
		const ticks = this.inputs.next(inputClock.advance(nowMs), turn, this.isTimed);
		if (ticks) this.sendInputs(behaviour.bytes, ticks.first, ticks.count);
	}

	private sendInputs(input: Uint8Array, first: number, count: number): void {
		const { socket } = this.seat;
		if (socket === null) return;
		const end = putInput(socket.out, MOST_HEAD_BYTES, this.ackTick, first, input, count);
		this.context.tally.sent(end - MOST_HEAD_BYTES);
		socket.sendOut(end - MOST_HEAD_BYTES);
	}

	/** At the end of a window: inputs that were never answered. */
	countOverdue(nowMs: number): void {
		if (this.isTimed) this.inputs.overdue(nowMs);
	}
}
