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

	/** The first `limit` in order, without putting all others in order too. */
	find({ game, fits, order, limit }: RoomQuery): FoundRooms {
		const rooms: Listing[] = [];
		let total = 0;
		const groups = game === null ? this.games.values() : [this.games.get(game) ?? new Map()];
		for (const group of groups) {
			for (const room of group.values() as Iterable<Listing>) {
				if (!fits(room)) continue;
				total++;
				const last = rooms[limit - 1];
				if (last && order(room, last) > 0) continue;
				insert(rooms, room, order);
				if (rooms.length > limit) rooms.pop();
			}
		}
		return { rooms, total };
	}
}

/** Puts a room where it belongs among others in order. */
function insert(rooms: Listing[], room: Listing, order: RoomQuery["order"]): void {
	let low = 0;
	let high = rooms.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (order(rooms[middle] as Listing, room) < 0) low = middle + 1;
		else high = middle;
	}
	rooms.splice(low, 0, room);
}
