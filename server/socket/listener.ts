import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { LIMITS } from "../../protocol/limits.ts";
import { Connection } from "./connection.ts";
import type { PeerHandler } from "./peer.ts";

interface ListenerOptions {
	maxConnections: number;
	helloTimeoutMs: number;
	heartbeatMs: number;
	silenceMs: number;
	/** Time that advances only while this process runs, ms. */
	now: () => number;
	/** Called after each connection that opens or closes: many at once would starve timers. */
	served: () => void;
}

/** Accepts WebSockets on an HTTP server and keeps the list of those that are open. */
export class Listener {
	readonly connections = new Set<Connection>();
	/** Total connections accepted. */
	accepted = 0;
	private readonly sockets: WebSocketServer;
	private readonly heartbeat: NodeJS.Timeout;
	private readonly options: ListenerOptions;
	private isClosing = false;

	constructor(http: Server, handler: PeerHandler, options: ListenerOptions) {
		this.options = options;
		this.sockets = new WebSocketServer({
			noServer: true,
			maxPayload: LIMITS.clientMessageBytes,
			// shared bytes cannot be compressed for each client
			perMessageDeflate: false,
			clientTracking: false,
			// pings count as messages: a connection answers them itself
			autoPong: false,
		});
		http.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head, handler));
		this.heartbeat = setInterval(() => {
			for (const connection of this.connections) connection.heartbeat(options.silenceMs);
		}, options.heartbeatMs);
	}

	/** Accepts nothing more. */
	stopAccepting(): void {
		this.isClosing = true;
		clearInterval(this.heartbeat);
	}

	private upgrade(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		handler: PeerHandler,
	): void {
		socket.on("error", () => socket.destroy());
		if (this.isClosing) {
			socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
			return;
		}
		(socket as Socket).setNoDelay(true);
		this.sockets.handleUpgrade(request, socket, head, (ws) => {
			const address = (socket as Socket).remoteAddress ?? "";
			const { maxConnections, helloTimeoutMs, now } = this.options;
			const watched: PeerHandler = {
				hello: (peer, hello) => handler.hello(peer, hello),
				message: (peer, message) => handler.message(peer, message),
				dropped: (peer, name, detail) => handler.dropped(peer, name, detail),
				closed: (closed, isGoodbye) => {
					this.connections.delete(connection);
					handler.closed(closed, isGoodbye);
					this.options.served();
				},
			};
			const connection = new Connection(ws, socket, address, watched, { helloTimeoutMs, now });
			this.connections.add(connection);
			this.accepted++;
			this.options.served();
			if (this.connections.size > maxConnections) {
				connection.drop("ERR_SERVER_FULL", `${maxConnections} connections are open`);
			}
		});
	}
}
