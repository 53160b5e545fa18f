import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Input } from "../../protocol/messages/client-message.ts";
import { encodeNotice, encodePong } from "../../protocol/messages/server-message.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { mostViewAge } from "../input/view-age.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { GameModule } from "../module/game-module.ts";
import { computeFrame, countSnapshots, isSnapshotDue, runFrame, showFrame } from "./frame.ts";
import type { Player } from "./player.ts";
import { loadRoom } from "./resume-room.ts";
import { failRoom, pauseRoom } from "./room-faults.ts";
import type { RoomSettings } from "./room-settings.ts";
import { type RoomSetup, RoomState } from "./room-state.ts";
import { instantiateRules, withEncoder } from "./rules.ts";
import type { SavedRoom } from "./saved-room.ts";
import type { ClientSink } from "./sink.ts";
import type { Viewer } from "./viewer.ts";

export interface RoomOptions extends RoomSetup {
	game: GameModule;
	/** Rules that a fault may bring back, for a resumed room. */
	previousGame?: GameModule | null;
}

/** What a saved room goes on with: its modules, and all that is not its own. */
export type ResumeOptions = Omit<RoomOptions, "id" | "seed" | "epoch" | keyof RoomSettings>;

/**
 * One match: a module's state, its players and its clock. It knows no sockets, timers or threads; its
 * owner calls `runDue` in time.
 */
export class Room extends RoomState {
	/** Starts afresh, or continues from `saved`. @throws ModuleError, and what `loadRoom` throws */
	constructor(
		{ game, previousGame = null, ...setup }: RoomOptions,
		saved: SavedRoom | null = null,
	) {
		super(setup);
		if (saved) loadRoom(this, saved, game, previousGame);
		else this.rules = withEncoder(this, instantiateRules(this, game));
		const fault = saved ? null : this.simulation.init(this.seed);
		if (fault) failRoom(this, fault);
		else this.recorder?.open(this);
	}

	/** Goes on with a saved room in its next epoch, in the state that it was in and with its seats held. */
	static resume(saved: SavedRoom, options: ResumeOptions): Room | Refusal<"ERR_ROOM_RESUME"> {
		const { id, seed, epoch, settings } = saved;
		try {
			return new Room({ ...options, ...settings, id, seed, epoch: epoch + 1 }, saved);
		} catch (thrown) {
			return { error: "ERR_ROOM_RESUME", detail: (thrown as Error).message };
		}
	}

	get hasFreeSeat(): boolean {
		return this.seats.hasFree;
	}

	/** Players who are connected or whose seat is held, and who are not about to leave. */
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
	 *
	 * With `beforeShown` nothing is shown before that has been called: the last snapshot waits for
	 * `showComputed`, so that the ticks of many rooms are logged by one write.
	 */
	runDue(nowMs: number, beforeShown: (() => void) | null = null): void {
		if (this.isPaused) return this.standStill(nowMs);
		// what was computed has to be shown first
		if (this.isShowDue) return;
		const due = this.ticksDue(nowMs);
		this.lateSinceMs = due <= 1 ? null : (this.lateSinceMs ?? nowMs);
		const isSwamped = nowMs - (this.lateSinceMs ?? nowMs) >= SERVER_LIMITS.swampedMs;
		for (let left = Math.min(due, SERVER_LIMITS.catchUpTicks) - 1; left >= 0; left--) {
			this.counters.recordLateness(nowMs - this.deadlineMs);
			const sends = !isSwamped || countSnapshots(this, left) === 0;
			if (beforeShown === null) this.runTick(sends);
			else if (!this.computeTick(sends)) continue;
			// a tick that is caught up with cannot wait for the other rooms: the next one follows at once
			else if (left > 0) {
				beforeShown();
				this.showComputed(nowMs);
			}
		}
		const dropped = due - SERVER_LIMITS.catchUpTicks;
		if (dropped <= 0) return;
		this.originMs += dropped * this.tickMs;
		this.counters.droppedTicks += dropped;
		this.counters.droppedMs += dropped * this.tickMs;
		this.moments.note("dropped", this.tick, `${dropped} tick${dropped === 1 ? "" : "s"}`);
	}

	private ticksDue(nowMs: number): number {
		return Math.floor((nowMs - this.deadlineMs) / this.tickMs) + 1;
	}

	/** Advances the room's time by whole ticks without running any, so that it stays in step. */
	private standStill(nowMs: number): void {
		// a deadline at this moment counts as passed, despite rounding
		this.originMs += Math.max(0, this.ticksDue(nowMs + 1e-6)) * this.tickMs;
	}

	/**
	 * Runs one tick now, whatever the time; does nothing in a failed or paused room. A snapshot that is
	 * due goes out if it `sends`.
	 */
	runTick(sends = true): void {
		if (this.fault || this.isPaused) return;
		this.logLines = 0;
		runFrame(this, this.clock.now(), sends);
	}

	/** Runs one tick and keeps its snapshot back if one is due; false when nothing waits to be shown. */
	private computeTick(sends: boolean): boolean {
		if (this.fault || this.isPaused) return false;
		const nowMs = this.clock.now();
		this.logLines = 0;
		if (!computeFrame(this, nowMs)) return false;
		if (sends && isSnapshotDue(this) && this.seats.viewers.size > 0) {
			this.timing.suspend();
			this.isShowDue = true;
			return true;
		}
		showFrame(this, nowMs, sends);
		return false;
	}

	/** Shows the tick that waits for it. */
	showComputed(nowMs: number): void {
		if (!this.isShowDue) return;
		this.isShowDue = false;
		this.timing.resume();
		showFrame(this, nowMs, true);
	}

	/** Takes a seat and says welcome, or returns why not. */
	join(sink: ClientSink, name: string): Player | Refusal<CloseName> {
		return this.seats.join(sink, name);
	}

	/** The player gives up the seat; the module is told in the next tick. */
	leave(player: Player, reason = 0): void {
		this.seats.leave(player, reason);
	}

	/** Ends a player's connection, who is not to come back by itself, and gives up the seat. */
	kick(player: Player): void {
		player.viewer?.sink.drop("ERR_KICKED", "by an operator");
		this.seats.leave(player);
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

	/** A spectator's acknowledgement. */
	receiveAck(viewer: Viewer, tick: number): void {
		viewer.acknowledge(tick, this.clock.now());
	}

	/** The room's time in ticks: without time about to be dropped, and not advancing while paused. */
	pong({ sink }: Viewer, time: number | bigint): void {
		const ahead = this.isPaused ? -1 : (this.clock.now() - this.deadlineMs) / this.tickMs;
		const dropped = Math.max(0, Math.floor(ahead) + 1 - SERVER_LIMITS.catchUpTicks);
		sink.send(encodePong(time, this.tick + ahead - dropped));
	}

	/** Shows a line to all clients in the room; null removes it. */
	notify(text: string | null): void {
		this.sendToAll(encodeNotice(text));
	}

	sendToAll(message: Uint8Array): void {
		this.seats.sendToAll(message);
	}

	/** Pauses the room until `resume`; its players stay. */
	pause(): void {
		pauseRoom(this);
	}

	resume(): void {
		if (!this.isPaused) return;
		this.standStill(this.clock.now());
		this.moments.note("resume", this.tick, "");
		this.isPaused = false;
		this.lateSinceMs = null;
	}

	stateHash(): string {
		return stateHash(this.simulation, this.tick);
	}
}
