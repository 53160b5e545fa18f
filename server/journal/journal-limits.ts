import { LIMITS } from "../../protocol/limits.ts";

/** The limits of a journal file, each with its reason. */
export const JOURNAL_LIMITS = {
	/** Bytes of a memory image, unpacked: no module may have more. */
	imageBytes: LIMITS.memoryBytes,
	/** Bytes of a module, unpacked: no server takes a longer one. */
	moduleBytes: LIMITS.moduleBytes,
	/** Bytes of a block: the largest image, which deflate may lengthen by a little, and its head. */
	blockBytes: LIMITS.memoryBytes + 65_536,
	/** Mutable globals of a module: a toolchain makes a dozen, a game writer some hundreds. */
	globals: 4_096,
	/** The last tick's number: ctx carries 32 bits. */
	tick: 0xffff_ffff,

	/** The last time that JavaScript's dates have, ms since 1970. */
	timeMs: 8_640_000_000_000_000,

	/** Maximum time between two time records, ms: 12 bytes a minute. */
	timeEveryMs: 60_000,
	/** A tick this far off the last time record gets a new one, ms: a pause, or dropped time. */
	timeDriftMs: 1_000,
	/** Ticks between two hashes, after which the file is brought up to date: a second at 60 Hz. */
	hashEvery: 60,
	/** Ticks between two images: half a minute at 60 Hz, so that any tick is reached in milliseconds. */
	imageEvery: 1_800,
	/** Bytes of records collected before they go to the disk ahead of time. */
	flushBytes: 65_536,
	/** Bytes of records that may wait for the disk: half an hour of 16 players. */
	queuedBytes: 4 * 1024 * 1024,
	/** Bytes of images that may wait to be packed and written: two of the largest, many of the usual. */
	heldBytes: 2 * LIMITS.memoryBytes,

	/** Faults of a build that a replay lists before it stops: each one costs ticks run again. */
	faults: 20,

	/** A journal of another process counts as being written for this long after its last byte. */
	foreignMs: 3_600_000,
	/** Time between two sweeps for old journals, ms; one also follows each finished journal. */
	pruneEveryMs: 3_600_000,
} as const;
