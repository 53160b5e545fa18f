/**
 * Every reason why a server ends a connection: its stable name and its WebSocket close code.
 * `docs/errors.md` explains each. The name is sent as the reason of the close frame.
 */
export const CLOSE_CODES = {
	ERR_SERVER_SHUTDOWN: 1001,
	ERR_PROTOCOL_FRAME: 1002,
	ERR_TEXT_FRAME: 1003,
	ERR_MESSAGE_TOO_LARGE: 1009,
	ERR_MALFORMED_MESSAGE: 4000,
	ERR_UNKNOWN_MESSAGE: 4001,
	ERR_INVALID_FIELD: 4002,
	ERR_HELLO_EXPECTED: 4003,
	ERR_HELLO_REPEATED: 4004,
	ERR_HELLO_TIMEOUT: 4005,
	ERR_PROTOCOL_VERSION: 4006,
	ERR_NAME_INVALID: 4007,
	ERR_GAME_UNKNOWN: 4008,
	ERR_ROOM_UNKNOWN: 4009,
	ERR_ROOM_FULL: 4010,
	ERR_SERVER_FULL: 4011,
	ERR_RATE_LIMITED: 4012,
	ERR_HEARTBEAT_TIMEOUT: 4013,
	ERR_CLIENT_TOO_SLOW: 4014,
	ERR_ROOM_FAULT: 4015,
	ERR_KICKED: 4016,
	ERR_REFUSED: 4017,
	ERR_SEAT_TAKEN: 4018,
	ERR_TICKET_REQUIRED: 4019,
	ERR_TICKET_FORGED: 4020,
	ERR_TICKET_EXPIRED: 4021,
	ERR_TICKET_USED: 4022,
	ERR_TICKET_FOREIGN: 4023,
	ERR_ORIGIN_REFUSED: 4024,
	ERR_BANNED: 4025,
	ERR_TOO_MANY_CONNECTIONS: 4026,
	ERR_TOO_MANY_JOINS: 4027,
	ERR_TOO_MANY_FAILURES: 4028,
	ERR_SESSION_REPLACED: 4029,
	ERR_SESSION_EXISTS: 4030,
	ERR_ROOM_LOCKED: 4031,
	ERR_ROOM_PRIVATE: 4032,
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

/** Close reasons after which reconnecting at once is pointless: the same would happen. */
const FINAL: ReadonlySet<string> = new Set<CloseName>([
	"ERR_PROTOCOL_FRAME",
	"ERR_TEXT_FRAME",
	"ERR_MESSAGE_TOO_LARGE",
	"ERR_MALFORMED_MESSAGE",
	"ERR_UNKNOWN_MESSAGE",
	"ERR_INVALID_FIELD",
	"ERR_HELLO_EXPECTED",
	"ERR_HELLO_REPEATED",
	"ERR_PROTOCOL_VERSION",
	"ERR_NAME_INVALID",
	"ERR_GAME_UNKNOWN",
	"ERR_ROOM_UNKNOWN",
	"ERR_ROOM_FULL",
	"ERR_SERVER_FULL",
	"ERR_RATE_LIMITED",
	"ERR_ROOM_FAULT",
	"ERR_KICKED",
	"ERR_REFUSED",
	"ERR_SEAT_TAKEN",
	"ERR_TICKET_REQUIRED",
	"ERR_TICKET_FORGED",
	"ERR_TICKET_EXPIRED",
	"ERR_TICKET_USED",
	"ERR_TICKET_FOREIGN",
	"ERR_ORIGIN_REFUSED",
	"ERR_BANNED",
	"ERR_TOO_MANY_CONNECTIONS",
	"ERR_TOO_MANY_JOINS",
	"ERR_TOO_MANY_FAILURES",
	"ERR_SESSION_REPLACED",
	"ERR_SESSION_EXISTS",
	"ERR_ROOM_LOCKED",
	"ERR_ROOM_PRIVATE",
]);

export function isFinal(name: string): boolean {
	return FINAL.has(name);
}

/** Further errors that answer a request to join, with their HTTP status. */
export const JOIN_ERRORS = {
	ERR_AUTH_REQUIRED: 401,
	ERR_AUTH_REFUSED: 403,
	ERR_AUTH_UNAVAILABLE: 503,
	ERR_TOKEN_INVALID: 401,
	ERR_TOKEN_ALGORITHM: 401,
	ERR_TOKEN_SIGNATURE: 401,
	ERR_TOKEN_KEY: 401,
	ERR_TOKEN_EXPIRED: 401,
	ERR_TOKEN_EARLY: 401,
	ERR_TOKEN_ISSUER: 401,
	ERR_TOKEN_AUDIENCE: 401,
	ERR_TOKEN_USER: 401,
	ERR_BODY_INVALID: 400,
	ERR_PARTY_TOO_LARGE: 409,
	ERR_QUEUE_TWICE: 409,
	ERR_QUEUE_TICKET: 404,
	ERR_QUEUE_BUSY: 503,
} as const;

type JoinErrorName = keyof typeof JOIN_ERRORS;

/** What the client SDK and the pages find out by themselves. */
type ClientErrorName =
	| "ERR_NETWORK"
	| "ERR_ADDRESS"
	| "ERR_CONNECT_TIMEOUT"
	| "ERR_ADDRESS_INVALID"
	| "ERR_ADDRESS_INSECURE"
	| "ERR_NO_WEBSOCKET";

/** Further answers to a request over HTTP. */
type HttpErrorName =
	| "ERR_BAD_TARGET"
	| "ERR_METHOD"
	| "ERR_NOT_FOUND"
	| "ERR_MODULE_UNKNOWN"
	| "ERR_ADMIN_OFF"
	| "ERR_ADMIN_REMOTE"
	| "ERR_ADMIN_TOKEN"
	| "ERR_METRICS_REMOTE"
	| "ERR_ADMIN_GAME"
	| "ERR_ADMIN_ROOM"
	| "ERR_ADMIN_PLAYER"
	| "ERR_ADMIN_MESSAGE"
	| "ERR_ADMIN_WORKER"
	| "ERR_ADMIN_TABLE"
	| "ERR_ADMIN_QUERY"
	| "ERR_WORKER_DOWN"
	| "ERR_WORKER_ANSWER"
	| "ERR_PAST_TICK"
	| "ERR_PAST_HOLD"
	| "ERR_PAST_BUSY"
	| "ERR_PAST_TIMEOUT"
	| "ERR_PAST_CRASH";

/** What goes wrong between a supervisor, its workers and the rooms that move between them. */
type WorkerErrorName =
	| "ERR_ROOM_RESUME"
	| "ERR_NO_WORKERS"
	| "ERR_WORKER_REPORT"
	| "ERR_WORKER_ORDER"
	| "ERR_MOVE_ROOM"
	| "ERR_MOVE_BUSY"
	| "ERR_MOVE_WORKER"
	| "ERR_MOVE_TIMEOUT"
	| "ERR_MOVE_BUILD"
	| "ERR_MOVE_GAP"
	| "ERR_MOVE_HASH"
	| "ERR_MOVE_DIED"
	| "ERR_MOVE_OVER"
	| "ERR_WORKER_MESSAGE"
	| "ERR_STORE_DOWN"
	| "ERR_UPGRADE_ALONE"
	| "ERR_UPGRADE_BUSY"
	| "ERR_UPGRADE_FAILED";

/** What ends a command. */
type CommandErrorName =
	| "ERR_CONFIG"
	| "ERR_ADDRESS_UNAVAILABLE"
	| "ERR_SYSTEM"
	| "ERR_ADDRESS_IN_USE"
	| "ERR_SCHEMA"
	| "ERR_COMPILE"
	| "ERR_PAGE"
	| "ERR_HOOKS"
	| "ERR_BUILD_TOOLS"
	| "ERR_BUILD";

/** Why a module is not sealed. */
export type SealErrorName =
	| "ERR_MODULE_NOT_WASM"
	| "ERR_MODULE_TOO_LARGE"
	| "ERR_MODULE_MALFORMED"
	| "ERR_MODULE_FEATURE"
	| "ERR_MODULE_LIMIT"
	| "ERR_MODULE_MEMORY"
	| "ERR_MODULE_TABLE"
	| "ERR_MODULE_GLOBAL"
	| "ERR_MODULE_STATE"
	| "ERR_MODULE_IMPORT"
	| "ERR_MODULE_EXPORT"
	| "ERR_MODULE_START_SECTION";

/** Why a module that is sealed does not run. */
export type ModuleErrorName =
	| "ERR_MODULE_MISSING"
	| "ERR_MODULE_NOT_WASM"
	| "ERR_MODULE_IMPORT"
	| "ERR_MODULE_EXPORT"
	| "ERR_MODULE_START";

/** What is wrong with a module's description of itself. */
export type DescriptorErrorName =
	| "ERR_DESCRIPTOR_MAGIC"
	| "ERR_DESCRIPTOR_VERSION"
	| "ERR_DESCRIPTOR_POINTER"
	| "ERR_DESCRIPTOR_STRIDE"
	| "ERR_DESCRIPTOR_COUNT"
	| "ERR_DESCRIPTOR_NAME"
	| "ERR_DESCRIPTOR_TYPE"
	| "ERR_DESCRIPTOR_OVERLAP"
	| "ERR_DESCRIPTOR_RENAME"
	| "ERR_DESCRIPTOR_CAPACITY";

/** Why new rules are not swapped in. */
type SwapErrorName =
	| "ERR_SWAP_POLICY"
	| "ERR_SWAP_BODY"
	| "ERR_SWAP_BUSY"
	| "ERR_SWAP_GAME"
	| "ERR_SWAP_SAME"
	| "ERR_SWAP_NOTHING"
	| "ERR_SWAP_CANCELLED"
	| "ERR_DEPLOYMENTS_DAMAGED"
	| "ERR_DEPLOYMENTS_WRITE"
	| "ERR_SWAP_INPUT"
	| "ERR_SWAP_RATE"
	| "ERR_SWAP_CAPACITY"
	| "ERR_SWAP_TYPE"
	| "ERR_SWAP_ROOM"
	| "ERR_SWAP_START"
	| "ERR_SWAP_MIGRATED"
	| "ERR_TRIAL_FAULT"
	| "ERR_TRIAL_VALUE"
	| "ERR_TRIAL_SLOW"
	| "ERR_TRIAL_TIMEOUT"
	| "ERR_TRIAL_CRASH";

/** Why a recording stops. */
export type RecordingErrorName = "ERR_RECORD_SLOW" | "ERR_RECORD_WRITE" | "ERR_RECORD_IMAGE";

/** What is wrong with a journal. */
export type JournalErrorName =
	| "ERR_JOURNAL_MISSING"
	| "ERR_JOURNAL_MAGIC"
	| "ERR_JOURNAL_VERSION"
	| "ERR_JOURNAL_CUT"
	| "ERR_JOURNAL_DAMAGED"
	| "ERR_JOURNAL_RECORD"
	| "ERR_JOURNAL_ORDER"
	| "ERR_JOURNAL_LIMIT"
	| "ERR_JOURNAL_DEFLATE"
	| "ERR_JOURNAL_MODULE"
	| "ERR_JOURNAL_IMAGE"
	| "ERR_JOURNAL_INBOX";

/** Why a journal is not played again or verified. */
type ReplayErrorName =
	| "ERR_REPLAY_REFERENCE"
	| "ERR_REPLAY_TABLE"
	| "ERR_REPLAY_TICK"
	| "ERR_CHECK_JOURNAL"
	| "ERR_CHECK_TEXT"
	| "ERR_VERIFY_RECORD"
	| "ERR_VERIFY_BUILD"
	| "ERR_VERIFY_EXPORT";

/** What is wrong with a log of rooms. */
export type LogErrorName =
	| "ERR_LOG_MISSING"
	| "ERR_LOG_MAGIC"
	| "ERR_LOG_VERSION"
	| "ERR_LOG_DAMAGED"
	| "ERR_LOG_RECORD"
	| "ERR_LOG_ORDER"
	| "ERR_LOG_LIMIT"
	| "ERR_LOG_GAP"
	| "ERR_LOG_IMAGE"
	| "ERR_LOG_TWICE";

/** Why a log does not hold what it promises. */
export type LogTroubleName = "ERR_LOG_FULL" | "ERR_LOG_WRITE" | "ERR_LOG_SLOW";

/** Why a room is not brought back from its log. */
type RecoveryErrorName = "ERR_LOG_MODULE" | "ERR_LOG_HASH" | "ERR_LOG_RERUN" | "ERR_LOG_POISON";

/** What goes wrong between rules and the world outside. */
type EffectErrorName =
	| "ERR_HOOK_TIMEOUT"
	| "ERR_HOOK_FAILED"
	| "ERR_HOOK_BUSY"
	| "ERR_HOOK_CRASHED"
	| "ERR_HOOK_ANSWER"
	| "ERR_WEBHOOK"
	| "ERR_SPOOL"
	| "ERR_SPOOL_FULL"
	| "ERR_SPOOL_OLD";

/** Every error's name; `docs/errors.md` explains each. */
export type ErrorName =
	| CloseName
	| JoinErrorName
	| ClientErrorName
	| HttpErrorName
	| WorkerErrorName
	| CommandErrorName
	| SealErrorName
	| ModuleErrorName
	| DescriptorErrorName
	| SwapErrorName
	| RecordingErrorName
	| JournalErrorName
	| ReplayErrorName
	| LogErrorName
	| LogTroubleName
	| RecoveryErrorName
	| EffectErrorName;
