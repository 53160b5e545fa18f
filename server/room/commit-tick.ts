import type { Fault } from "../../protocol/abi/simulation.ts";
import { attemptTick, runTick } from "../history/stretch.ts";
import { playersWithInput, withoutInput } from "../input/inbox-records.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { FaultOutcome } from "./fault-report.ts";
import { failRoom, pauseRoom, reportFault, rewindTick } from "./room-faults.ts";
import type { RoomState } from "./room-state.ts";
import { rollBack } from "./rules.ts";

/**
 * Runs the tick on the inbox as a transaction: it either changes the state, or the state is what it
 * was before, bit for bit. True when a tick took effect and its outbox may be read.
 */
export function commitTick(room: RoomState): boolean {
	const { simulation, history, tick } = room;
	history.beforeTick(simulation, tick);
	history.record(simulation.inbox.written());
	const fault = attemptTick(simulation, tick);
	if (fault === null) {
		room.leavesInputsOut = false;
		if (room.probation !== null && tick >= room.probation.untilTick) room.probation = null;
		room.recorder?.tick(room, history.lastInbox);
		return true;
	}
	return recover(room, fault);
}

function recover(room: RoomState, fault: Fault): boolean {
	const { simulation, history } = room;
	const { fuelSpent } = simulation;
	const inbox = history.abortLast();
	room.recorder?.abort(room, inbox);
	room.counters.abortedTicks++;
	const settle = (outcome: FaultOutcome): void =>
		reportFault(room, fault, inbox, fuelSpent, outcome);
	if (room.probation !== null) {
		settle({ kind: "rolledBack" });
		rollBack(room);
		room.simulation.inbox.load(inbox);
		return commitTick(room);
	}
	const restored = rewindTick(room);
	if (restored === null && fault.kind === "fuel" && !room.leavesInputsOut) {
		// it already took a whole tick's time: another try now would delay other rooms
		settle({ kind: "postponed" });
		room.leavesInputsOut = true;
		room.carriedOver = withoutInput(inbox, "all");
		return false;
	}
	if (restored === null && fault.kind !== "fuel" && room.settings.faultPolicy === "retry") {
		const without = retry(room, inbox);
		if (without !== null) {
			settle({ kind: "retried", withoutPlayer: without });
			return true;
		}
	}
	if (restored === null && room.settings.faultPolicy === "pause") {
		settle({ kind: "paused" });
		history.forgetLast();
		room.carriedOver = withoutInput(inbox, "all");
		pauseRoom(room);
		return false;
	}
	settle({ kind: "closed" });
	failRoom(room, fault);
	return false;
}

/** Tries the tick without one player's input, for each player in turn, then without any. */
function retry(room: RoomState, inbox: Uint8Array): number | "all" | null {
	const suspects: (number | "all")[] = playersWithInput(inbox).slice(
		0,
		SERVER_LIMITS.faultSuspects,
	);
	for (const suspect of [...suspects, "all" as const]) {
		const rest = withoutInput(inbox, suspect);
		if (rest.length === inbox.length) continue;
		if (runTick(room.simulation, room.tick, rest) === null) {
			room.history.replaceLast(rest);
			room.recorder?.tick(room, rest);
			return suspect;
		}
		if (rewindTick(room) !== null) return null;
	}
	return null;
}
