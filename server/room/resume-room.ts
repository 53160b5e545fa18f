import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { GameModule } from "../module/game-module.ts";
import type { RoomState } from "./room-state.ts";
import { instantiateRules, type Probation, withEncoder } from "./rules.ts";
import type { SavedRoom } from "./saved-room.ts";

/**
 * Turns a new room into a saved one; every seat is held until its player returns.
 *
 * @throws Error if the saved room does not fit these rules, or its state does not match its hash
 */
export function loadRoom(
	room: RoomState,
	saved: SavedRoom,
	game: GameModule,
	previousGame: GameModule | null,
): void {
	if (saved.moduleHash !== game.hash) {
		throw new Error(`room ${saved.id} runs on ${saved.moduleHash}, not on ${game.hash}`);
	}
	const { probation } = saved;
	const probationTicks = probation ? probation.untilTick - probation.swapTick : 0;
	const probationMs = (probationTicks * 1000) / game.descriptor.tickRate;
	const rules = instantiateRules(room, game, probationMs);
	room.rules = withEncoder(room, rules);
	room.tick = saved.tick;
	rules.simulation.restore(saved.image);
	const hash = stateHash(rules.simulation, saved.tick);
	if (hash !== saved.hash) {
		throw new Error(`room ${saved.id} has the state hash ${hash}, and ${saved.hash} was saved`);
	}
	if (saved.since) rules.history.adopt(saved.since);
	rules.history.saveImage(rules.simulation, saved.tick);
	room.probation = loadProbation(room, saved, previousGame);
	room.isPaused = saved.isPaused;
	room.leavesInputsOut = saved.leavesInputsOut;
	room.carriedOver = saved.carriedOver?.slice() ?? null;
	room.seats.load(saved);
	room.events.load(saved.events);
	room.counters.load(saved.counters);
	room.faults.load(saved.faults);
	room.moments.load(saved.moments);
	room.requests.load(saved.requests);
}

/** Without the previous rules' module, there is nothing to return to after a fault. */
function loadProbation(
	room: RoomState,
	{ probation, since }: SavedRoom,
	previousGame: GameModule | null,
): Probation | null {
	if (!probation || !since || probation.moduleHash !== previousGame?.hash) return null;
	const { image, swapTick, untilTick, wasSick } = probation;
	const probationMs = ((untilTick - swapTick) * 1000) / previousGame.descriptor.tickRate;
	const previous = instantiateRules(room, previousGame, probationMs);
	previous.simulation.restore(image);
	previous.history.saveImage(previous.simulation, swapTick);
	return { previous, swapTick, untilTick, wasSick };
}
