import type { Hello } from "../../protocol/messages/client-message.ts";
import type { LoadBook } from "./load-book.ts";
import { type RequestTarget, roomOfToken } from "./request-target.ts";
import type { IndexedRoom, RoomIndex } from "./room-index.ts";

type Asked = Pick<Hello, "game" | "room"> & Partial<Pick<Hello, "token" | "spectate">>;

/** The worker for a client that has said nothing but its address yet; null when none takes clients. */
export function workerForTarget(
	{ game, room }: RequestTarget,
	index: RoomIndex,
	loads: LoadBook,
): number | null {
	return ownerOf(room, index) ?? freeRoom(game, index, loads)?.worker ?? loads.leastBusy();
}

/**
 * The worker for a client whose hello is known. The index counts it in, so that the next one knows of it: two who ask
 * for a room that nobody has yet go to the same worker. `maxPlayers` of the game; 0 for one that is not offered.
 */
export function workerForHello(
	hello: Asked,
	maxPlayers: number,
	index: RoomIndex,
	loads: LoadBook,
): number | null {
	const tokenRoom = roomOfToken(hello.token);
	const owner = ownerOf(tokenRoom, index) ?? ownerOf(hello.room, index);
	if (owner !== null) return owner;
	const room = hello.room === null ? freeRoom(hello.game, index, loads) : null;
	if (room !== null) {
		if (!hello.spectate) index.take(room);
		return room.worker;
	}
	const worker = loads.leastBusy();
	// a room that is named and that nobody has opens only for those who had a seat there
	const opens = hello.room === null || (hello.room === tokenRoom && !hello.spectate);
	if (worker !== null && opens && maxPlayers > 0) {
		index.expect(worker, hello.game, maxPlayers, hello.room);
	}
	return worker;
}

function ownerOf(room: string | null, index: RoomIndex): number | null {
	return room === null ? null : index.ownerOf(room);
}

function freeRoom(game: string | null, index: RoomIndex, loads: LoadBook): IndexedRoom | null {
	return index.fullest(game, (worker) => loads.isFit(worker));
}
