import type { GameModule } from "../module/game-module.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { Standing } from "./deployments-options.ts";

/** Rooms that run on these rules now. */
export function roomsOn({ rooms }: RoomDirectory, { hash }: GameModule): Set<string> {
	const all = [...rooms.values()].filter(({ game }) => game.hash === hash);
	return new Set(all.map(({ id }) => id));
}

/** What each room goes back to when a deployment is taken back. */
export function waysBack(
	directory: RoomDirectory,
	{ before, after, rooms, others, deployment }: Standing,
): Map<string, GameModule> {
	const back = new Map(rooms);
	if (deployment.policy === "canary" || before.hash === after.hash) return back;
	// rooms that opened with these rules have no earlier ones to return to
	for (const id of roomsOn(directory, after)) {
		if (!back.has(id) && !others.has(id)) back.set(id, before);
	}
	return back;
}
