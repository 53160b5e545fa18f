import { LIMITS } from "../../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../../limits.ts";

const reportBytes = 2 * SERVER_LIMITS.faultReports * (2 * LIMITS.inboxBytes + 65_536);

/** Every maximum of what workers send one another, each with its reason. */
export const WIRE_LIMITS = {
	/** Bytes of one chunk of an image: a worker that reads one loses less than 0.1 ms to it. */
	chunkBytes: 256 * 1024,
	/** Bytes that are left out together when all are 0: a page of WebAssembly. */
	pageBytes: 65_536,
	/**
	 * Bytes of a message: the rest of a full room, whose players have all inputs waiting that may wait, with everything
	 * that is told of its faults and its past.
	 */
	parcelBytes:
		LIMITS.players *
			(LIMITS.inputsQueued * (LIMITS.inputBytes + 10) + 6 * LIMITS.inputBytes + 1_024) +
		2 * LIMITS.inboxBytes +
		2 * reportBytes,
	/** Bytes of what is told of faults, or of the past: each fault with a whole inbox, in hex, and a stack. */
	reportBytes,
	/** Frames of a stack. */
	frames: 256,
	/** Mutable globals of a module, as in a journal. */
	globals: 4_096,
	/** Bytes of a worker's name: its number, its incarnation, a machine's name. */
	workerBytes: 128,
	/** Sockets that a room hands over: everybody in it, and the part without one. */
	parts: LIMITS.players + SERVER_LIMITS.spectators + 1,
} as const;
