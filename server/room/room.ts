import { randomBytes } from "node:crypto";
import type { OutboxHandler } from "../../protocol/abi/outbox-reader.ts";
import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import type { CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Input } from "../../protocol/messages/client-message.ts";
import { encodeNotice, encodePong } from "../../protocol/messages/server-message.ts";
import { createHistory, type History } from "../history/history.ts";
import { mostViewAge } from "../input/view-age.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import { EventBoard } from "../snapshot/event-board.ts";
import { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import type { Clock } from "./clock.ts";
import { FaultLog } from "./fault-log.ts";
import type { FaultOutcome, FaultReport } from "./fault-report.ts";
import { countSnapshots, runFrame } from "./frame.ts";
import { Moments } from "./moments.ts";
import type { Player } from "./player.ts";
import type { Recorder } from "./recorder.ts";
import { RoomCounters } from "./room-counters.ts";
import { RoomTiming } from "./room-timing.ts";
import type { Probation } from "./rules.ts";
import { Seats } from "./seats.ts";
import type { ClientSink } from "./sink.ts";
import type { Viewer } from "./viewer.ts";

export interface RoomOptions {
	id: string;
	game: GameModule;
	clock: Clock;
	seed: number;
	/** Lines that the module logs. */
	log?: (room: Room, level: number, line: string) => void;
	/** What a tick that fails again without any input leads to; "retry" also closes then. */
	policy?: FaultPolicy;
	/** How long a seat is held for a player whose connection is lost, ms. */
	seatGraceMs?: number;
	/** Bytes that each client is sent at most, on average. */
	clientBytesPerSecond?: number;
	/** Code what changed arithmetically: fewer bytes for more CPU. */
	codeResiduals?: boolean;
	recorder?: Recorder;
	/** Where players' tokens come from. */
	randomBytes?: (count: number) => Buffer;
	/** A tick failed; `report.outcome` says what became of the room. */
	onReport?: (room: Room, report: FaultReport) => void;
	/** The room has failed and dropped everybody. */
	onFault?: (room: Room, fault: Fault) => void;
}

/** `retry` leaves out the input that broke a tick; `pause` waits for an operator. */
export type FaultPolicy = "retry" | "pause" | "close";

/**
 * One match: a module's state, its players and its clock. It knows no socket, no timer and no
 * thread; whoever owns it calls `runDue` in time.
 */
export class Room {
	readonly id: string;
	game: GameModule;
	simulation: Simulation;
	encoder: SnapshotEncoder;
	history: History;
	readonly policy: FaultPolicy;
	readonly recorder: Recorder | null;
	/** Set while a swap may still be taken back. */
	probation: Probation | null = null;
	readonly faults = new FaultLog();
	readonly moments = new Moments();
	isPaused = false;
	/** The last tick ran out of fuel: this one is tried without any input. */
	leavesInputsOut = false;
	/** Joins and leaves of a tick that came to nothing: the next one delivers them. */
	carriedOver: Uint8Array | null = null;
	readonly seats: Seats;
	readonly events = new EventBoard();
	readonly counters = new RoomCounters();
	readonly timing: RoomTiming;
	readonly seed: number;
	/** Number of the tick computed next. */
	tick = 0;
	/** Set when the module failed: the room computes nothing more. */
	fault: Fault | null = null;
	readonly clock: Clock;
	private readonly codeResiduals: boolean;
	private readonly onFault: (room: Room, fault: Fault) => void;
	private readonly onReport: (room: Room, report: FaultReport) => void;
	/** Time of tick 0 had there never been a delay: tick n is due at originMs + n ticks. */
	private originMs: number;
	/** Shifts the snapshots of rooms against each other, in ticks. */
	snapshotPhase = 0;
	/** The first of the late calls since one with no more than one tick due; null after such a call. */
	private lateSinceMs: number | null = null;
	private logLines = 0;
	/** Ticks are run again to reach an earlier state: what they log was logged before. */
	private isRewinding = false;
	readonly log: (level: number, line: string) => void;

	constructor(options: RoomOptions) {
		const { id, game, clock, seed, log, onFault, onReport, policy, recorder } = options;
		this.id = id;
		this.policy = policy ?? "retry";
		this.recorder = recorder ?? null;
		this.onReport = onReport ?? (() => {});
		this.game = game;
		this.clock = clock;
		this.timing = new RoomTiming(clock);
		this.seed = seed;
		this.onFault = onFault ?? (() => {});
		this.originMs = clock.now();
		this.seats = new Seats(this, {
			graceMs: options.seatGraceMs ?? LIMITS.seatGraceMs,
			bytesPerSecond: options.clientBytesPerSecond ?? LIMITS.clientBytesPerSecond,
			randomBytes: options.randomBytes ?? randomBytes,
		});
		this.codeResiduals = options.codeResiduals ?? false;
		this.encoder = this.createEncoder(game);
		this.log = (level, line) => {
			if (this.isRewinding) return;
			if (this.logLines++ < LIMITS.logLinesPerTick) log?.(this, level, line);
			else this.counters.logLinesDropped++;
		};
		this.simulation = instantiate(game, this.log);
		this.history = createHistory(game);
		const fault = this.simulation.init(seed);
		if (fault) this.fail(fault);
		else this.recorder?.open(this);
	}

	/** An encoder for rules that the room has, or is about to get. */
	createEncoder({ schema, descriptor }: GameModule): SnapshotEncoder {
		return new SnapshotEncoder(schema, descriptor, this.codeResiduals);
	}

	get tickMs(): number {
		return 1000 / this.game.descriptor.tickRate;
	}

	/** When the next tick is due, on the room's clock. */
	get deadlineMs(): number {
		return this.originMs + this.tick * this.tickMs;
	}

	get hasFreeSeat(): boolean {
		return this.seats.hasFree;
	}

	/** Taken seats by number. */
	get players(): ReadonlyMap<number, Player> {
		return this.seats.players;
	}

	/** Players who are here, or whose seat is held, and not about to leave. */
	get population(): number {
		return this.seats.population;
	}

	/** Starts the clock so that the next tick is due at `atMs`. */
	start(atMs: number): void {
		this.originMs = atMs - this.tick * this.tickMs;
		this.lateSinceMs = null;
	}

	/**
	 * Runs the ticks that are due, a few at most; time beyond those is dropped and counted. One that is
	 * late at every call for a while has too much to do, and sends the newest snapshot alone; a single
	 * delay of the process, however long, does not count as that.
	 */
	runDue(nowMs: number): void {
		if (this.isPaused) return this.standStill(nowMs);
		const due = this.ticksDue(nowMs);
		this.lateSinceMs = due <= 1 ? null : (this.lateSinceMs ?? nowMs);
		const isSwamped = nowMs - (this.lateSinceMs ?? nowMs) >= LIMITS.swampedMs;
		for (let left = Math.min(due, LIMITS.catchUpTicks) - 1; left >= 0; left--) {
			this.counters.recordLateness(nowMs - this.deadlineMs);
			this.runTick(!isSwamped || countSnapshots(this, left) === 0);
		}
		const dropped = due - LIMITS.catchUpTicks;
		if (dropped <= 0) return;
		this.originMs += dropped * this.tickMs;
		this.counters.droppedTicks += dropped;
		this.counters.droppedMs += dropped * this.tickMs;
		this.moments.note("dropped", this.tick, `${dropped} tick${dropped === 1 ? "" : "s"}`);
	}

	private ticksDue(nowMs: number): number {
		return Math.floor((nowMs - this.deadlineMs) / this.tickMs) + 1;
	}

	/** Moves the room's time on by whole ticks without running any: it goes on in the same step. */
	private standStill(nowMs: number): void {
		// a deadline that is right now counts as passed, whatever rounding makes of it
		this.originMs += Math.max(0, this.ticksDue(nowMs + 1e-6)) * this.tickMs;
	}

	/**
	 * Runs one tick now, whatever the time; nothing in a room that failed or stands still. A snapshot
	 * that is due goes out if it `sends`.
	 */
	runTick(sends = true): void {
		if (this.fault || this.isPaused) return;
		this.logLines = 0;
		runFrame(this, this.clock.now(), sends);
	}

	/** Takes a seat and says welcome, or returns why not. */
	join(sink: ClientSink, name: string): Player | { error: CloseName; detail: string } {
		return this.seats.join(sink, name);
	}

	/** The player gives up the seat; the module hears of it in the next tick. */
	leave(player: Player, reason = 0): void {
		this.seats.leave(player, reason);
	}

	/** Files a client's inputs, or returns what is wrong with them. */
	receiveInput(player: Player, { ackTick, tick, inputs, viewAge = 0 }: Input): string | null {
		const { size } = this.game.descriptor.input;
		const count = size === 0 ? 0 : inputs.length / size;
		if (!Number.isInteger(count) || (size === 0 && inputs.length > 0)) {
			return `inputs of ${inputs.length} bytes, one is ${size}`;
		}
		if (count > LIMITS.inputsPerMessage) return `${count} inputs in one message`;
		const age = Math.min(viewAge, mostViewAge(this.game.descriptor));
		for (let i = 0; i < count; i++) {
			const fate = player.inputs.put(tick + i, this.tick, inputs, i * size, age);
			if (fate === "late") this.counters.inputsLate++;
			else if (fate === "dropped") this.counters.inputsDropped++;
		}
		player.viewer?.acknowledge(ackTick, this.clock.now());
		return null;
	}

	/** What a spectator says it has applied. */
	receiveAck(viewer: Viewer, tick: number): void {
		viewer.acknowledge(tick, this.clock.now());
	}

	/** Tells the room's time in ticks: without what is about to be dropped, and standing when the room does. */
	pong({ sink }: Viewer, time: number | bigint): void {
		const ahead = this.isPaused ? -1 : (this.clock.now() - this.deadlineMs) / this.tickMs;
		const dropped = Math.max(0, Math.floor(ahead) + 1 - LIMITS.catchUpTicks);
		sink.send(encodePong(time, this.tick + ahead - dropped));
	}

	/** Shows a line to everybody in the room; null takes it away. */
	notify(text: string | null): void {
		this.sendToAll(encodeNotice(text));
	}

	sendToAll(message: Uint8Array): void {
		for (const { sink } of this.seats.viewers) sink.send(message);
	}

	/** What the module says in its outbox. */
	readonly outboxHandler: OutboxHandler = {
		event: (event, player, payload) => {
			if (player < 0) this.events.add(GLOBAL_CELL, event, this.tick, payload);
			else this.players.get(player)?.viewer?.notice(event, this.tick, payload);
		},
		// who can see the place notices it, however wide it is meant to be noticed
		eventNear: (event, x, y, _radius, payload) => {
			const cell = this.encoder.grid?.cellOf(x, y) ?? GLOBAL_CELL;
			this.events.add(cell, event, this.tick, payload);
		},
		refuse: (player, reason) => this.dropPlayer(player, "ERR_REFUSED", reason),
		kick: (player, reason) => this.dropPlayer(player, "ERR_KICKED", reason),
	};

	private dropPlayer(number: number, name: CloseName, reason: number): void {
		const player = this.players.get(number);
		if (!player) return;
		player.viewer?.sink.drop(name, `reason ${reason}`, reason);
		this.leave(player);
	}

	/** Keeps and passes on what is known of a failed tick. */
	report(fault: Fault, inbox: Uint8Array, fuelSpent: number, outcome: FaultOutcome): void {
		const report: FaultReport = {
			...fault,
			room: this.id,
			tick: this.tick,
			moduleHash: this.game.hash,
			version: this.game.version,
			frames: this.game.locate(fault.stack ?? "", fault.message ?? ""),
			inbox: Buffer.from(inbox).toString("hex"),
			fuelSpent,
			outcome,
		};
		this.faults.add(report);
		this.moments.note("fault", this.tick, `${report.kind}: ${report.detail}`);
		this.onReport(this, report);
	}

	/** Brings the state back to before the tick that is being computed. */
	rewind(): Fault | null {
		return this.quietly(() => this.history.rewind(this.simulation, this.tick));
	}

	/** Runs ticks again that have logged their lines before. */
	quietly<T>(run: () => T): T {
		this.isRewinding = true;
		try {
			return run();
		} finally {
			this.isRewinding = false;
		}
	}

	/** Stops the room's time until `resume`; everybody stays. */
	pause(): void {
		this.moments.note("pause", this.tick, "");
		this.isPaused = true;
	}

	resume(): void {
		if (!this.isPaused) return;
		this.standStill(this.clock.now());
		this.moments.note("resume", this.tick, "");
		this.isPaused = false;
		this.lateSinceMs = null;
	}

	/** The module failed: everybody is told, and the room computes nothing more. */
	fail(fault: Fault): void {
		this.fault = fault;
		this.seats.clear("ERR_ROOM_FAULT", `the rules of room ${this.id} failed`);
		this.onFault(this, fault);
	}

	stateHash(): string {
		return stateHash(this.simulation, this.tick);
	}
}
