import { describe, expect, it } from "vitest";
import { minInboxBytes, NEAR_BYTES, VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { JOURNAL_LIMITS } from "../../server/journal/journal-limits.ts";
import { LOG_LIMITS } from "../../server/journal/room-log/log-limits.ts";
import { SERVER_LIMITS } from "../../server/limits.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { SEAL_LIMITS } from "../../server/module/seal/seal-limits.ts";
import { HAND_OVER_LIMITS } from "../../server/worker/hand-over/hand-over-limits.ts";
import { WIRE_LIMITS } from "../../server/worker/hand-over/wire/wire-limits.ts";
import { WORKER_LIMITS } from "../../server/worker/worker-limits.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** The clients that one process is made for, and the memory that their queues may take. */
const CLIENTS = 5_000;
const QUEUE_MEMORY = GIB;
/** Bytes of address space that a process of 64 bits has. */
const ADDRESS_SPACE = 2 ** 47;
/** Bytes that a guard region and a memory of V8 reserve together. */
const RESERVED_BYTES = 10 * GIB;
/** Of a phone's uplink that takes a module in the time of one request. */
const SLOW_UPLINK_BITS = 1_400_000;

/** `least` is at most `most`. */
type Relation = readonly [promise: string, least: number, most: number];

const L = LIMITS;
const S = SERVER_LIMITS;
const inputsBytes = L.inputsPerMessage * L.inputBytes;
/** Every player's input, join and leave, each behind a head of 8. */
const fullInboxBytes = L.players * (8 + L.inputBytes + 2 * (8 + L.joinNameBytes));
const minutes = (n: number): number => n * 60_000;

const RELATIONS: Readonly<Record<string, readonly Relation[]>> = {
	"what a client sends": [
		["a message holds as many inputs as it may have", inputsBytes + 64, L.clientMessageBytes],
		[
			"a message holds as many strings as it may have",
			L.clientMessageElements * (L.clientStringBytes + 2),
			L.clientMessageBytes,
		],
		["one message never overflows the queue of inputs", L.inputsPerMessage, L.inputsQueued],
		[
			"the messages of a second hold an input for each tick",
			L.tickRateHz,
			L.messagesPerSecond * L.inputsPerMessage,
		],
		["a message for each tick at 60 Hz, and as many pings", 2 * 60, L.messagesPerSecond],
		["a burst is what a stall of two seconds held back", 2 * L.messagesPerSecond, L.messageBurst],
		["a player's name fits a string", L.playerNameBytes, L.clientStringBytes],
		["a name of three bytes a character fits", 3 * L.playerNameChars, L.playerNameBytes],
		["the rules get a name or its beginning", L.joinNameBytes, L.playerNameBytes],
		["a game's name fits a string", L.nameBytes, L.clientStringBytes],
		["a ticket fits a string", MATCH_LIMITS.ticketBytes, L.clientStringBytes],
		[
			"a room's id leaves half of a ticket",
			2 * MATCH_LIMITS.ticketRoomBytes,
			MATCH_LIMITS.ticketBytes,
		],
	],
	"what travels in few bits": [
		["a cell's number takes 16 bits", 1 + L.gridSide ** 2, 0xffff],
		["a row's number takes 16 bits, and one is left for none", L.rows, 0xffff],
		["the columns of a table fit a mask", L.columns, 64],
		["an event's number takes a byte, and one is left", L.events, 0xff],
		[
			"the longest rewind fits an age",
			(L.mostRewindMs / 1_000) * L.tickRateHz * VIEW_AGE_PER_TICK,
			0xffff,
		],
		["a window is smaller than the grid", 2 * L.interestReachCells + 1, L.gridSide],
		["a game rewinds no further than any may", L.rewindMs, L.mostRewindMs],
	],
	"what a module gets and gives": [
		["the inbox holds everybody's join, leave and input", fullInboxBytes, L.inboxBytes],
		[
			"the smallest inbox of the largest room is one that may be declared",
			minInboxBytes(L.players, L.inputBytes, L.joinNameBytes),
			L.inboxBytes,
		],
		["an event at a place fits the outbox", L.fields * 8 + NEAR_BYTES + 8, L.outboxBytes],
		[
			"inbox and outbox leave the game most of the memory",
			L.inboxBytes + L.outboxBytes,
			L.memoryBytes / 8,
		],
		["a snapshot holds all that a memory could", L.memoryBytes, L.snapshotBytes],
		["a sealed module may be longer than the file", L.moduleBytes, SEAL_LIMITS.sealedBytes],
		["the largest memory is one that is sealed", L.memoryBytes / 65_536, SEAL_LIMITS.memoryPages],
		["a sealed module's globals are kept", SEAL_LIMITS.mutableGlobals, JOURNAL_LIMITS.globals],
		["a moved room's globals are kept", SEAL_LIMITS.mutableGlobals, WIRE_LIMITS.globals],
	],
	"memory of a process": [
		[
			"clients who take nothing leave room for the games",
			CLIENTS * L.unacknowledgedBytes,
			QUEUE_MEMORY,
		],
		["sockets", S.connections * 20_000, 200_000_000],
		["a process is made for more clients than it is measured with", CLIENTS, S.connections],
		["memories and images fit the address space", S.rooms * 2 * RESERVED_BYTES, ADDRESS_SPACE],
		["pasts that are held", S.pastHolds * L.memoryBytes, 64 * MIB],
		["pasts that are asked for", S.pastQueries * L.memoryBytes, 128 * MIB],
		["rooms that are closed", S.closedRooms * 32_768, 2 * MIB],
		["modules that can be rolled back to", S.standingDeployments * L.moduleBytes, 16 * MIB],
		[
			"lists that are watched and not read",
			MATCH_LIMITS.watchedLists * MATCH_LIMITS.listBytes,
			256 * MIB,
		],
	],
	"time of a connection": [
		["three pings are missed before a socket is gone", 3 * L.heartbeatMs, L.silenceMs],
		["a client that stalls is dropped no later than a silent one", L.stalledClientMs, L.silenceMs],
		["a client is behind long before it is dropped", 10 * L.lagMs, L.stalledClientMs],
		["a seat outlasts an attempt to connect", L.connectMs, L.seatGraceMs],
		["a server hears a hello before the client gives up", L.helloTimeoutMs, L.connectMs],
		["a room outlasts the seats in it", L.seatGraceMs, L.emptyRoomMs],
		["closing handshakes end while the server stops", L.closeMs, S.shutdownMs],
		["a worker stops before it is killed", S.shutdownMs, WORKER_LIMITS.stopMs],
		[
			"a ticket outlasts a connection and its hello",
			L.connectMs + L.helloTimeoutMs,
			MATCH_LIMITS.ticketMs,
		],
		["a hello outlasts the question where it belongs", WORKER_LIMITS.askMs, L.helloTimeoutMs],
		[
			"a move of a room is over before its players lose their seats",
			HAND_OVER_LIMITS.askMs * HAND_OVER_LIMITS.asks,
			L.seatGraceMs,
		],
		["the head of a request comes before the rest", S.httpHeadMs, S.httpRequestMs],
		[
			"a module with its map comes over a slow line",
			(8 * (L.moduleBytes + S.mapBytes)) / SLOW_UPLINK_BITS,
			S.httpRequestMs / 1_000,
		],
	],
	"past and rehearsal": [
		["what happened in a probation is remembered whole", S.probationMs, S.historyMs],
		["a probation is no longer than any may be", S.probationMs, S.mostProbationMs],
		["there is an image in what is remembered", S.imageMs, S.lastingImageMs],
		["there is an image in what is remembered, whatever it costs", S.lastingImageMs, S.historyMs],
		["a trial's ticks at 60 Hz are remembered", S.trialTicks * (1_000 / 60), S.historyMs + 1],
		[
			"a trial in a room of its own ends in time at the slowest tick that passes",
			S.freshTrialTicks * (1_000 / 60) * S.trialShare,
			S.verifyMs,
		],
		["a trial's players are those of a room", S.freshTrialPlayers, L.players],
		[
			"an image is worth the fuel of one tick at 60 Hz",
			S.imageFuel,
			L.fuelPerTickMs * (1_000 / 60),
		],
		["those who are suspected are players", S.faultSuspects, L.players],
		["what is rolled back is listed", S.standingDeployments, S.deployments],
		[
			"a late room catches up in less time than makes it swamped",
			S.catchUpTicks * (1_000 / 60),
			S.swampedMs,
		],
		["rows in an answer are rows of a table", S.adminRows, L.rows],
	],
	"what is written down": [
		[
			"a journal's block holds the largest image",
			JOURNAL_LIMITS.imageBytes,
			JOURNAL_LIMITS.blockBytes,
		],
		[
			"a journal's queue holds many flushes",
			8 * JOURNAL_LIMITS.flushBytes,
			JOURNAL_LIMITS.queuedBytes,
		],
		["two of the largest images may wait", 2 * JOURNAL_LIMITS.imageBytes, JOURNAL_LIMITS.heldBytes],
		["an inbox fits a journal's queue", L.inboxBytes, JOURNAL_LIMITS.queuedBytes],
		["ticks are hashed between images", JOURNAL_LIMITS.hashEvery, JOURNAL_LIMITS.imageEvery],
		[
			"a journal of another process is old before it is swept",
			minutes(60),
			JOURNAL_LIMITS.foreignMs,
		],
		["the largest image can be packed", L.memoryBytes, LOG_LIMITS.packingBytes],
		["images come at least that often", LOG_LIMITS.imageEveryMs, LOG_LIMITS.imageWithinMs],
		[
			"the inboxes between two images are believed, at the highest rate",
			L.players * (8 + L.inputBytes) * L.tickRateHz * (LOG_LIMITS.imageWithinMs / 1_000),
			LOG_LIMITS.inboxBytes,
		],
		["a room's inboxes are some of all", LOG_LIMITS.inboxBytes, LOG_LIMITS.allInboxBytes],
		["a segment holds the largest image", L.memoryBytes, LOG_LIMITS.segmentBytes],
		["a segment may grow", LOG_LIMITS.segmentBytes, LOG_LIMITS.mostSegmentBytes],
		["a log holds the rooms of a server", S.rooms, LOG_LIMITS.rooms],
		["a slow disk is slower than the pace of its work", LOG_LIMITS.syncEveryMs, LOG_LIMITS.slowMs],
		["a log is tried again sooner first", LOG_LIMITS.retryMs, LOG_LIMITS.mostRetryMs],
		[
			"what a second attempt leaves out was played since an image",
			LOG_LIMITS.doubtMs,
			LOG_LIMITS.imageWithinMs,
		],
	],
	"matches and moves": [
		["a match that a queue makes fits a room", MATCH_LIMITS.matchPlayers, L.players],
		["a match is made in one commit", MATCH_LIMITS.matchPlayers, MATCH_LIMITS.storeChanges],
		["those who wait fit the store", MATCH_LIMITS.waiting, MATCH_LIMITS.storeEntries],
		["a leader says so between two cycles", MATCH_LIMITS.cycleMs, MATCH_LIMITS.leadMs],
		[
			"what is known of a user fits the store",
			MATCH_LIMITS.claimBytes + MATCH_LIMITS.userBytes,
			MATCH_LIMITS.storeValueBytes,
		],
		[
			"what is said of a room fits the store",
			MATCH_LIMITS.metadataBytes,
			MATCH_LIMITS.storeValueBytes,
		],
		[
			"a match is placed before its ticket is forgotten",
			MATCH_LIMITS.placeMs,
			MATCH_LIMITS.outcomeMs,
		],
		["a full room's sockets have numbers", L.players + S.spectators, WIRE_LIMITS.parts],
		["a parcel holds two inboxes", 2 * L.inboxBytes, WIRE_LIMITS.parcelBytes],
		["a client's unsent bytes travel with it", L.unacknowledgedBytes, WORKER_LIMITS.unsentBytes],
		[
			"a message that is not whole travels with its socket",
			L.clientMessageBytes,
			WORKER_LIMITS.carriedBytes,
		],
		[
			"a move that hangs is asked for before it is given up",
			HAND_OVER_LIMITS.doubtMs,
			HAND_OVER_LIMITS.askMs * HAND_OVER_LIMITS.asks,
		],
	],
};

describe.each(Object.entries(RELATIONS))("limits of %s", (_, relations) => {
	it.each(relations)("%s", (_promise, least, most) => {
		expect(least).toBeLessThanOrEqual(most);
	});
});

describe("limits", () => {
	it.each(
		Object.entries({
			LIMITS,
			SERVER_LIMITS,
			JOURNAL_LIMITS,
			LOG_LIMITS,
			MATCH_LIMITS,
			SEAL_LIMITS,
			HAND_OVER_LIMITS,
			WIRE_LIMITS,
			WORKER_LIMITS,
		}),
	)("of %s are numbers above 0, and whole unless they are a share", (_, limits) => {
		for (const [name, value] of Object.entries(limits)) {
			expect(value, name).toBeGreaterThan(0);
			if (value >= 1 && name !== "tickMs") expect(Number.isSafeInteger(value), name).toBe(true);
		}
	});
});
