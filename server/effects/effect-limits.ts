import { SERVER_LIMITS } from "../limits.ts";

/** What results, webhooks and hooks may take, each with its reason. */
export const EFFECT_LIMITS = {
	// --- the spool ----------------------------------------------------------------------------------
	/** Results that wait for one receiver: three hours of one match end a second. More are refused by name. */
	waiting: 10_000,
	/** Bytes of them, as JSON: what a process can hold beside its rooms. */
	waitingBytes: 16 * 1024 * 1024,
	/** Results that are sent at once; of one room one at a time, in their order. */
	sending: 8,
	/** Keys that were delivered and are remembered, so that what a log says again is not sent again. */
	remembered: 4_096,
	/** First pause after a failure, doubled each time, and the longest; half of it is chance. */
	retryMs: 1_000,
	mostRetryMs: 300_000,
	/** After so many failures in a row the receiver itself is down: one result at a time asks for it, after pauses. */
	downAfter: 16,
	mostDownMs: 30_000,
	/** A result that nobody took for so long is given up, with its key in the log: three days, a long weekend. */
	keepMs: 3 * 86_400_000,
	/** The file is written anew when it is so long and mostly done. */
	rewriteBytes: 1024 * 1024,
	/** Time between two looks for spools that were left in order: a worker that was emptied, an older version. */
	lookMs: 10_000,
	/** How long a server that stops waits for what is being sent. */
	finishMs: 3_000,
	/** Bytes of a file that are read: all that may wait, with as much that is done. */
	fileBytes: 64 * 1024 * 1024,

	// --- webhooks ------------------------------------------------------------------------------------
	/** Time for an answer to a POST. */
	answerMs: 10_000,
	/** Characters of a secret: one that cannot be guessed. */
	secretChars: 16,

	// --- hooks ---------------------------------------------------------------------------------------
	/** Time limit of a call. */
	callMs: 5_000,
	/** Calls that run at once; others wait. */
	calls: 64,
	/** Calls that wait: a full room's players come in at once, in some rooms. More fail by name. */
	callsWaiting: 4 * SERVER_LIMITS.openRequests,
	/** A thread that does not say a word for so long after a call took too long is stuck, and ended. */
	stuckMs: 1_000,
	/** Pause before the thread is started again, doubled each time that it dies young, and the longest. */
	restartMs: 250,
	mostRestartMs: 30_000,
	/** Heap of the thread, MiB: that of a small program. */
	heapMb: 256,
	/** Bytes of an answer as JSON: 32 fields with the longest names. */
	answerBytes: SERVER_LIMITS.effectBytes,
} as const;
