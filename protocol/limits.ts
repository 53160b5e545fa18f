/**
 * Every maximum of the system, each with its reason. Relations between them are asserted at the end.
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
	/** Bytes of one input: 128 players at 60 Hz stay under 256 KiB/s of inbox. */
	inputBytes: 32,
	/** Players of a room. */
	players: 1_024,
	/** Spectators of a room: as many as players. */
	spectators: 1_024,
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
	/** Time for the last bytes to leave when the server stops. */
	shutdownMs: 3_000,
	/** Time for a closing handshake before the socket is cut. */
	closeMs: 2_000,
	/**
	 * The most that one interval between two clock checks counts, with one check per second: if it is
	 * longer, the process was stopped. Garbage collection and a busy machine take less.
	 */
	standstillMs: 2_500,
	/** Ticks run in one go after a delay; more time than that is dropped and counted. */
	catchUpTicks: 4,
	/** A room that has been late for this long skips snapshots that the next one makes worthless. */
	swampedMs: 1_000,

	/** How far back a room keeps its ticks, as image and inboxes: what a trial replays. */
	historyMs: 2_000,
	/**
	 * Minimum and maximum time between two images: after a fault, the ticks since the last one run again.
	 */
	imageMs: 250,
	lastingImageMs: 1_000,
	/** Fuel of the ticks since the last image that makes another one due: about a millisecond's worth. */
	imageFuel: 6_000_000,
	/** Time limit for compiling a candidate, or trying it on one room. */
	verifyMs: 10_000,
	/**
	 * Deployments that a server lists, and those per game that can be rolled back, whose modules it
	 * keeps.
	 */
	deployments: 64,
	standingDeployments: 8,
	/** How long the old rules stay ready after a swap, to return automatically. */
	probationMs: 2_000,
	/** Longest probation that may be set: a fault at its end runs all of its ticks again, 1,800 at 60 Hz. */
	mostProbationMs: 30_000,

	// --- what a server holds --------------------------------------------------------------------
	/** Sockets of a process: 20 KB each stay under 200 MB. */
	connections: 10_000,
	/** Rooms of a process: V8 reserves 10 GiB of address space for each of two memories, 13,081 fit. */
	rooms: 4_096,
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
	/** Players whose input is left out in turn, to find the one that broke a tick. */
	faultSuspects: 8,
	/** Fault reports that a room keeps. */
	faultReports: 8,
	/** Moments of a room that are kept for its timeline: 20 KiB, and as many marks as a line can show. */
	roomMoments: 256,
	/** Closed rooms still remembered, failed ones and others: 32 KiB each. */
	closedRooms: 64,
	/** Characters of a search in the list of rooms. */
	adminSearchChars: 64,
	/** Pairs of game and version with their own metrics, about 130 series each; the rest share one. */
	metricGames: 32,
	/** Rooms, and rows of a table, in one answer of the admin API: a long screen, made in under a millisecond. */
	adminRooms: 200,
	adminRows: 200,
	/** Points of a map in one answer: 160 KiB of base64; more could not be told apart on a screen. */
	mapPoints: 20_000,
	/** Requests for past states that may wait: each holds an image. */
	pastQueries: 8,
	/** The thread that computes past states ends, with its memory, after this long without a request. */
	pastIdleMs: 300_000,
	/** Recent pasts of rooms that are held for viewers: 16 MiB each at most. */
	pastHolds: 4,
	/** Characters of a failed tick's inbox, in hex, in one answer. */
	adminInboxChars: 1_024,
	/** Concurrent plain HTTP connections: a page's files, scrapers, and slow clients. */
	plainSockets: 512,
	/**
	 * Time limits for the head of an HTTP request and for all of it; a module takes a minute at 1.4
	 * Mbit/s.
	 */
	httpHeadMs: 10_000,
	httpRequestMs: 60_000,
	/** How often to check for late requests. */
	httpCheckMs: 1_000,
	/** Bytes of an HTTP request's target. */
	httpTargetBytes: 2_048,
} as const;

function hold(condition: boolean, relation: string): void {
	if (!condition) throw new Error(`limits contradict each other: ${relation}`);
}

hold(
	LIMITS.inputsPerMessage * LIMITS.inputBytes + 64 <= LIMITS.clientMessageBytes,
	"a full input message fits a client message",
);
hold(LIMITS.inputsPerMessage <= LIMITS.inputsQueued, "one message never overflows the input queue");
hold(LIMITS.playerNameBytes <= LIMITS.clientStringBytes, "a player's name fits a string");
hold(LIMITS.joinNameBytes <= LIMITS.playerNameBytes, "the rules get a name or its beginning");
hold(
	LIMITS.players * (8 + LIMITS.inputBytes) + LIMITS.players * (8 + LIMITS.joinNameBytes) * 2 <=
		LIMITS.inboxBytes,
	"joins, leaves and inputs of all players fit the inbox",
);
hold(LIMITS.messageBurst >= LIMITS.messagesPerSecond, "a burst is at least a second's worth");
hold(LIMITS.probationMs <= LIMITS.historyMs, "what happened in a probation is remembered whole");
