import type { ChainTable } from "../protocol/codec/chain-state.ts";
import { ChunkDecoder } from "../protocol/codec/chunk-decoder.ts";
import {
	CHUNK,
	type RosterChange,
	type Snapshot,
	type Swap,
	type Welcome,
} from "../protocol/messages/server-message.ts";
import type { WireSchema } from "../protocol/wire-schema.ts";
import { ClockSync } from "./clocks/clock-sync.ts";
import { InputClock } from "./clocks/input-clock.ts";
import { PlaybackClock } from "./clocks/playback-clock.ts";
import { InputSender } from "./input/input-sender.ts";
import { OwnRows } from "./prediction/own-rows.ts";
import type { Prediction } from "./prediction/prediction.ts";
import { showOwnRows } from "./prediction/show-own-rows.ts";
import type { RoomOptions } from "./room-options.ts";
import { EventQueue, type QueuedEvent } from "./view/event-queue.ts";
import { SnapshotBuffer } from "./view/snapshot-buffer.ts";
import { type ShownTable, StateShower } from "./view/state-view.ts";

/** A ping that waits longer means that the connection has stalled. */
const STALLED_MS = 1_000;
/** Time between two messages while it has. */
const STALLED_SEND_MS = 1_000;

/** Together with the interpolation delay, what is heard is at most about a second old. */
const STALE_EVENT_MS = 800;

type ReceivedRoomOptions = Pick<RoomOptions, "interpolate" | "sendRate" | "now" | "staleEventMs">;

/** The room as one version of its rules lays it out: a swap makes a new one. */
class World {
	readonly decoder: ChunkDecoder;
	readonly buffer: SnapshotBuffer;
	readonly shower: StateShower;
	readonly own: OwnRows;
	/** A snapshot has arrived; until then, the earlier picture stays. */
	hasSnapshot = false;
	private readonly schema: WireSchema;

	/** It starts by showing what `previous` did: nothing vanishes while rules change. */
	constructor(schema: WireSchema, previous: World | null) {
		this.schema = schema;
		this.own = new OwnRows(schema.tables);
		this.decoder = new ChunkDecoder(schema.tables);
		this.buffer = new SnapshotBuffer(schema.tables, this.decoder.tables);
		this.shower = new StateShower(schema.tables, this.decoder.tables);
		if (previous) this.shower.goOnFrom(previous.state);
	}

	get state(): Record<string, ShownTable> {
		return this.shower.state;
	}

	/** Snapshots of another connection say nothing about later ones; the picture stays. */
	startAfresh(): void {
		this.hasSnapshot = false;
		this.decoder.clear();
		this.buffer.clear();
		this.own.clear();
	}

	/** Fills the owner-only columns. */
	showOwn(): void {
		if (!this.hasSnapshot) return;
		showOwnRows(this.own, this.schema.tables, this.state);
	}
}

/**
 * What one seat knows, from welcome to the end of the connection: everything that a new one starts
 * without.
 */
export class ReceivedRoom {
	readonly welcome: Welcome;
	readonly clock: ClockSync;
	readonly inputClock: InputClock;
	readonly sender: InputSender;
	readonly playback: PlaybackClock;
	/** Events that have arrived are heard, even if the rules or the connection change. */
	private readonly events: EventQueue;
	readonly roster: Map<number, string>;
	moduleHash: string;
	version: number;
	/** Tick of the last snapshot applied, -1 before the first. */
	tick = -1;
	/** Newest input that the last snapshot includes. */
	inputTick = 0;
	slack = 0;
	/** The moment that `state` shows, in ticks; -1 before the first. */
	shownTick = -1;
	private world: World;
	/** Show the moment between two snapshots, or just the last one. */
	interpolate: boolean;
	private readonly prediction: Prediction;
	private readonly tickMs: number;
	private readonly intervalTicks: number;
	private sentMs = 0;

	/** `previous` is what the seat knew before a lost connection: its tables are shown until new ones come. */
	constructor(
		welcome: Welcome,
		{ interpolate, sendRate, now, staleEventMs = STALE_EVENT_MS }: ReceivedRoomOptions,
		prediction: Prediction,
		previous: ReceivedRoom | null = null,
	) {
		this.welcome = welcome;
		this.interpolate = interpolate;
		this.prediction = prediction;
		const { schema, tickRate, snapshotRate } = welcome;
		this.clock = new ClockSync(tickRate);
		this.inputClock = new InputClock(this.clock, tickRate, sendRate);
		this.sender = new InputSender(schema, now);
		this.playback = new PlaybackClock(tickRate, snapshotRate);
		this.events = new EventQueue(schema, (staleEventMs * tickRate) / 1000);
		if (previous) this.events.takeOver(previous.events);
		this.roster = new Map(welcome.roster.map(({ player, name }) => [player, name]));
		this.tickMs = 1000 / tickRate;
		this.intervalTicks = tickRate / snapshotRate;
		this.moduleHash = welcome.moduleHash;
		this.version = schema.version;
		const isSame = previous?.moduleHash === welcome.moduleHash;
		this.world = isSame && previous ? previous.world : new World(schema, previous?.world ?? null);
		this.world.startAfresh();
		this.predict(schema);
	}

