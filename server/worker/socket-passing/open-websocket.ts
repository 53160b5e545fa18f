import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Carried, PassableSocket } from "./passable-socket.ts";
import type { TcpHandle } from "./tcp-handle.ts";

/** The head of a request to upgrade, as the supervisor's HTTP parser read it, and the bytes behind it. */
export interface UpgradeRequest {
	url: string;
	headers: IncomingHttpHeaders;
	behind: Uint8Array;
}

/** Whatever makes a WebSocket of a request, with its limits: a `WebSocketServer`, or a listener with one. */
export type Upgrade = (request: IncomingMessage, socket: PassableSocket, behind: Buffer) => void;

/** Any key will do where the answer goes nowhere. */
const AGREED: IncomingHttpHeaders = {
	upgrade: "websocket",
	connection: "Upgrade",
	"sec-websocket-key": "aG90c3RlcC1hZG9wdHMtaQ==",
	"sec-websocket-version": "13",
};

function requestOf(url: string, headers: IncomingHttpHeaders): IncomingMessage {
	return { method: "GET", url, headers } as IncomingMessage;
}

/** Answers a handshake on a socket that another process accepted. */
export function openWebSocket(
	handle: TcpHandle,
	{ url, headers, behind }: UpgradeRequest,
	upgrade: Upgrade,
): void {
	upgrade(requestOf(url, headers), new PassableSocket(handle), Buffer.from(behind));
}

/**
 * Goes on with a WebSocket that another process began: no handshake, first the bytes that the client still waits for,
 * then those that it had sent. It was without compression and without a subprotocol, and goes on so.
 */
export function adoptWebSocket(
	handle: TcpHandle,
	{ unread, unsent }: Carried,
	upgrade: Upgrade,
): void {
	const socket = new PassableSocket(handle);
	if (unsent.length > 0) socket.write(unsent);
	socket.swallowNextWrite();
	upgrade(requestOf("/", AGREED), socket, Buffer.from(unread));
}
