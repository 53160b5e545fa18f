import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
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

/** Makes connections of WebSockets and keeps the list of those that are open. */
export class Listener {
	readonly connections = new Set<Connection>();
	/** Total connections accepted. */
	accepted = 0;
	private readonly sockets: WebSocketServer;
	private readonly heartbeat: NodeJS.Timeout;
	private readonly handler: PeerHandler;
	private readonly options: ListenerOptions;
	private isClosing = false;

	/** Whoever has the sockets calls `upgrade`. */
	constructor(handler: PeerHandler, options: ListenerOptions) {
		this.handler = handler;
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
		this.heartbeat = setInterval(() => {
			for (const connection of this.connections) connection.heartbeat(options.silenceMs);
		}, options.heartbeatMs);
	}

	/** Accepts nothing more. */
	stopAccepting(): void {
		this.isClosing = true;
		clearInterval(this.heartbeat);
	}

	/** Answers a handshake; what is open then becomes a connection, unless `opened` knows better. */
	upgrade(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		opened: (ws: WebSocket) => void = (ws) => this.accept(ws, socket),
	): void {
		socket.on("error", () => socket.destroy());
		if (this.isClosing) {
			socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
			return;
		}
		(socket as Socket).setNoDelay(true);
		this.sockets.handleUpgrade(request, socket, head, opened);
	}

	/** Takes a WebSocket up as a client's connection. */
	accept(
		ws: WebSocket,
		socket: Duplex,
		address = (socket as Socket).remoteAddress ?? "",
	): Connection {
		const { maxConnections, helloTimeoutMs, now } = this.options;
		const watched: PeerHandler = {
			hello: (peer, hello) => this.handler.hello(peer, hello),
			message: (peer, message) => this.handler.message(peer, message),
			dropped: (peer, name, detail) => this.handler.dropped(peer, name, detail),
			closed: (peer, isGoodbye) => {
				this.connections.delete(connection);
				this.handler.closed(peer, isGoodbye);
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
		return connection;
	}

	/** A connection's line goes on in another process: here it is over, and nobody is told. */
	forget(connection: Connection): void {
		connection.abandon();
		this.connections.delete(connection);
	}
}
