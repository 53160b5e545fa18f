import { type WebSocket, WebSocketServer } from "ws";
import {
	adoptWebSocket,
	openWebSocket,
	type Upgrade,
	type UpgradeRequest,
} from "../../../server/worker/socket-passing/open-websocket.ts";
import type {
	Carried,
	PassableSocket,
} from "../../../server/worker/socket-passing/passable-socket.ts";
import type { TcpHandle } from "../../../server/worker/socket-passing/tcp-handle.ts";

/** What a test asks of an echo worker, and what it says. */
export type EchoOrder =
	| { open: number; request: UpgradeRequest }
	| { adopt: number; carried: Carried }
	| { release: number[] }
	| { destroy: number };
export type EchoReport =
	| { ready: true }
	| { released: number; carried: Carried | null }
	| { gone: number };

// A process that answers each message with as many echoes as its first byte says, times 256.
const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 4096 });
const open = new Map<number, PassableSocket>();

function say(report: EchoReport): void {
	process.send?.(report);
}

function echo(ws: WebSocket, data: Buffer): void {
	ws.send(data);
	for (let left = (data[0] ?? 0) * 256; left > 0; left--) ws.send(data);
}

const answering =
	(number: number): Upgrade =>
	(request, socket, behind) => {
		open.set(number, socket);
		sockets.handleUpgrade(request, socket, behind, (ws) => {
			ws.on("message", (data: Buffer) => echo(ws, data));
			ws.on("close", () => {
				open.delete(number);
				say({ gone: number });
			});
			ws.on("error", () => {});
		});
	};

process.on("message", (order: EchoOrder, handle: unknown) => {
	if ("open" in order) {
		openWebSocket(handle as TcpHandle, order.request, answering(order.open));
	} else if ("adopt" in order) {
		adoptWebSocket(handle as TcpHandle, order.carried, answering(order.adopt));
	} else if ("destroy" in order) {
		open.get(order.destroy)?.destroy();
	} else {
		for (const released of order.release) {
			const carried = open.get(released)?.release() ?? null;
			if (carried) open.delete(released);
			say({ released, carried });
		}
	}
});
process.on("disconnect", () => process.exit(0));
say({ ready: true });
