import { LIMITS } from "../../protocol/limits.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { SharedBytes } from "../snapshot/shared-bytes.ts";
import { assembleView } from "./assemble-view.ts";
import { PrivatePart } from "./private-part.ts";
import { reportFault } from "./room-faults.ts";
import type { RoomState } from "./room-state.ts";
import { rollBack } from "./rules.ts";
import { sendPlain } from "./send-plain.ts";
import type { Viewer } from "./viewer.ts";

const own = new PrivatePart();
const assembled = new SharedBytes(4096);

/**
 * Emits the state after the current tick. Shared parts are encoded once: viewers that look from the
 * same cell and are up to date get the very same bytes after a short private part. A viewer that is
 * new, was behind, moved to another cell or has no budget left gets a selection of chunks, which are
 * shared too. A viewer that is behind gets nothing until it has caught up.
 */
export function deliverSnapshots(room: RoomState, nowMs: number): void {
	const { encoder, tick, counters, events, seats } = room;
	if (seats.viewers.size === 0) {
		events.clear();
		return;
	}
	const wasSound = encoder.oddValue === null;
	room.timing.startEncoding();
	encoder.capture(room.simulation, tick);
	room.timing.endEncoding();
	if (wasSound && encoder.oddValue !== null) {
		const isOnTrial = room.probation !== null && !room.probation.wasSick;
		reportOddValue(room, encoder.oddValue, isOnTrial);
		if (isOnTrial) {
			// the previous rules have no such value: they show this tick
			rollBack(room, tick + 1);
			return deliverSnapshots(room, nowMs);
		}
	}
	for (const viewer of seats.viewers) {
		const { player } = viewer;
		if ((player && !player.isJoined) || !isReady(room, viewer, nowMs)) continue;
		const seen = player === null ? viewer.focus : encoder.focusOf(player.number);
		// a player who has lost all rows with a position keeps looking from the last one
		const focus = seen < 0 && viewer.sentTick >= 0 ? viewer.focus : seen;
		if (viewer.isPlain) {
			counters.countPlain(sendPlain(room, viewer, focus));
			viewer.focus = focus;
			continue;
		}
		own.clear();
		if (player && encoder.own.isNeeded) {
			const rows = encoder.own.write(player.number);
			own.add(CHUNK.own, tick, rows.bytes, rows.length);
		}
		const shared = chooseBytes(room, viewer, focus);
		counters.countSnapshot(shared, send(viewer, shared, tick));
		viewer.focus = focus;
	}
	events.clear();
}

/** Reported once per set of rules: they are rolled back, or the room plays on and clients see 0. */
function reportOddValue(room: RoomState, detail: string, isOnTrial: boolean): void {
	const { history, simulation } = room;
	reportFault(room, { kind: "value", detail }, history.lastInbox, simulation.fuelSpent, {
		kind: isOnTrial ? "rolledBack" : "shown",
	});
}

function chooseBytes(room: RoomState, viewer: Viewer, focus: number): SharedBytes {
	const { encoder } = room;
	const isInStep =
		viewer.sentTick >= 0 &&
		viewer.sentTick === encoder.previousTick &&
		viewer.focus === focus &&
		!(viewer.isUncoded && encoder.chunks.isCoded) &&
		viewer.lagging === null;
	if (isInStep) {
		const shared = encoder.madeWindow(focus) ?? makeBytes(room, focus);
		if (shared.sharedBytes <= viewer.budget.available) return shared;
	}
	room.timing.startEncoding();
	const shared = assembleView(room, viewer, focus, own, assembled);
	room.timing.endEncoding();
	return shared;
}

function makeBytes({ encoder, events, timing }: RoomState, focus: number): SharedBytes {
	timing.startEncoding();
	const shared = encoder.windowBytes(focus, events);
	timing.endEncoding();
	return shared;
}

/** Whether a client may get a snapshot now; drops one that has applied nothing for too long. */
function isReady({ game, counters, tick }: RoomState, viewer: Viewer, nowMs: number): boolean {
	const lagTicks = viewer.sentTick < 0 ? 0 : viewer.sentTick - viewer.ackTick;
	const { tickRate } = game.descriptor;
	// a client that has been sent nothing yet (or since a swap) has nothing to acknowledge
	const isBehind =
		viewer.sentTick >= 0 &&
		(viewer.isBehind ||
			lagTicks > LIMITS.lagMs * tickRate * 0.001 ||
			viewer.unacknowledgedBytes > LIMITS.unacknowledgedBytes);
	const caughtUp = !viewer.sink.isBusy && (!isBehind || viewer.ackTick === viewer.sentTick);
	viewer.isBehind = !caughtUp;
	if (caughtUp && viewer.budget.refill(nowMs) > 0) {
		if (lagTicks === 0) viewer.progressMs = nowMs;
		return true;
	}
	counters.skippedSnapshots++;
	viewer.skippedSnapshots++;
	viewer.events?.clear();
	if (!caughtUp && nowMs - viewer.progressMs > LIMITS.stalledClientMs) {
		viewer.sink.drop("ERR_CLIENT_TOO_SLOW", `no progress since tick ${viewer.ackTick} of ${tick}`);
	}
	return false;
}

/** Sends one snapshot and returns the bytes sent to this client alone. */
function send(viewer: Viewer, shared: SharedBytes, tick: number): number {
	const { player, sink } = viewer;
	if (viewer.events) own.addEvents(viewer.events, tick);
	const inputTick = player?.inputs.inputTick ?? 0;
	const slack = player?.inputs.slack ?? 0;
	const message = own.putBefore(shared, tick, inputTick, slack);
	sink.sendShared(message, own.bytes);
	const total = own.bytes + message.sharedBytes;
	viewer.sent(tick, total);
	return total - shared.sharedBytes;
}
