import { WebSocket } from "ws";
import type { OpenTransport } from "../client/transport.ts";

/** Sees every message of a connection. */
export interface Tap {
	/** A new connection begins. */
	opening(): void;
	sent(message: Uint8Array): void;
	received(message: Uint8Array): void;
}

/**
 * A transport for thousands of bots in one process: `ws` without copies, on any version of Node.
 */
export function openTapped(tap: Tap): OpenTransport {
	return async (url, events) => {
		tap.opening();
		const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
		socket.on("open", () => events.open());
		socket.on("message", (data: Buffer, isBinary: boolean) => {
			if (!isBinary) return;
			tap.received(data);
			events.message(data);
		});
		// an error is always followed by a close
		socket.on("error", () => {});
		socket.on("close", (code: number, reason: Buffer) => {
			events.closed(code, reason.toString());
		});
		return {
			send(message) {
				if (socket.readyState !== WebSocket.OPEN) return;
				tap.sent(message);
				socket.send(message);
			},
			close() {
				socket.removeAllListeners("message");
				socket.close(1000);
			},
		};
	};
}
