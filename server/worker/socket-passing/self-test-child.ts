import { WebSocketServer } from "ws";
import { openWebSocket, type UpgradeRequest } from "./open-websocket.ts";
import type { PassableSocket } from "./passable-socket.ts";
import { UNREAD_MARK } from "./self-test-wire.ts";
import type { TcpHandle } from "./tcp-handle.ts";

// The other process of the self-test: answers a handshake, sends until the client's side is full, gives it all back.
const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 4096 });
let socket: PassableSocket | null = null;

process.on("message", (message: { request?: UpgradeRequest; release?: true }, handle: unknown) => {
	if (message.request && handle) {
		openWebSocket(handle as TcpHandle, message.request, (request, duplex, behind) => {
			socket = duplex;
			sockets.handleUpgrade(request, duplex, behind, (ws) => {
				ws.on("message", () => {
					let sent = 0;
					while (duplex.writableLength === 0 && sent < UNREAD_MARK.mostMessages) {
						ws.send(Buffer.alloc(UNREAD_MARK.bytes, sent++));
					}
					process.send?.({ sent });
				});
			});
		});
	} else if (message.release) {
		process.send?.({ carried: socket?.release() ?? null });
	}
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
