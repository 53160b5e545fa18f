import type { Fault } from "../../protocol/abi/simulation.ts";
import type { FaultOutcome, FaultReport } from "./fault-report.ts";
import type { RoomState } from "./room-state.ts";

/** Stores and forwards what is known about a failed tick. */
export function reportFault(
	room: RoomState,
	fault: Fault,
	inbox: Uint8Array,
	fuelSpent: number,
	outcome: FaultOutcome,
): void {
	const { id, tick, game } = room;
	const report: FaultReport = {
		...fault,
		room: id,
		tick,
		moduleHash: game.hash,
		version: game.version,
		frames: game.locate(fault.stack ?? "", fault.message ?? ""),
		inbox: Buffer.from(inbox).toString("hex"),
		fuelSpent,
		outcome,
	};
	room.faults.add(report);
	room.moments.note("fault", tick, `${report.kind}: ${report.detail}`);
	room.listener.onReport?.(room, report);
}

/** Runs ticks again whose lines have already been logged. */
export function quietly<T>(room: RoomState, run: () => T): T {
	room.isRewinding = true;
	try {
		return run();
	} finally {
		room.isRewinding = false;
	}
}

/** Restores the state from before the tick being computed. */
export function rewindTick(room: RoomState): Fault | null {
	return quietly(room, () => room.history.rewind(room.simulation, room.tick));
}

/** Pauses the room; its players stay. */
export function pauseRoom(room: RoomState): void {
	room.moments.note("pause", room.tick, "");
	room.isPaused = true;
}

/** The module failed: all clients are told, and the room computes nothing more. */
export function failRoom(room: RoomState, fault: Fault): void {
	room.fault = fault;
	room.seats.clear("ERR_ROOM_FAULT", `the rules of room ${room.id} failed`);
	room.listener.onFault?.(room, fault);
}
