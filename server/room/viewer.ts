import { TokenBucket } from "../../protocol/token-bucket.ts";
import { EventBuffer, type SavedEvents } from "../snapshot/event-buffer.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import type { Player } from "./player.ts";
import type { ClientSink } from "./sink.ts";

/** What a viewer has of a cell that was not in its last snapshot. */
export interface Lag {
	/** Tick of the emission it has, -1 for none. */
	from: number;
	/** Grows with every snapshot that left the cell out, faster for near cells. */
	priority: number;
}

/**
 * A client that sees the room, for as long as one connection lasts: a player, or a spectator without a
 * seat. Keeps what has been sent, and what the client has acknowledged.
 */
export class Viewer {
	readonly sink: ClientSink;
	/** The player who sees this; null for a spectator. */
	readonly player: Player | null;
	/** Events for this viewer alone since its last snapshot; null until the first such event. */
	events: EventBuffer | null = null;
	readonly budget: TokenBucket;
	/** The cell it looked from in the last snapshot. */
	focus = EVERYWHERE;
	/** Cells that the last snapshot left out; null for none, which is the usual case. */
	lagging: Map<number, Lag> | null = null;
	/** Tick of the last snapshot sent, -1 for none: then only keyframes work. */
	sentTick = -1;
	/** Tick of the last snapshot that the client has acknowledged. */
	ackTick = 0;
	/** When the client last made progress with its snapshots, to drop those that never do. */
	progressMs: number;
	/** Has fallen behind; gets nothing until it has applied all that was sent. */
	isBehind = false;
	/** Came from another process, with cells unknown here: the first snapshot clears them. */
	isInherited = false;
	skippedSnapshots = 0;
	/** Gets snapshots in plain arrays. */
	readonly isPlain: boolean;
	/** Takes no residuals by arithmetic coding. */
	readonly isUncoded: boolean;
	private sentBytes = 0;
	private acknowledgedBytes = 0;
	private markTick = -1;
	private markBytes = 0;

	constructor(sink: ClientSink, player: Player | null, bytesPerSecond: number, nowMs: number) {
		this.sink = sink;
		this.player = player;
		this.budget = new TokenBucket(bytesPerSecond, bytesPerSecond, nowMs);
		this.progressMs = nowMs;
		this.isPlain = sink.capabilities?.includes("plain") ?? false;
		this.isUncoded = sink.capabilities?.includes("uncoded") ?? false;
	}

	/** Bytes of snapshots that the client may not have applied yet; never too few, at most doubled. */
	get unacknowledgedBytes(): number {
		return this.sentBytes - this.acknowledgedBytes;
	}

	/** Records that a snapshot has been sent. */
	sent(tick: number, bytes: number): void {
		if (this.sentTick < 0) this.ackTick = tick - 1; // nothing is owed before the first
		this.sentTick = tick;
		this.sentBytes += bytes;
		this.budget.spend(bytes);
		// one mark is under way at a time: when it is acknowledged, everything before it has been applied
		if (this.markTick >= 0) return;
		this.markTick = tick;
		this.markBytes = this.sentBytes;
	}

	/** Takes an acknowledgement; one for a tick that was never sent is ignored. */
	acknowledge(tick: number, nowMs: number): void {
		if (tick <= this.ackTick || tick > this.sentTick) return;
		this.ackTick = tick;
		this.progressMs = nowMs;
		if (tick < this.markTick) return;
		this.acknowledgedBytes = tick === this.sentTick ? this.sentBytes : this.markBytes;
		this.markTick = tick === this.sentTick ? -1 : this.sentTick;
		this.markBytes = this.sentBytes;
	}

	/** What was sent has no meaning under the next rules. */
	startAfresh(): void {
		this.sentTick = -1;
		this.focus = EVERYWHERE;
		this.lagging = null;
		this.events?.clear();
	}

	/** Takes over what waited for the next snapshot in another process. */
	takeOver(events: SavedEvents): void {
		this.events ??= new EventBuffer();
		this.events.load(events);
	}

	/** Keeps an event for the next snapshot. */
	notice(event: number, tick: number, payload: Uint8Array): void {
		this.events ??= new EventBuffer();
		this.events.add(event, tick, payload);
	}
}
