import { EventBuffer } from "../snapshot/event-buffer.ts";
import type { Player } from "./player.ts";
import type { ClientSink } from "./sink.ts";

/**
 * Somebody who is shown the room, for as long as one connection lasts: a player, or a spectator who
 * has no seat. What has been sent, and how far the client says it has got.
 */
export class Viewer {
	readonly sink: ClientSink;
	/** Whose eyes these are; null for a spectator. */
	readonly player: Player | null;
	/** Events for this viewer alone. */
	readonly events = new EventBuffer();
	/** Tick of the last snapshot sent, -1 for none: then only a keyframe will do. */
	sentTick = -1;
	/** Tick of the last snapshot that the client says it applied. */
	ackTick = 0;
	/** When the client last got on with its snapshots, for those who never do. */
	progressMs: number;
	/** Has fallen behind; gets nothing until it has applied all that was sent. */
	isBehind = false;
	skippedSnapshots = 0;

	constructor(sink: ClientSink, player: Player | null, nowMs: number) {
		this.sink = sink;
		this.player = player;
		this.progressMs = nowMs;
	}

	/** Takes the client's word on what it applied; a tick it was never sent says nothing. */
	acknowledge(tick: number, nowMs: number): void {
		if (tick <= this.ackTick || tick > this.sentTick) return;
		this.ackTick = tick;
		this.progressMs = nowMs;
	}

	/** What was sent has no meaning under the rules that follow. */
	startAfresh(): void {
		this.sentTick = -1;
		this.events.clear();
	}
}
