import { LIMITS } from "../../protocol/limits.ts";
import { SERVER_LIMITS } from "../limits.ts";

/** Bytes of a message that is not whole yet: the longest, in parts of a byte each with a header of 6. */
const unreadBytes = 7 * LIMITS.clientMessageBytes + 14;

/** Every maximum between the supervisor and its workers, each with its reason. */
export const WORKER_LIMITS = {
	/** Workers of a machine: more than one for each core gains nothing, and few machines have so many. */
	workers: 256,

	// --- what travels between processes -----------------------------------------------------------
	unreadBytes,
	/** Bytes that a client has sent and nobody has taken: that, what Node had read ahead, and a hello framed anew. */
	carriedBytes: unreadBytes + 2 * 65_536,
	/** Bytes that wait for a client and may travel with its socket: a whole snapshot and what may be under way. */
	unsentBytes: LIMITS.snapshotBytes + LIMITS.unacknowledgedBytes,
	/** Bytes behind a request's head: what came with it in one read. */
	behindHeadBytes: 65_536,
	/** Sockets above the limit that are still opened, to be refused by name. */
	refusable: 64,
	/** Headers of a request: Node's own limit. */
	headers: 2_000,
	/** Characters of a file's path, and of what went wrong. */
	pathChars: 4_096,
	/** Characters of the name of a log's series: a worker's number and 32 of its life. */
	seriesChars: 64,
	detailChars: 4_096,

	/** Connections to a worker's HTTP, and bytes of an answer that is put together with others. */
	controlSockets: 16,
	answerBytes: 32 * 1024 * 1024,

	// --- time ----------------------------------------------------------------------------------------
	/** A self-test of the platform takes a tenth of a second; one that takes so long has failed. */
	selfTestMs: 5_000,
	/** A worker that has not come up by then is taken for hung: it compiles all games first. */
	startMs: 60_000,
	/** A new supervisor has its workers up, and all of the old one's, within: it starts as many as the old one did. */
	takeOverMs: 90_000,
	/** The old one's workers have lost their rooms within: what is left then comes back from the log. */
	retireMs: 120_000,
	/** A worker reports its load so often; and the seats of its rooms, which joins depend on. */
	loadMs: 1_000,
	seatsMs: 100,
	/** So many of the supervisor's seconds without a report: the worker hangs. Its rules cannot: they have fuel. */
	silentSeconds: 20,
	/** One that has not reported for so long does not answer: five reports are missing. */
	answerSeconds: 5,
	/** A client that may belong elsewhere waits so long at most for the answer. */
	askMs: 5_000,
	/** A worker answers HTTP within: a deployment tries the new rules on its rooms first. */
	answerMs: 60_000,
	/** A worker that is told to stop says goodbye to everybody, and writes what it has to. */
	stopMs: SERVER_LIMITS.shutdownMs + 2_000,
	/** A client that is told to go has so long to close its end. */
	dropMs: LIMITS.closeMs,

	// --- crashes -------------------------------------------------------------------------------------
	/** A worker that lived so long before it crashed is not crashing again and again. */
	quietMs: 60_000,
	/** Crashes in a row after which it is left out: with the waits between them half a minute of trying. */
	crashesInRow: 6,
	/** Time before the second start in a row; then twice as long each time, up to: */
	backOffMs: 500,
	mostBackOffMs: 10_000,

	// --- load ----------------------------------------------------------------------------------------
	/** What a player usually costs, as a part of a core: some 400 fill one at 60 Hz. */
	seatCost: 0.0025,
	/** Players from which on a worker's own figures say it better. */
	knownSeats: 20,
	/** Ticks may be so late without anybody seeing it: timers of a healthy process are. */
	lateMs: 4,
	/** A tick of 60 Hz. */
	tickMs: 1_000 / 60,
} as const;
