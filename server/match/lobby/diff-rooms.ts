import type { Listing } from "./listing.ts";
import type { FoundRooms } from "./room-index.ts";

/** What is another in a list: rooms that are new or have changed, and ids of those that are in it no more. */
interface RoomChanges {
	readonly put: readonly Listing[];
	readonly gone: readonly string[];
	readonly total: number;
}

function isSame(a: Listing, b: Listing): boolean {
	return (
		a.players === b.players &&
		a.locked === b.locked &&
		a.password === b.password &&
		a.version === b.version &&
		a.maxPlayers === b.maxPlayers &&
		a.openedMs === b.openedMs &&
		a.game === b.game &&
		(a.metadata === b.metadata || JSON.stringify(a.metadata) === JSON.stringify(b.metadata))
	);
}

/** From one answer to the same question to the next; null when nothing is another. */
export function diffRooms(before: FoundRooms, after: FoundRooms): RoomChanges | null {
	const known = new Map(before.rooms.map((room) => [room.id, room]));
	const put: Listing[] = [];
	for (const room of after.rooms) {
		const old = known.get(room.id);
		known.delete(room.id);
		if (!old || !isSame(old, room)) put.push(room);
	}
	const gone = [...known.keys()];
	if (put.length === 0 && gone.length === 0 && before.total === after.total) return null;
	return { put, gone, total: after.total };
}
