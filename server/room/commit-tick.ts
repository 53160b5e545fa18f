import { INBOX, RECORD } from "../../protocol/abi/layout.ts";
import type { Fault } from "../../protocol/abi/simulation.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { attemptTick, runTick } from "../history/stretch.ts";
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
	const suspects: (number | "all")[] = playersWithInput(inbox).slice(0, LIMITS.faultSuspects);
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

function playersWithInput(inbox: Uint8Array): number[] {
	const players: number[] = [];
	forEachRecord(inbox, (kind, player) => {
		if (kind === INBOX.input) players.push(player);
	});
	return players;
}

/** A copy of the inbox without the input record of one player, or of all. */
function withoutInput(inbox: Uint8Array, player: number | "all"): Uint8Array {
	const kept: number[] = [];
	forEachRecord(inbox, (kind, who, from, to) => {
		if (kind === INBOX.input && (player === "all" || who === player)) return;
		for (let i = from; i < to; i++) kept.push(inbox[i]);
	});
	return Uint8Array.from(kept);
}

function forEachRecord(
	inbox: Uint8Array,
	visit: (kind: number, player: number, from: number, to: number) => void,
): void {
	const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
	for (let at = 0; at < inbox.length; ) {
		const size = view.getUint16(at + RECORD.length, true);
		visit(view.getUint8(at + RECORD.kind), view.getUint16(at + RECORD.player, true), at, at + size);
		at += size;
	}
}
