import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { History } from "../history/history.ts";
import type { GameModule } from "../module/game-module.ts";
import { EventBoard } from "../snapshot/event-board.ts";
import type { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import type { Clock } from "./clock.ts";
import type { Effect } from "./effect.ts";
import { FaultLog } from "./fault-log.ts";
import type { FaultReport } from "./fault-report.ts";
import { Moments } from "./moments.ts";
import { OutboxDelivery } from "./outbox-delivery.ts";
import type { Player } from "./player.ts";
import type { Recorder } from "./recorder.ts";
import { Requests } from "./requests.ts";
import { RoomCounters } from "./room-counters.ts";
import { type RoomSettings, roomSettings } from "./room-settings.ts";
import { RoomTiming } from "./room-timing.ts";
import type { Probation, Rules } from "./rules.ts";
import { Seats } from "./seats.ts";

/** Hears what happens in a room. */
interface RoomListener {
	/** Lines that the module logs. */
	log?: (room: RoomState, level: number, line: string) => void;
	/** A tick failed; `report.outcome` says what happened next. */
	onReport?: (room: RoomState, report: FaultReport) => void;
	/** The room has failed and dropped everybody. */
	onFault?: (room: RoomState, fault: Fault) => void;
	/** The rules have said a result, or made a request: `room.requests` is to get its answer. Without it all fail. */
	onEffect?: ((room: RoomState, effect: Effect) => void) | undefined;
	/** The rules are told of a player who comes, or a seat that they know is free. */
	onSeat?: ((room: RoomState, player: Player, change: "joined" | "left") => void) | undefined;
}

/** The arguments of a room. */
export interface RoomSetup extends Partial<RoomSettings>, RoomListener {
	id: string;
	clock: Clock;
	seed: number;
	recorder?: Recorder | undefined;
	/** Grows each time that the room goes on elsewhere: 1 for a new room. */
	epoch?: number;
	/** Where players' tokens come from. */
	randomBytes?: ((count: number) => Buffer) | undefined;
}

/**
 * Everything a room consists of, for as long as it lives. The files beside this one work on it; none of
 * them keeps any of a room's state. `saveRoom` copies it for another process.
 */
export class RoomState {
	readonly id: string;
	readonly seed: number;
	/** How often it has begun: of two that say they are this room, the higher one is. */
	readonly epoch: number;
	readonly clock: Clock;
	readonly settings: RoomSettings;
	readonly recorder: Recorder | null;
	readonly listener: RoomListener;
	/** What it runs on; replaced as one. */
	rules!: Rules;
	/** Set while a swap may still be rolled back. */
	probation: Probation | null = null;
	/** Number of the tick computed next. */
	tick = 0;
	/** Time of tick 0 had there never been a delay: tick n is due at originMs + n ticks. */
	originMs: number;
	/** Shifts the snapshots of rooms against each other, in ticks. */
	snapshotPhase = 0;
	/**
	 * Since when every call of `runDue` has found more than one tick due; null after a call that did not.
	 */
	lateSinceMs: number | null = null;
	isPaused = false;
	/** It goes on elsewhere, or soon here: no tick runs, nobody enters. */
	isFrozen = false;
	/** Set when the module failed: the room computes nothing more. */
	fault: Fault | null = null;
	/** The last tick ran out of fuel: this one is tried without any input. */
	leavesInputsOut = false;
	/** Joins and leaves of a failed tick: the next one delivers them. */
	carriedOver: Uint8Array | null = null;
	readonly seats: Seats;
	readonly events = new EventBoard();
	readonly counters = new RoomCounters();
	readonly faults = new FaultLog();
	readonly moments = new Moments();
	/** What the rules have asked the world outside. */
	readonly requests = new Requests();
	readonly timing: RoomTiming;
	/** Handles the module's messages. */
	readonly outbox = new OutboxDelivery(this);
	/** Ticks are being run again to reach an earlier state: their lines were logged before. */
	isRewinding = false;
	/** A tick is computed whose snapshot has not been sent. */
	isShowDue = false;
	/** Lines of the current tick. */
	logLines = 0;

	constructor(setup: RoomSetup) {
		const { id, clock, seed, recorder, randomBytes } = setup;
		this.id = id;
		this.seed = seed;
		this.epoch = setup.epoch ?? 1;
		this.clock = clock;
		this.settings = roomSettings(setup);
		this.recorder = recorder ?? null;
		this.listener = setup;
		this.originMs = clock.now();
		this.timing = new RoomTiming(clock);
		this.seats = new Seats(this, randomBytes);
	}

	get game(): GameModule {
		return this.rules.game;
	}

	get simulation(): Simulation {
		return this.rules.simulation;
	}

	get history(): History {
		return this.rules.history;
	}

	get encoder(): SnapshotEncoder {
		return this.rules.encoder;
	}

	/** Taken seats by number. */
	get players(): ReadonlyMap<number, Player> {
		return this.seats.players;
	}

	get tickMs(): number {
		return 1000 / this.game.descriptor.tickRate;
	}

	/** When the next tick is due, on the room's clock. */
	get deadlineMs(): number {
		return this.originMs + this.tick * this.tickMs;
	}

	/** Forwards what the module logs, a few lines per tick. */
	readonly log = (level: number, line: string): void => {
		if (this.isRewinding) return;
		if (this.logLines++ < LIMITS.logLinesPerTick) this.listener.log?.(this, level, line);
		else this.counters.logLinesDropped++;
	};
}
