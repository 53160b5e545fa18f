import { LIMITS } from "../../protocol/limits.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import {
	MAX_CHUNK_HEADER_BYTES,
	putChunkHeader,
	putSnapshotPrefix,
} from "../../protocol/messages/snapshot-frame.ts";
import { HEADROOM, SharedFrame } from "../snapshot/shared-frame.ts";
import type { Player } from "./player.ts";
import type { Room } from "./room.ts";

/** A prefix is written here first, since it must end where the shared bytes begin. */
const prefix = new Uint8Array(HEADROOM);

/**
 * Emits the state after the current tick: encoded once, sent to each client with a short prefix of
 * its own. A client that got the last emission gets the delta from there, anyone else a keyframe, and
 * one that is behind gets nothing until it has caught up.
 */
export function deliverSnapshots(room: Room, nowMs: number): void {
	if (room.players.size === 0) {
		room.events.clear();
		return;
	}
	const { encoder, tick, counters } = room;
	const from = encoder.tick;
	room.timing.startEncoding();
	encoder.capture(room.simulation, tick);
	room.timing.endEncoding();
	const events = room.events.finish(tick);
	const chunks = events.length > 0 ? 2 : 1;
	let delta: SharedFrame | null = null;
	for (const player of room.players.values()) {
		if (!player.isJoined || player.isLeaving || !isReady(room, player, nowMs)) continue;
		const isNext = player.sentTick >= 0 && player.sentTick === from;
		let frame: SharedFrame;
		if (isNext) {
			if (delta === null) {
				room.timing.startEncoding();
				delta = encoder.deltaFrame(from, events);
				room.timing.endEncoding();
			}
			frame = delta;
		} else {
			room.timing.startEncoding();
			frame = encoder.keyframeFrame(events);
			room.timing.endEncoding();
		}
		const bytes = sendTo(player, frame, tick, chunks);
		counters.countSnapshot(isNext ? "delta" : "keyframe", bytes, frame.sharedBytes, events.length);
		if (player.sentTick < 0) player.ackTick = tick - 1; // nothing is owed before the first
		player.sentTick = tick;
	}
	room.events.clear();
}

/** Whether a client may get a snapshot now; drops one that has taken nothing for too long. */
function isReady({ game, counters, tick }: Room, player: Player, nowMs: number): boolean {
	const lagTicks = player.sentTick < 0 ? 0 : player.sentTick - player.ackTick;
	const { tickRate } = game.descriptor;
	const isBehind = player.isBehind || lagTicks > LIMITS.lagMs * tickRate * 0.001;
	const caughtUp = !player.sink.isBusy && (!isBehind || player.ackTick === player.sentTick);
	player.isBehind = !caughtUp;
	if (caughtUp) {
		if (lagTicks === 0) player.progressMs = nowMs;
		return true;
	}
	counters.skippedSnapshots++;
	player.skippedSnapshots++;
	player.events.clear();
	if (nowMs - player.progressMs > LIMITS.stalledClientMs) {
		player.sink.drop("ERR_CLIENT_TOO_SLOW", `no progress since tick ${player.ackTick} of ${tick}`);
	}
	return false;
}

/** Sends one snapshot and returns the bytes of its message. */
function sendTo(player: Player, shared: SharedFrame, tick: number, chunks: number): number {
	const { inputs, events } = player;
	let frame = shared;
	let count = chunks;
	if (!events.isEmpty) {
		frame = withOwnEvents(shared, player, tick);
		count++;
	}
	const bytes = putSnapshotPrefix(prefix, 0, tick, inputs.inputTick, inputs.slack, count);
	// byte by byte: a view of it would be an object for each client and snapshot
	for (let i = 0; i < bytes; i++) frame.buffer[HEADROOM - bytes + i] = prefix[i] as number;
	player.sink.sendFrame(frame, bytes);
	return bytes + frame.sharedBytes;
}

/** A copy of the shared chunks with the player's own events behind them: rare, so it may allocate. */
function withOwnEvents(shared: SharedFrame, { events }: Player, tick: number): SharedFrame {
	const own = events.finish(tick);
	const frame = new SharedFrame(shared.sharedBytes + own.length + MAX_CHUNK_HEADER_BYTES);
	shared.buffer.copy(frame.buffer, HEADROOM, HEADROOM, shared.end);
	frame.end = putChunkHeader(frame.buffer, shared.end, 0, CHUNK.events, tick, own.length);
	frame.buffer.set(own, frame.end);
	frame.end += own.length;
	events.clear();
	return frame;
}
