import { LIMITS } from "../../protocol/limits.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import {
	MAX_CHUNK_HEADER_BYTES,
	putChunkHeader,
	putSnapshotPrefix,
} from "../../protocol/messages/snapshot-frame.ts";
import type { OwnRowsEncoder } from "../snapshot/own-rows.ts";
import { HEADROOM, SharedFrame } from "../snapshot/shared-frame.ts";
import type { Room } from "./room.ts";
import type { Viewer } from "./viewer.ts";

/** A prefix is written here first, since it must end where the shared bytes begin. */
const prefix = new Uint8Array(HEADROOM);
/** Own rows up to here stand before the shared bytes; more of them, and the frame is copied. */
const MOST_OWN_BYTES = HEADROOM - 64;

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
		counters.snapshotBytes += sendTo(viewer, frame, tick, chunks, encoder.own);
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
	const isBehind = viewer.isBehind || lagTicks > LIMITS.lagMs * tickRate * 0.001;
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
function sendTo(
	viewer: Viewer,
	shared: SharedFrame,
	tick: number,
	chunks: number,
	ownRows: OwnRowsEncoder,
): number {
	const { player, events } = viewer;
	let frame = shared;
	let count = chunks;
	if (!events.isEmpty) {
		frame = withChunk(frame, CHUNK.events, tick, events.finish(tick));
		events.clear();
		count++;
	}
	const own = player && ownRows.isNeeded ? ownRows.write(player.number) : null;
	const isShort = own !== null && own.length <= MOST_OWN_BYTES;
	if (own !== null) {
		count++;
		if (!isShort) frame = withChunk(frame, CHUNK.own, tick, own.bytes.subarray(0, own.length));
	}
	const inputTick = player?.inputs.inputTick ?? 0;
	let bytes = putSnapshotPrefix(prefix, 0, tick, inputTick, player?.inputs.slack ?? 0, count);
	if (own !== null && isShort) {
		bytes = putChunkHeader(prefix, bytes, 0, CHUNK.own, tick, own.length);
		for (let i = 0; i < own.length; i++) prefix[bytes++] = own.bytes[i] as number;
	}
	// byte by byte: a view of it would be an object for each client and snapshot
	for (let i = 0; i < bytes; i++) frame.buffer[HEADROOM - bytes + i] = prefix[i] as number;
	viewer.sink.sendFrame(frame, bytes);
	return bytes + frame.sharedBytes;
}

/** A copy of the shared chunks with one for this viewer behind them: rare, so it may allocate. */
function withChunk(shared: SharedFrame, kind: number, tick: number, data: Uint8Array): SharedFrame {
	const frame = new SharedFrame(shared.sharedBytes + data.length + MAX_CHUNK_HEADER_BYTES);
	shared.buffer.copy(frame.buffer, HEADROOM, HEADROOM, shared.end);
	frame.end = putChunkHeader(frame.buffer, shared.end, 0, kind, tick, data.length);
	frame.buffer.set(data, frame.end);
	frame.end += data.length;
	return frame;
}