	private predict(schema: WireSchema): void {
		const { moduleHash, sender: inputs } = this;
		this.prediction.begin({ schema, moduleHash, player: this.welcome.player, inputs });
	}

	get received(): readonly ChainTable[] {
		return this.world.decoder.tables;
	}

	get state(): Record<string, ShownTable> {
		return this.world.state;
	}

	changeRoster(changes: readonly RosterChange[]): void {
		for (const { player, name } of changes) {
			if (name === null) this.roster.delete(player);
			else this.roster.set(player, name);
		}
	}

	/** Continues under new rules: the tables may differ, clocks and seat stay. */
	swap({ moduleHash, schema }: Swap): void {
		this.moduleHash = moduleHash;
		this.version = schema.version;
		this.world = new World(schema, this.world);
		this.events.swap(schema);
		this.sender.swap(schema);
		this.predict(schema);
	}

	/** Applies a snapshot that arrived at `nowMs`; returns what is wrong with it, or null. */
	apply(snapshot: Snapshot, nowMs: number): string | null {
		this.world.decoder.begin();
		this.world.own.clear();
		this.world.hasSnapshot = true;
		for (const chunk of snapshot.chunks) {
			const problem = this.applyChunk(chunk, snapshot.tick);
			if (problem !== null) return problem;
		}
		this.tick = snapshot.tick;
		this.inputTick = snapshot.inputTick;
		this.slack = snapshot.slack;
		if (snapshot.inputTick > 0) this.inputClock.addSlack(snapshot.slack);
		if (this.playback.addSnapshot(snapshot.tick, nowMs)) this.clock.askSoon();
		const { buffer, decoder, own } = this.world;
		if (this.interpolate) buffer.push(snapshot.tick);
		// earlier snapshots are not a starting point when smoothing is turned on again
		else buffer.clear();
		this.prediction.confirm(snapshot.tick, decoder.tables, own, nowMs);
		return null;
	}

	private applyChunk(
		{ cell, kind, from, data }: Snapshot["chunks"][number],
		tick: number,
	): string | null {
		if (kind === CHUNK.events) return this.events.add(tick, data);
		const { decoder, own } = this.world;
		if (kind === CHUNK.gone) return decoder.applyGone(data);
		if (kind === CHUNK.own) return own.read(data);
		// from a later version, which sends nothing essential in it
		if (kind > CHUNK.gone) return null;
		if (kind === CHUNK.delta && from !== this.tick) {
			return `a delta from tick ${from}, but the last one applied is ${this.tick}`;
		}
		if (kind === CHUNK.catchUp && from > this.tick) {
			return `a catch-up from tick ${from}, but the last one applied is ${this.tick}`;
		}
		return decoder.apply(kind, data, cell);
	}

	/** Records the player's current input. Returns the newest tick with an input, -1 before the first. */
	steer(nowMs: number, input: Readonly<Record<string, number | boolean>>): number {
		this.playback.markSeen(nowMs);
		const tick = this.welcome.player === null ? -1 : this.inputClock.advance(nowMs);
		if (tick < 0) return -1;
		const shown = this.interpolate ? this.playback.shownAt(nowMs) : this.tick;
		this.sender.record(tick, input, shown < 0 ? 0 : Math.max(0, tick - shown));
		return tick;
	}

	/**
	 * The inputs that are due, as a message, or null. While there is no answer, one per second: after a
	 * stall, all of them reach the server at once, and too many would look like a flood.
	 */
	message(nowMs: number): Uint8Array<ArrayBuffer> | null {
		const isStalled = this.clock.waitedMs(nowMs) > STALLED_MS;
		if (isStalled && nowMs - this.sentMs < STALLED_SEND_MS) return null;
		const message = this.sender.message(Math.max(0, this.tick), nowMs);
		if (message) this.sentMs = nowMs;
		return message;
	}

	/** Fills `state` for the moment to show and hands out the events up to it. */
	show(nowMs: number, take: (event: QueuedEvent) => void): void {
		this.showOthers(nowMs, take);
		this.world.showOwn();
		this.prediction.advance(this.inputClock.time, nowMs, this.tickMs);
		this.prediction.show(this.state);
	}

	private showOthers(nowMs: number, take: (event: QueuedEvent) => void): void {
		this.shownTick = this.interpolate ? this.playback.advance(nowMs) : this.tick;
		this.showTables();
		this.events.drain(this.shownTick, take);
	}

	private showTables(): void {
		const { buffer, shower, decoder, hasSnapshot } = this.world;
		if (!hasSnapshot) return;
		if (!this.interpolate) return shower.showLatest(decoder.tables);
		const around = buffer.around(this.shownTick);
		if (around) shower.showAt(this.shownTick, around[0], around[1], this.intervalTicks);
	}
}
