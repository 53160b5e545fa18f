import type { Simulation } from "../../protocol/abi/simulation.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { encodeSwap } from "../../protocol/messages/server-message.ts";
import type { History } from "../journal/history.ts";
import { createHistory } from "../journal/history.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import { rulesChannel } from "../room/room-timing.ts";
import { compareSchemas, type SwapRefusal } from "./compare-schemas.ts";
import { migrate } from "./migrate.ts";

/** What a room runs on: the things that a swap replaces together. */
interface Rules {
	readonly game: GameModule;
	readonly simulation: Simulation;
	readonly history: History;
}

/** Gives the room other rules and tells its players, who go on with a keyframe. */
function install(room: Room, { game, simulation, history }: Rules): void {
	if (rulesChannel.hasSubscribers) rulesChannel.publish(room);
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

/** Brings the rules from before the swap back, with everything that has happened since. */
function takeBack(room: Room, old: Rules, swapTick: number): void {
	const { simulation, history } = old;
	const since: (Uint8Array | null)[] = [];
	room.history.forEachInbox(swapTick, room.tick, (_, inbox) => since.push(inbox?.slice() ?? null));
	history.rewind(simulation, swapTick);
	since.forEach((inbox, i) => {
		const tick = swapTick + i;
		history.beforeTick(simulation, tick);
		history.record(inbox ?? new Uint8Array(0));
		if (inbox === null) {
			history.abortLast();
			return;
		}
		simulation.inbox.load(inbox);
		if (simulation.tick(tick) === null) return;
		history.abortLast();
		history.rewind(simulation, tick + 1);
	});
	room.probation = null;
	room.counters.rollbacks++;
	install(room, old);
}

/**
 * Replaces a room's rules between two ticks: the next tick runs on `next` with the state carried over.
 * The old rules stay at hand through the probation time. A refusal changes nothing. It counts as a swap
 * for the new rules, or, as a `rollback`, against those that are taken away.
 */
export function swapRoom(
	room: Room,
	next: GameModule,
	counts: "swaps" | "rollbacks" = "swaps",
): SwapRefusal | { report: readonly string[] } {
	if (room.fault) return { error: "ERR_SWAP_ROOM", detail: `room ${room.id} has failed` };
	const compared = compareSchemas(room.game.descriptor, next.descriptor);
	if ("error" in compared) return compared;
	const simulation = instantiate(next, room.log);
	const refusal = startFrom(room, simulation, compared.plan);
	if (refusal) return refusal;
	const old: Rules = { game: room.game, simulation: room.simulation, history: room.history };
	const swapTick = room.tick;
	old.history.saveImage(old.simulation, swapTick);
	if (counts === "rollbacks") room.counters.rollbacks++;
	install(room, { game: next, simulation, history: createHistory(next) });
	room.recorder?.swap(room, old.game.hash);
	if (counts === "swaps") room.counters.swaps++;
	const untilTick = swapTick + Math.ceil((LIMITS.probationMs * next.descriptor.tickRate) / 1000);
	room.probation = {
		previousHash: old.game.hash,
		untilTick,
		rollBack: () => {
			room.quietly(() => takeBack(room, old, swapTick));
			room.recorder?.swap(room, next.hash);
		},
	};
	return { report: compared.plan.report };
}

function startFrom(
	room: Room,
	simulation: Simulation,
	plan: Parameters<typeof migrate>[2],
): SwapRefusal | null {
	const fault = simulation.init(room.seed);
	if (fault) return { error: "ERR_SWAP_START", detail: fault.detail };
	const refusal = migrate(room.simulation, simulation, plan);
	if (refusal) return refusal;
	const unhappy = simulation.migrated(room.game.version, room.tick);
	return unhappy ? { error: "ERR_SWAP_MIGRATED", detail: unhappy.detail } : null;
}
