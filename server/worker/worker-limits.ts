import { LIMITS } from "../../protocol/limits.ts";

/** Every maximum between the supervisor and its workers, each with its reason. */
export const WORKER_LIMITS = {
	/** Workers of a machine: more than one for each core gains nothing, and few machines have so many. */
	workers: 256,
	/** Bytes of a message that is not whole yet: the longest, in parts of a byte each with a header of 6. */
	unreadBytes: 7 * LIMITS.clientMessageBytes + 14,
	/** Bytes that wait for a client and may travel with its socket: a whole snapshot and what may be under way. */
	unsentBytes: LIMITS.snapshotBytes + LIMITS.unacknowledgedBytes,
	/** Bytes of a request's head: what Node's parser takes, and what came behind it in the same read. */
	headBytes: 16_384,
	behindHeadBytes: 65_536,

	/** A self-test of the platform takes a tenth of a second; one that takes so long has failed. */
	selfTestMs: 5_000,
} as const;
