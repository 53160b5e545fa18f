import { LIMITS } from "../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { JOURNAL_LIMITS } from "../journal-limits.ts";

/** Every number of the room log, each with its reason. */
export const LOG_LIMITS = {
	// --- when things happen -------------------------------------------------------------------
	/** Fuel of the ticks since the last image that makes another one due: about 25 ms to run again. */
	imageFuel: 25 * SERVER_LIMITS.imageFuel,
	/** Time between two images at most: what a recovery runs again of a game whose ticks cost nothing. */
	imageWithinMs: 4_000,
	/** And at least: a game of 8 ms a tick would be copied all the time. */
	imageEveryMs: 250,
	/** Time between two looks for rooms that do not tick, and for segments that may go. */
	sweepMs: 1_000,
	/** Durability `disk`: time between two fdatasyncs, which is what a power loss may cost. */
	syncEveryMs: 100,
	/** An fdatasync or a write that takes longer is slow: a cloud's disk takes 5 ms, a busy one 100. */
	slowMs: 1_000,
	/** Durability `confirmed`: snapshots wait for the disk no longer than this; players would see it stand. */
	confirmMs: 250,
	/** A log that failed is tried again after this, twice as long each time, up to the second. */
	retryMs: 1_000,
	mostRetryMs: 10_000,

	// --- how much -----------------------------------------------------------------------------
	/** Bytes of a segment: half a minute of 300 small rooms, read in some 100 ms. */
	segmentBytes: 16 * 1024 * 1024,
	/** A segment grows to so many times its whole images, so that these are a quarter of what is written. */
	segmentPerImages: 4,
	/** And no further: what a recovery reads. */
	mostSegmentBytes: 512 * 1024 * 1024,
	/** Bytes of records that wait for the end of a wake; what is more is written at once. */
	bufferBytes: 1024 * 1024,
	/** Bytes of images that are being packed at once: many of the usual, one of the largest. */
	packingBytes: LIMITS.memoryBytes,
	/** Bytes of memory that are compared in one go: 0.1 ms. */
	sliceBytes: 1024 * 1024,
	/** Changes up to here are written as they are: packing 14 KiB of an arena takes 0.1 ms, writing it 5 µs. */
	plainBytes: 16_384,
	/** Changes that packing leaves so much of are not packed the next time: 400 KiB of moving floats take 10 ms. */
	densePart: 0.7,
	/** Bytes of copies kept for the next image. */
	spareBytes: 8 * 1024 * 1024,

	// --- what a reader believes -----------------------------------------------------------------
	/** Bytes of a block: the largest image with its globals. */
	blockBytes: JOURNAL_LIMITS.blockBytes,
	/** Files of a log: two for each worker and each of its lives that nobody cleared away. */
	files: 4_096,
	/** Rooms of a log, closed ones among them: those of sixteen full workers. */
	rooms: 16 * SERVER_LIMITS.rooms,
	idBytes: LIMITS.clientStringBytes,
	gameBytes: LIMITS.nameBytes,
	nameBytes: LIMITS.playerNameBytes,
	/** Bytes of a user's name at whoever knows players: a UUID, an address, an OpenID subject (255). */
	userBytes: 256,
	incarnationBytes: 32,
	/** Bytes of an owner's settings: options of a room as JSON. */
	settingsBytes: 65_536,
	/** Bytes of the reason of a close. */
	whyBytes: 1_024,
	/** Bytes of inboxes that are held for one room, and for all: 4 s of 1,024 players are 10 MiB. */
	inboxBytes: 64 * 1024 * 1024,
	allInboxBytes: 1024 * 1024 * 1024,
	/** Results of one room that a reader keeps, the last ones: the rest was spooled long ago. */
	effects: 1_024,
	/** Ticks of one room behind its image: an hour at the fastest rate; images come every 4 s. */
	inboxes: 3_600 * LIMITS.tickRateHz,
	/** The last moment that JavaScript's dates have, ms since 1970. */
	timeMs: JOURNAL_LIMITS.timeMs,

	// --- recovery ---------------------------------------------------------------------------------
	/** The second attempt leaves out the inputs of so much time before the end. */
	doubtMs: 1_000,
	/** A room that has played on for so long since an attempt has outlived what killed it. */
	outlivedMs: 10_000,
	/** Bytes of the file of attempts, before it is written anew. */
	attemptsBytes: 256 * 1024,
} as const;
