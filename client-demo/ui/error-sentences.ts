import type { CloseName } from "../../protocol/errors.ts";

/** What the page itself finds wrong. */
type PageError = "ERR_NETWORK" | "ERR_CONNECT_TIMEOUT" | "ERR_ADDRESS";

/** What a player is told, by error name. `docs/errors.md` says more to who runs the server. */
const SENTENCES: Readonly<Record<CloseName | PageError, string>> = {
	ERR_NETWORK: "The server cannot be reached.",
	ERR_CONNECT_TIMEOUT: "The server does not answer.",
	ERR_ADDRESS: "The server's address in this link is not a WebSocket address.",
	ERR_SERVER_SHUTDOWN: "The server is restarting.",
	ERR_SERVER_FULL: "The server is full. Somebody has to leave before you can play.",
	ERR_ROOM_FULL: "This room is full.",
	ERR_ROOM_UNKNOWN: "This room does not exist (any more).",
	ERR_ROOM_FAULT: "The rules of this room failed, so it had to end.",
	ERR_KICKED: "You were removed from the room.",
	ERR_SEAT_TAKEN: "You are playing in another window.",
	ERR_REFUSED: "The room did not let you in.",
	ERR_TICKET_REQUIRED: "Sign in to play.",
	ERR_TICKET_FORGED: "This invitation is damaged.",
	ERR_TICKET_EXPIRED: "It took too long to get in. Please try again.",
	ERR_TICKET_USED: "This invitation was used already.",
	ERR_TICKET_FOREIGN: "This invitation is for another room.",
	ERR_ORIGIN_REFUSED: "The server does not take players from this page.",
	ERR_BANNED: "You may not play here.",
	ERR_TOO_MANY_CONNECTIONS: "Too many players come from your network.",
	ERR_TOO_MANY_JOINS: "You changed rooms too often. Wait a moment.",
	ERR_TOO_MANY_FAILURES: "That went wrong too often. Wait a minute.",
	ERR_SESSION_REPLACED: "You are playing somewhere else now.",
	ERR_SESSION_EXISTS: "You are playing somewhere else already.",
	ERR_ROOM_LOCKED: "This room takes nobody new in.",
	ERR_ROOM_PRIVATE: "This room is private: you need its code.",
	ERR_GAME_UNKNOWN: "The server does not offer this game.",
	ERR_NAME_INVALID: "The server does not take this name. Please choose another.",
	ERR_PROTOCOL_VERSION: "This page is out of date. Reload it to play on.",
	ERR_RATE_LIMITED: "This page sent too much at once.",
	ERR_CLIENT_TOO_SLOW: "Your connection could not keep up with the game.",
	ERR_HEARTBEAT_TIMEOUT: "Your connection went silent.",
	ERR_HELLO_TIMEOUT: "Your connection was too slow to say hello.",
	// these would be mistakes of the page: nothing that a player did
	ERR_TEXT_FRAME: "This page and the server do not understand each other.",
	ERR_MESSAGE_TOO_LARGE: "This page and the server do not understand each other.",
	ERR_MALFORMED_MESSAGE: "This page and the server do not understand each other.",
	ERR_UNKNOWN_MESSAGE: "This page and the server do not understand each other.",
	ERR_INVALID_FIELD: "This page and the server do not understand each other.",
	ERR_HELLO_EXPECTED: "This page and the server do not understand each other.",
	ERR_HELLO_REPEATED: "This page and the server do not understand each other.",
	ERR_PROTOCOL_FRAME: "This page and the server do not understand each other.",
};

/** A plain sentence for an error name, even one of a later server. */
export function sentenceFor(name: string): string {
	return (
		(SENTENCES as Readonly<Record<string, string>>)[name] ??
		`The server ended the connection (${name}).`
	);
}
