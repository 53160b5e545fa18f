/**
 * What one process of a server holds and how long it waits, each with its unit and its reason. Clients need to know
 * none of it: what they may rely on stands in `protocol/limits.ts`. Where an operator has a reason to choose, an
 * option of the server says otherwise (`ServerOptions`, `hotstep start --help`). Parts with limits of their own have
 * them in a file beside them; `test/unit/limits.test.ts` holds how all of them relate.
 */
export const SERVER_LIMITS = {
	// --- a process ---------------------------------------------------------------------------------
	/** Sockets of a process: 20 KB each stay under 200 MB. */
	connections: 10_000,
	/** Rooms of a process: V8 reserves 10 GiB of address space for each of two memories, 13,081 fit. */
	rooms: 4_096,
	/** Pairs of game and version with their own metrics, about 130 series each; the rest share one. */
	metricGames: 32,
	/** Time for the last bytes to leave when the server stops. */
	shutdownMs: 3_000,
	/**
	 * The most that one interval between two clock checks counts, with one check per second: if it is
	 * longer, the process was stopped. Garbage collection and a busy machine take less.
	 */
	standstillMs: 2_500,

	// --- a room ------------------------------------------------------------------------------------
	/** Spectators of a room: as many as players. */
	spectators: 1_024,
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
	/** Players whose input is left out in turn, to find the one that broke a tick. */
	faultSuspects: 8,
	/** Requests of a room that wait for an answer: one for each player of the largest; more fail at once. */
	openRequests: 1_024,
	/** Bytes of an effect as JSON: 32 fields with the longest names. */
	effectBytes: 8_192,
	/** Fault reports that a room keeps. */
	faultReports: 8,
	/** Moments of a room that are kept for its timeline: 20 KiB, and as many marks as a line can show. */
	roomMoments: 256,
	/** Closed rooms still remembered, failed ones and others: 32 KiB each. */
	closedRooms: 64,

	// --- deployments -------------------------------------------------------------------------------
	/** Time limit for compiling a candidate, or trying it on one room. */
	verifyMs: 10_000,
	/**
	 * Minimum ticks of a trial: if the room is younger, its last inputs are repeated. This also warms up
	 * the engine, so that the first live tick does not pay for compiling.
	 */
	trialTicks: 120,
	/** The room that new rules are tried in by themselves: ten seconds at 60 Hz, and its players, half full. */
	freshTrialTicks: 600,
	freshTrialPlayers: 16,
	/** Share of the tick budget that the mean tick of a trial may take. */
	trialShare: 0.5,
	/** Heap of the thread that tries rules, MiB: a map of 8 MiB takes less than 200. */
	trialHeapMb: 512,
	/** Bytes of DWARF in a module that are read, half a second for 10 MiB; of more, only the module is taken. */
	dwarfBytes: 32 * 1024 * 1024,
	/** Bytes of a source map that are read: five times those of the largest module that a game would be. */
	mapBytes: 8 * 1024 * 1024,
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
	/** Bytes of the list of deployments on the disk: each names at most a few thousand rooms. */
	deploymentListBytes: 64 * 1024 * 1024,
	/** Rules whose failures are counted at a time: a server has a handful. */
	countedRules: 64,

	// --- HTTP and administration -------------------------------------------------------------------
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
	/** Characters of a search in the list of rooms. */
	adminSearchChars: 64,
	/** Rooms, and rows of a table, in one answer of the admin API: a long screen, made in under a millisecond. */
	adminRooms: 200,
	adminRows: 200,
	/** Bytes of a message to players, as JSON: six for each character at most. */
	adminMessageBytes: 16_384,
	/** What operators changed: lines in memory and in one answer, 256 KiB at most; and characters of each text. */
	auditLines: 256,
	auditChars: 200,
	/** Bytes of each of the two files that keep it: some ten thousand lines. */
	auditFileBytes: 2 * 1024 * 1024,
	/** Points of a map in one answer: 160 KiB of base64; more could not be told apart on a screen. */
	mapPoints: 20_000,
	/** Characters of a failed tick's inbox, in hex, in one answer. */
	adminInboxChars: 1_024,
	/** Requests for past states that may wait: each holds an image. */
	pastQueries: 8,
	/** The thread that computes past states ends, with its memory, after this long without a request. */
	pastIdleMs: 300_000,
	/** Recent pasts of rooms that are held for viewers: 16 MiB each at most. */
	pastHolds: 4,

	// --- the log -----------------------------------------------------------------------------------
	/** Bytes that wait for the reader of the log: some minutes of a busy server. Further lines are dropped and counted. */
	logWaitingBytes: 1024 * 1024,
} as const;
