import { TokenBucket } from "../../protocol/token-bucket.ts";
import { EventBuffer, type SavedEvents } from "../snapshot/event-buffer.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import type { Player } from "./player.ts";
import type { ClientSink } from "./sink.ts";

/** What a viewer has of a cell that it did not get with the last snapshot. */
export interface Lag {
	/** Tick of the emission it has, -1 for none. */
	from: number;
	/** Grows with every snapshot that the cell was left out of, the faster the nearer it is. */
	priority: number;
}

/**
 * Somebody who is shown the room, for as long as one connection lasts: a player, or a spectator who
 * has no seat. What has been sent, and how far the client says it has got.
 */
export class Viewer {
	readonly sink: ClientSink;
	/** Whose eyes these are; null for a spectator. */
	readonly player: Player | null;
	/** Events for this viewer alone since its last snapshot; null before the first that there ever was. */
	events: EventBuffer | null = null;
	readonly budget: TokenBucket;
	/** The cell it looked from in the last snapshot. */
	focus = EVERYWHERE;
	/** Cells that the last snapshot left out; null for none, as it is mostly. */
	lagging: Map<number, Lag> | null = null;
	/** Tick of the last snapshot sent, -1 for none: then only keyframes will do. */
	sentTick = -1;
	/** Tick of the last snapshot that the client says it applied. */
	ackTick = 0;
	/** When the client last got on with its snapshots, for those who never do. */
	progressMs: number;
	/** Has fallen behind; gets nothing until it has applied all that was sent. */
	isBehind = false;
	/** Comes from another process with cells that nobody here knows of: the first snapshot clears them. */
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

	/** Takes note of a snapshot that has been sent. */
	sent(tick: number, bytes: number): void {
		if (this.sentTick < 0) this.ackTick = tick - 1; // nothing is owed before the first
		this.sentTick = tick;
		this.sentBytes += bytes;
		this.budget.spend(bytes);
		// one mark is under way at a time: what lies before it is known to be applied when it is
		if (this.markTick >= 0) return;
		this.markTick = tick;
		this.markBytes = this.sentBytes;
	}

	/** Takes the client's word on what it applied; a tick it was never sent says nothing. */
	acknowledge(tick: number, nowMs: number): void {
		if (tick <= this.ackTick || tick > this.sentTick) return;
		this.ackTick = tick;
		this.progressMs = nowMs;
		if (tick < this.markTick) return;
		this.acknowledgedBytes = tick === this.sentTick ? this.sentBytes : this.markBytes;
		this.markTick = tick === this.sentTick ? -1 : this.sentTick;
		this.markBytes = this.sentBytes;
	}

	/** What was sent has no meaning under the rules that follow. */
	startAfresh(): void {
		this.sentTick = -1;
		this.focus = EVERYWHERE;
		this.lagging = null;
		this.events?.clear();
	}

	/** Keeps what waited for the next snapshot elsewhere. */
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
