import type { Listing } from "./listing.ts";
import type { RoomQuery } from "./room-query.ts";

/** What a question finds. */
export interface FoundRooms {
	readonly rooms: readonly Listing[];
	/** How many fit, shown or not. */
	readonly total: number;
}

/** Rooms that are listed, by game. */
export class RoomIndex {
	private readonly games = new Map<string, Map<string, Listing>>();
	private readonly gameOf = new Map<string, string>();
	/** Grows with each change. */
	version = 0;

	get size(): number {
		return this.gameOf.size;
	}

	put(room: Listing): void {
		const before = this.gameOf.get(room.id);
		if (before !== undefined && before !== room.game) this.remove(room.id);
		let rooms = this.games.get(room.game);
		if (!rooms) {
			rooms = new Map();
			this.games.set(room.game, rooms);
		}
		rooms.set(room.id, room);
		this.gameOf.set(room.id, room.game);
		this.version++;
	}

	remove(id: string): void {
		const game = this.gameOf.get(id);
		if (game === undefined) return;
		this.gameOf.delete(id);
		this.games.get(game)?.delete(id);
		this.version++;
	}

	find({ game, fits, order, limit }: RoomQuery): FoundRooms {
		const found: Listing[] = [];
		const groups = game === null ? this.games.values() : [this.games.get(game) ?? new Map()];
		for (const rooms of groups) {
			for (const room of rooms.values()) if (fits(room)) found.push(room);
		}
		found.sort(order);
		return { rooms: found.slice(0, limit), total: found.length };
	}
}
