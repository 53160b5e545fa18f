/**
 * What PROTOCOL.md and docs/abi.md promise, each with its unit and its reason: what a game may declare, a client may
 * send and a server may expect. Browsers have this file too; what only a server's process holds stands in
 * `server/limits.ts`. `test/unit/limits.test.ts` holds how they relate.
 */
export const LIMITS = {
	// --- what a game may declare -------------------------------------------------------------
	/** A name in a descriptor, bytes: fits a fixed 64-byte field with its end. */
	nameBytes: 63,
	/** Tables of a game: each takes one byte of every snapshot. */
	tables: 64,
	/** Columns of a table: a row mask of columns stays one 64-bit word. */
	columns: 64,
	/** Rows of a table: slot numbers are 16 bits. */
	rows: 65_535,
	/** Fields of the input or of one event. */
	fields: 32,
	/** Event types: the id is one byte in a chunk. */
	events: 255,
	/** Kinds of results and requests of a game: what a match says to the world outside. */
	effects: 64,
	/** Bytes of one input: 128 players at 60 Hz stay under 256 KiB/s of inbox. */
	inputBytes: 32,
	/** Players of a room. */
	players: 1_024,
	/** Ticks per second: Node's timers cannot pace more reliably. */
	tickRateHz: 240,
	/** Cells from a player's own cell to the edge of its view: a window of 17 by 17 cells. */
	interestReachCells: 8,
	/** Cells along a side of the grid; rows beyond its edge belong to the cells there. */
	gridSide: 128,
	/** Bits of a quantised angle: finer than the f32 it came from. */
	angleBits: 24,
	/** Bytes of the inbox: every player's join, leave and input in one tick. */
	inboxBytes: 262_144,
	/** Bytes of the outbox: the output of one tick; the rest is counted as dropped. */
	outboxBytes: 65_536,
	/** Bytes of linear memory: an image of 16 MiB takes 0.8 ms to copy. */
	memoryBytes: 16 * 1024 * 1024,
	/** Bytes of a module file: compiles in well under a second. */
	moduleBytes: 2 * 1024 * 1024,
	/**
	 * Fuel for each millisecond of a tick. Games use about 12 million in a millisecond of real time, so a
	 * tick may take a fifth of its interval; an ordinary endless loop uses it up in about one interval.
	 * Fuel does not count cache misses: chasing pointers through 16 MiB can take 1 to 2 s for one budget.
	 */
	fuelPerTickMs: 2_400_000,
	/** Bytes of one log line of a module, and lines per tick. */
	logLineBytes: 512,
	logLinesPerTick: 16,
	/** Events a client keeps until they are shown: a page in the background draws nothing. */
	eventsShown: 4_096,
	/** A server that has not sent a welcome by then counts as unreachable. */
	connectMs: 10_000,

	// --- what a client may send ---------------------------------------------------------------
	/** Bytes of one message from a client: 16 inputs of 32 bytes and a header fit ten times. */
	clientMessageBytes: 4_096,
	/** Depth of nesting in a message: every message is one flat array. */
	clientMessageDepth: 1,
	/** Elements of a message in total. */
	clientMessageElements: 16,
	/** Bytes of a string in a message: a room id, a game's name, a token. */
	clientStringBytes: 128,
	/** Characters of a player's name as a reader counts them, a score board's width; and bytes: three for each. */
	playerNameChars: 32,
	playerNameBytes: 96,
	/** Bytes of a name as the rules receive it: every module's inbox has room for this. */
	joinNameBytes: 32,
	/** Inputs in one message: a quarter of a second at 60 Hz. */
	inputsPerMessage: 16,
	/** Messages per second that a client may send on average: one per tick at 60 Hz, pings, slack. */
	messagesPerSecond: 150,
	/** Messages that may arrive at once: TCP delivers a stall's worth in one burst. */
	messageBurst: 300,
	/** Inputs kept ahead per player: a TCP burst, then the oldest go. */
	inputsQueued: 32,
	/** Characters of a notice that a server shows its players: a build error with a few lines. */
	noticeChars: 2_000,

	// --- time --------------------------------------------------------------------------------
	/** A socket must send its hello within this time. */
	helloTimeoutMs: 5_000,
	/** Interval between pings. */
	heartbeatMs: 10_000,
	/** A socket silent for this long is gone: longer than any network's hiccup. */
	silenceMs: 90_000,
	/** How long the seat of a lost player is held: a phone that changes networks takes seconds. */
	seatGraceMs: 15_000,
	/** How far back a player's shots may look unless the game says otherwise, and at most: Source allows
	 * 1 s; half of that already feels unfair. An age on the wire has room for 1,066 ms at 240 Hz. */
	rewindMs: 250,
	mostRewindMs: 1_000,
	/**
	 * How far a client predicts ahead of the last snapshot: the longest way around the world and a stall.
	 * Beyond this, its own rows are shown later instead.
	 */
	predictMs: 500,
	/**
	 * Fuel of all ticks that a client may have to run again at once: about 4 ms, so that a frame at 60 Hz
	 * keeps most of its time.
	 */
	predictFuel: 48_000_000,
	/** How long an empty room stays open, so that a reloaded page finds it again. */
	emptyRoomMs: 30_000,
	/** Time for a closing handshake before the socket is cut. */
	closeMs: 2_000,

	// --- what a client is sent ------------------------------------------------------------------
	/** Memory of the snapshot encoder's kernel, bytes; a room that needs more uses plain loops. */
	kernelBytes: 256 * 1024 * 1024,
	/** Bytes of one snapshot: all that a module's memory could hold and share. */
	snapshotBytes: 16 * 1024 * 1024,
	/**
	 * A client whose last applied snapshot is older than this is behind: it gets no more until it has
	 * applied everything sent, so at most this much of the room's output waits for it.
	 */
	lagMs: 2_000,
	/**
	 * A client that may have this many bytes left to apply is behind: the most that a stalled client
	 * costs.
	 */
	unacknowledgedBytes: 192 * 1024,
	/** Maximum bytes per second to each client: a good mobile network. */
	clientBytesPerSecond: 1024 * 1024,
	/** A client that is behind and applies nothing for this long is dropped. */
	stalledClientMs: 90_000,
} as const;
