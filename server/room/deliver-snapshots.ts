import { LIMITS } from "../../protocol/limits.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import {
	MAX_CHUNK_HEADER_BYTES,
	putChunkHeader,
	putSnapshotPrefix,
} from "../../protocol/messages/snapshot-frame.ts";
import { HEADROOM, SharedFrame } from "../snapshot/shared-frame.ts";
import type { Room } from "./room.ts";
import type { Viewer } from "./viewer.ts";

/** A prefix is written here first, since it must end where the shared bytes begin. */
const prefix = new Uint8Array(HEADROOM);

/**
 * Emits the state after the current tick: encoded once, sent to each client with a short prefix of
 * its own. A client that got the last emission gets the delta from there, anyone else a keyframe, and
 * one that is behind gets nothing until it has caught up.
 */
export function deliverSnapshots(room: Room, nowMs: number): void {
	if (room.seats.viewers.size === 0) {
		room.events.clear();
		return;
	}
	const { encoder, tick, counters } = room;
	const from = encoder.tick;
	encoder.capture(room.simulation, tick);
	const events = room.events.finish(tick);
	const chunks = events.length > 0 ? 2 : 1;
	let delta: SharedFrame | null = null;
	for (const viewer of room.seats.viewers) {
		const { player } = viewer;
		if ((player && !player.isJoined) || !isReady(room, viewer, nowMs)) continue;
		const isNext = viewer.sentTick >= 0 && viewer.sentTick === from;
		let frame: SharedFrame;
		if (isNext) {
			delta ??= encoder.deltaFrame(from, events);
			frame = delta;
		} else {
			frame = encoder.keyframeFrame(events);
			counters.keyframes++;
		}
		counters.snapshotBytes += sendTo(viewer, frame, tick, chunks);
		counters.snapshots++;
		if (viewer.sentTick < 0) viewer.ackTick = tick - 1; // nothing is owed before the first
		viewer.sentTick = tick;
	}
	room.events.clear();
}

/** Whether a client may get a snapshot now; drops one that has taken nothing for too long. */
function isReady({ game, counters, tick }: Room, viewer: Viewer, nowMs: number): boolean {
	const lagTicks = viewer.sentTick < 0 ? 0 : viewer.sentTick - viewer.ackTick;
	const { tickRate } = game.descriptor;
	// one that has been sent nothing yet (or nothing since a swap) has nothing to acknowledge first
	const isBehind =
		viewer.sentTick >= 0 && (viewer.isBehind || lagTicks > LIMITS.lagMs * tickRate * 0.001);
	const caughtUp = !viewer.sink.isBusy && (!isBehind || viewer.ackTick === viewer.sentTick);
	viewer.isBehind = !caughtUp;
	if (caughtUp) {
		if (lagTicks === 0) viewer.progressMs = nowMs;
		return true;
	}
	counters.skippedSnapshots++;
	viewer.skippedSnapshots++;
	viewer.events.clear();
	if (nowMs - viewer.progressMs > LIMITS.stalledClientMs) {
		viewer.sink.drop("ERR_CLIENT_TOO_SLOW", `no progress since tick ${viewer.ackTick} of ${tick}`);
	}
	return false;
}

/** Sends one snapshot and returns the bytes of its message. */
function sendTo(viewer: Viewer, shared: SharedFrame, tick: number, chunks: number): number {
	const { player, events } = viewer;
	let frame = shared;
	let count = chunks;
	if (!events.isEmpty) {
		frame = withOwnEvents(shared, viewer, tick);
		count++;
	}
	const inputTick = player?.inputs.inputTick ?? 0;
	const bytes = putSnapshotPrefix(prefix, 0, tick, inputTick, player?.inputs.slack ?? 0, count);
	// byte by byte: a view of it would be an object for each client and snapshot
	for (let i = 0; i < bytes; i++) frame.buffer[HEADROOM - bytes + i] = prefix[i] as number;
	viewer.sink.sendFrame(frame, bytes);
	return bytes + frame.sharedBytes;
}

/** A copy of the shared chunks with the player's own events behind them: rare, so it may allocate. */
function withOwnEvents(shared: SharedFrame, { events }: Viewer, tick: number): SharedFrame {
	const own = events.finish(tick);
	const frame = new SharedFrame(shared.sharedBytes + own.length + MAX_CHUNK_HEADER_BYTES);
	shared.buffer.copy(frame.buffer, HEADROOM, HEADROOM, shared.end);
	frame.end = putChunkHeader(frame.buffer, shared.end, 0, CHUNK.events, tick, own.length);
	frame.buffer.set(own, frame.end);
	frame.end += own.length;
	events.clear();
	return frame;
}
