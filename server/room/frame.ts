import { INPUT_REPEATED, inputRecordBytes, pad4, RECORD } from "../../protocol/abi/layout.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { commitTick } from "./commit-tick.ts";
import { deliverSnapshots } from "./deliver-snapshots.ts";
import type { Room } from "./room.ts";

/**
 * The whole frame of a room, top to bottom: inputs into the inbox, one tick of the module, its
 * messages out, and, when it is time, the new state to everybody.
 */
export function runFrame(room: Room, nowMs: number): void {
	room.seats.release(nowMs);
	fillInbox(room);
	if (commitTick(room)) takeOutbox(room);
	if (room.fault || room.isPaused) return;
	if (isSnapshotDue(room)) deliverSnapshots(room, nowMs);
	room.tick++;
	room.counters.ticks++;
}

/** Leaves, joins, then one input of each player; what does not fit waits for the next tick. */
function fillInbox(room: Room): void {
	const { inbox } = room.simulation;
	inbox.clear();
	if (room.carriedOver) inbox.load(room.carriedOver);
	room.carriedOver = null;
	for (const player of room.players.values()) {
		if (!player.isLeaving) continue;
		// a seat that the module never saw taken needs no leave
		if (player.isJoined && !inbox.leave(player.number, player.leaveReason)) continue;
		room.seats.players.delete(player.number);
	}
	// room for everybody's input, and for the longest join, must be left
	const { input } = room.game.descriptor;
	const reserve = room.players.size * inputRecordBytes(input.size);
	const joinBytes = RECORD.size + pad4(LIMITS.playerNameBytes);
	for (const player of room.players.values()) {
		if (player.isJoined || player.isLeaving) continue;
		if (inbox.free < reserve + joinBytes || !inbox.join(player.number, player.name)) break;
		player.isJoined = true;
	}
	for (const player of room.players.values()) {
		if (!player.isJoined || player.isLeaving) continue;
		const repeated = player.inputs.take(room.tick);
		if (room.leavesInputsOut) continue;
		if (repeated) room.counters.inputsRepeated++;
		const { taken, viewAge } = player.inputs;
		inbox.input(player.number, taken, 0, repeated ? INPUT_REPEATED : 0, viewAge);
	}
}

function takeOutbox({ simulation, outboxHandler }: Room): void {
	simulation.outbox.read(simulation.outboxLength, outboxHandler);
}

/** True in `snapshotRate` of `tickRate` ticks, evenly spread. */
export function isSnapshotDue({ tick, snapshotPhase, game }: Room): boolean {
	const { tickRate, snapshotRate } = game.descriptor;
	const t = tick + snapshotPhase;
	return (
		Math.floor(((t + 1) * snapshotRate) / tickRate) !== Math.floor((t * snapshotRate) / tickRate)
	);
}
