import { LIMITS } from "../../../../protocol/limits.ts";

/** Every maximum of what workers send one another, each with its reason. */
export const WIRE_LIMITS = {
	/** Bytes of one chunk of an image: a worker that reads one loses less than 0.1 ms to it. */
	chunkBytes: 256 * 1024,
	/** Bytes that are left out together when all are 0: a page of WebAssembly. */
	pageBytes: 65_536,
	/** Bytes of a message: the rest of a full room, whose players have all inputs waiting that may wait. */
	parcelBytes:
		LIMITS.players *
			(LIMITS.inputsQueued * (LIMITS.inputBytes + 16) + 6 * LIMITS.inputBytes + 512) +
		2 * LIMITS.inboxBytes,
	/** Mutable globals of a module, as in a journal. */
	globals: 4_096,
	/** Bytes of a worker's name: its number, its incarnation, a machine's name. */
	workerBytes: 128,
	/** Tickets that were used and must not be used again: 15 s of joins into a room that fills four times. */
	tickets: 4 * LIMITS.players,
	/** Bytes of a ticket's own name, and of a player's user. */
	ticketBytes: 64,
	userBytes: 256,
	/** Sockets that a room hands over: everybody in it, and the part without one. */
	parts: LIMITS.players + LIMITS.spectators + 1,
} as const;
