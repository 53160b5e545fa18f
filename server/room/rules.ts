import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { encodeSwap } from "../../protocol/messages/server-message.ts";
import { createHistory, type History } from "../history/history.ts";
import { runTick } from "../history/stretch.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import { quietly } from "./room-faults.ts";
import type { RoomState } from "./room-state.ts";
import { rulesChannel } from "./room-timing.ts";

/** What a room runs on: replaced as one. */
export interface Rules {
	readonly game: GameModule;
	readonly simulation: Simulation;
	/** The last minute under these rules. */
	readonly history: History;
	readonly encoder: SnapshotEncoder;
}

/** Rules that a room had, and may return to. */
export type FormerRules = Omit<Rules, "encoder">;

/** The time after a swap in which a fault brings back the previous rules. */
export interface Probation {
	/** The previous rules, as they were left. */
	readonly previous: FormerRules;
	/** The first tick under the new ones. */
	readonly swapTick: number;
	/** The first tick that no longer counts. */
	readonly untilTick: number;
	/**
	 * A shared value was already NaN or infinite before the swap, so one afterwards says nothing about
	 * the new rules.
	 */
	readonly wasSick: boolean;
}

/** An instance of a game for the room; `probationMs` is how far back it must remember. @throws ModuleError */
export function instantiateRules(room: RoomState, game: GameModule, probationMs = 0): FormerRules {
	return {
		game,
		simulation: instantiate(game, room.log),
		history: createHistory(game, probationMs),
	};
}

/** Makes these rules encode for the room from now on: the first snapshot is a keyframe. */
export function withEncoder(room: RoomState, rules: FormerRules): Rules {
	const { schema, descriptor } = rules.game;
	return {
		...rules,
		encoder: new SnapshotEncoder(schema, descriptor, room.settings.codeResiduals),
	};
}

/** Gives the room other rules and tells its players, who continue from a keyframe. */
export function installRules(room: RoomState, rules: FormerRules, kind: "swap" | "rollback"): void {
	if (rulesChannel.hasSubscribers) rulesChannel.publish(room);
	const { game } = rules;
	const named = ({ version, hash }: GameModule) => `v${version} ${hash.slice(0, 8)}`;
	room.moments.note(kind, room.tick, `${named(room.game)} → ${named(game)}`);
	room.rules = withEncoder(room, rules);
	// events of the old rules since the last snapshot have no meaning under the new ones
	room.events.clear();
	const message = encodeSwap({ tick: room.tick, moduleHash: game.hash, schema: game.schema });
	for (const viewer of room.seats.viewers) viewer.startAfresh();
	room.seats.sendToAll(message);
}

/**
 * Brings back the rules from before the swap, with everything that has happened since, up to
 * `nextTick`.
 */
export function rollBack(room: RoomState, nextTick = room.tick): void {
	const { probation, game } = room;
	if (!probation) return;
	const { previous, swapTick } = probation;
	room.probation = null;
	quietly(room, () => catchUp(room, previous, swapTick, nextTick));
	room.counters.rollbacks++;
	installRules(room, previous, "rollback");
	room.recorder?.swap(room, game.hash);
}

/** Runs what happened since the swap on the previous rules; a tick that they cannot run is skipped. */
function catchUp(
	room: RoomState,
	{ simulation, history }: FormerRules,
	swapTick: number,
	nextTick: number,
): void {
	const since: (Uint8Array | null)[] = [];
	room.history.forEachInbox(swapTick, nextTick, (_, inbox) => since.push(inbox?.slice() ?? null));
	history.rewind(simulation, swapTick);
	since.forEach((inbox, i) => {
		const tick = swapTick + i;
		history.beforeTick(simulation, tick);
		history.record(inbox ?? new Uint8Array(0));
		if (inbox === null) {
			history.abortLast();
			return;
		}
		const fault: Fault | null = runTick(simulation, tick, inbox);
		if (fault === null) return;
		history.abortLast();
		history.rewind(simulation, tick + 1);
	});
}
