import { ChunkDecoder } from "../protocol/codec/chunk-decoder.ts";
import { CHUNK, type Snapshot, type Welcome } from "../protocol/messages/server-message.ts";
import { ClockSync } from "./clock-sync.ts";
import { EventQueue, type QueuedEvent } from "./event-queue.ts";
import { InputClock } from "./input-clock.ts";
import { InputSender } from "./input-sender.ts";
import { PlaybackClock } from "./playback-clock.ts";
import { SnapshotBuffer } from "./snapshot-buffer.ts";
import { type ShownTable, StateShower } from "./state-view.ts";

/** What one seat knows, from welcome to the end of the connection: all that a new one starts afresh. */
export class Session {
	readonly welcome: Welcome;
	readonly clock: ClockSync;
	readonly inputClock: InputClock;
	readonly sender: InputSender;
	readonly playback: PlaybackClock;
	readonly roster: Map<number, string>;
	readonly state: Record<string, ShownTable>;
	/** Tick of the last snapshot applied, -1 before the first. */
	tick = -1;
	/** Newest input that the last snapshot includes. */
	inputTick = 0;
	slack = 0;
	private readonly decoder: ChunkDecoder;
	private readonly buffer: SnapshotBuffer | null;
	private readonly shower: StateShower;
	private readonly events: EventQueue;
	private readonly intervalTicks: number;

	constructor(welcome: Welcome, interpolate: boolean) {
		this.welcome = welcome;
		const { schema, tickRate, snapshotRate } = welcome;
		this.clock = new ClockSync(tickRate);
		this.inputClock = new InputClock(this.clock, tickRate);
		this.sender = new InputSender(schema);
		this.playback = new PlaybackClock(tickRate, snapshotRate);
		this.roster = new Map(welcome.roster.map(({ player, name }) => [player, name]));
		this.decoder = new ChunkDecoder(schema.tables);
		this.buffer = interpolate ? new SnapshotBuffer(this.decoder.tables) : null;
		this.shower = new StateShower(schema.tables, this.decoder.tables);
		this.state = this.shower.state;
		this.events = new EventQueue(schema);
		this.intervalTicks = tickRate / snapshotRate;
	}

	/** Applies a snapshot that arrived at `nowMs`; returns what is wrong with it, or null. */
	apply(snapshot: Snapshot, nowMs: number): string | null {
		for (const chunk of snapshot.chunks) {
			const problem = this.applyChunk(chunk, snapshot.tick);
			if (problem !== null) return problem;
		}
		this.tick = snapshot.tick;
		this.inputTick = snapshot.inputTick;
		this.slack = snapshot.slack;
		if (snapshot.inputTick > 0) this.inputClock.addSlack(snapshot.slack);
		this.playback.addSnapshot(snapshot.tick, nowMs);
		this.buffer?.push(snapshot.tick);
		return null;
	}

	private applyChunk(
		{ kind, from, data }: Snapshot["chunks"][number],
		tick: number,
	): string | null {
		if (kind === CHUNK.events) return this.events.add(tick, data);
		if (kind !== CHUNK.keyframe && kind !== CHUNK.delta) return `unknown kind of chunk ${kind}`;
		if (kind === CHUNK.delta && from !== this.tick) {
			return `a delta from tick ${from}, but the last one applied is ${this.tick}`;
		}
		return this.decoder.apply(kind, data);
	}

	/** Fills `state` for the moment to show and hands out the events up to it. */
	show(nowMs: number, take: (event: QueuedEvent) => void): void {
		if (this.buffer === null) {
			this.shower.showLatest(this.decoder.tables);
			this.events.drain(this.tick, take);
			return;
		}
		const shown = this.playback.advance(nowMs);
		const around = this.buffer.around(shown);
		if (around === null) return;
		this.shower.showAt(shown, around[0], around[1], this.intervalTicks);
		this.events.drain(shown, take);
	}
}
