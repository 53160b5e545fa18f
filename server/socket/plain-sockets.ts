import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Bounds the sockets that have not become WebSockets: slow requests, and kept-alive connections. If
 * there are too many, the oldest is closed, so that idle ones cannot keep others out.
 */
export class PlainSockets {
	private readonly sockets = new Set<Socket>();

	/** `most` is the maximum open at once. */
	constructor(http: Server, most: number) {
		http.on("connection", (socket: Socket) => {
			this.sockets.add(socket);
			socket.once("close", () => this.sockets.delete(socket));
			if (this.sockets.size <= most) return;
			const [oldest] = this.sockets;
			if (oldest) {
				this.sockets.delete(oldest);
				oldest.destroy();
			}
		});
		http.on("upgrade", (_, socket) => this.sockets.delete(socket as Socket));
	}

	get size(): number {
		return this.sockets.size;
	}
}
