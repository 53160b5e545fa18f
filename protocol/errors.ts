/**
 * Every reason for which a server ends a connection: its stable name and its WebSocket close code.
 * `docs/errors.md` explains each. The name travels as the reason of the close frame.
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
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

/** Close reasons after which trying again at once makes no sense: the same would happen. */
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
]);

export function isFinal(name: string): boolean {
	return FINAL.has(name);
}
