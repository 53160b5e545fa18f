import { INPUT_REPEATED, inputRecordBytes, pad4, RECORD } from "../../protocol/abi/layout.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { nameForRules } from "../../protocol/player-name.ts";
import { commitTick } from "./commit-tick.ts";
import { deliverSnapshots } from "./deliver-snapshots.ts";
import type { RoomState } from "./room-state.ts";

/**
 * The whole frame of a room, top to bottom: inputs into the inbox, one tick of the module, its messages
 * out, and, when it is time and it `sends`, the new state to all viewers.
 */
export function runFrame(room: RoomState, nowMs: number, sends: boolean): void {
	if (computeFrame(room, nowMs)) showFrame(room, nowMs, sends);
}

/** The first half: everything but what players are shown. False when the room stands still or has failed. */
export function computeFrame(room: RoomState, nowMs: number): boolean {
	room.timing.startFrame();
	room.seats.release(nowMs);
	fillInbox(room);
	if (commitTick(room)) takeOutbox(room);
	return !room.fault && !room.isPaused;
}

/** The second half, which may wait until other rooms are computed and all of it is logged. */
export function showFrame(room: RoomState, nowMs: number, sends: boolean): void {
	if (sends && isSnapshotDue(room)) {
		room.seats.tellRoster();
		deliverSnapshots(room, nowMs);
	}
	room.tick++;
	room.counters.ticks++;
	room.timing.endFrame(room);
}

/** Leaves, joins, answers, then one input of each player; what does not fit waits for the next tick. */
function fillInbox(room: RoomState): void {
	const { inbox } = room.simulation;
	inbox.clear();
	if (room.carriedOver) inbox.load(room.carriedOver);
	room.carriedOver = null;
	for (const player of room.players.values()) {
		if (!player.isLeaving) continue;
		// a seat whose join the module never saw needs no leave
		if (player.isJoined && !inbox.leave(player.number, player.leaveReason)) continue;
		room.seats.free(player);
	}
	// leave space for all inputs and the longest join
	const { input } = room.game.descriptor;
	const reserve = room.players.size * inputRecordBytes(input.size);
	const joinBytes = RECORD.size + pad4(LIMITS.joinNameBytes);
	for (const player of room.players.values()) {
		if (player.isJoined || player.isLeaving) continue;
		if (inbox.free < reserve + joinBytes || !inbox.join(player.number, nameForRules(player.name)))
			break;
		player.isJoined = true;
		room.recorder?.seat?.(room, player);
		room.listener.onSeat?.(room, player, "joined");
	}
	room.requests.deliver(room);
	for (const player of room.players.values()) {
		if (!player.isJoined || player.isLeaving) continue;
		const repeated = player.inputs.take(room.tick);
		if (room.leavesInputsOut) continue;
		if (repeated) room.counters.inputsRepeated++;
		const { taken, viewAge } = player.inputs;
		inbox.input(player.number, taken, 0, repeated ? INPUT_REPEATED : 0, viewAge);
	}
}

function takeOutbox({ simulation, outbox }: RoomState): void {
	outbox.begin();
	simulation.outbox.read(simulation.outboxLength, outbox);
}

/** True in `snapshotRate` of `tickRate` ticks, evenly spread. */
export function isSnapshotDue(room: RoomState): boolean {
	return snapshotsBefore(room, room.tick + 1) > snapshotsBefore(room, room.tick);
}

/** How many snapshots are due in the `ticks` after the next one. */
export function countSnapshots(room: RoomState, ticks: number): number {
	const next = room.tick + 1;
	return snapshotsBefore(room, next + ticks) - snapshotsBefore(room, next);
}

function snapshotsBefore({ snapshotPhase, game }: RoomState, tick: number): number {
	const { tickRate, snapshotRate } = game.descriptor;
	return Math.floor(((tick + snapshotPhase) * snapshotRate) / tickRate);
}
