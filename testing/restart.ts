import type { Core } from "../server/core.ts";
import type { GameModule } from "../server/module/game-module.ts";
import { type SavedRoom, saveRoom } from "../server/room/saved-room.ts";
import type { VirtualScheduler } from "./virtual-scheduler.ts";

/** A room as a killed process leaves it. */
interface LeftRoom {
	readonly saved: SavedRoom;
	readonly game: GameModule;
	/** The rules that a fault would bring back. */
	readonly previousGame: GameModule | null;
}

/** Kills a process: what it knew of its rooms is saved, and nothing happens in it any more. */
export function killCore({ directory }: Core, scheduler: VirtualScheduler): LeftRoom[] {
	const left: LeftRoom[] = [];
	for (const room of directory.rooms.values()) {
		scheduler.remove(room);
		const saved = saveRoom(room);
		const previousGame = room.probation?.previous.game ?? null;
		if (saved) left.push({ saved, game: room.game, previousGame });
	}
	directory.rooms.clear();
	directory.isDraining = true;
	return left;
}

/** Goes on in another process with the rooms that one has left. @throws Error when a room cannot go on */
export function adoptRooms({ directory }: Core, left: readonly LeftRoom[]): void {
	for (const { saved, game, previousGame } of left) {
		const room = directory.adopt(saved, game, previousGame);
		if ("error" in room) throw new Error(`${room.error}: ${room.detail}`);
	}
}
