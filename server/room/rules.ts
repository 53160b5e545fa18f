import type { Simulation } from "../../protocol/abi/simulation.ts";
import { encodeSwap } from "../../protocol/messages/server-message.ts";
import type { History } from "../history/history.ts";
import { runTick } from "../history/stretch.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Room } from "./room.ts";
import { rulesChannel } from "./room-timing.ts";

/** What a room runs on: the things that a swap replaces together. */
export interface Rules {
	readonly game: GameModule;
	readonly simulation: Simulation;
	readonly history: History;
}

/** The time after a swap in which a fault brings the rules from before back. */
export interface Probation {
	/** The rules that would come back, as they were left. */
	readonly previous: Rules;
	/** The first tick under the new ones. */
	readonly swapTick: number;
	/** The first tick that no longer counts. */
	readonly untilTick: number;
	/** A shared value was no number before the swap: then one after it says nothing about the new rules. */
	readonly wasSick: boolean;
}

/** Gives the room other rules and tells its players, who go on with a keyframe. */
export function installRules(
	room: Room,
	{ game, simulation, history }: Rules,
	kind: "swap" | "rollback",
): void {
	if (rulesChannel.hasSubscribers) rulesChannel.publish(room);
	const named = ({ version, hash }: GameModule) => `v${version} ${hash.slice(0, 8)}`;
	room.moments.note(kind, room.tick, `${named(room.game)} → ${named(game)}`);
	room.game = game;
	room.simulation = simulation;
	room.history = history;
	room.encoder = room.createEncoder(game);
	// what the old rules said since the last snapshot has no meaning under the new ones
	room.events.clear();
	const message = encodeSwap({
		tick: room.tick,
		moduleHash: game.hash,
		schema: game.schema,
	});
	for (const viewer of room.seats.viewers) viewer.startAfresh();
	room.sendToAll(message);
}

/** Brings the rules from before the swap back, with everything that has happened since, up to `nextTick`. */
export function rollBack(room: Room, nextTick = room.tick): void {
	const { probation, game } = room;
	if (!probation) return;
	const { previous, swapTick } = probation;
	room.probation = null;
	room.quietly(() => catchUp(room, previous, swapTick, nextTick));
	room.counters.rollbacks++;
	installRules(room, previous, "rollback");
	room.recorder?.swap(room, game.hash);
}

/** Runs what happened since the swap on the rules from before it; a tick that they cannot run is left out. */
function catchUp(
	room: Room,
	{ simulation, history }: Rules,
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
		if (runTick(simulation, tick, inbox) === null) return;
		history.abortLast();
		history.rewind(simulation, tick + 1);
	});
}
