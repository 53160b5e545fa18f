import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Hello } from "../../protocol/messages/client-message.ts";
import type { Connection } from "../socket/connection.ts";
import { Gate } from "./gate.ts";
import type { Order, Seat } from "./messages/order.ts";
import type { Report } from "./messages/report.ts";
import { adoptWebSocket, openWebSocket } from "./socket-passing/open-websocket.ts";
import type { Carried, PassableSocket } from "./socket-passing/passable-socket.ts";
import type { TcpHandle } from "./socket-passing/tcp-handle.ts";

/** What a worker's sockets need of the rest of it. */
interface WorkerSocketsOptions {
	/** Answers a handshake, within the limits of every WebSocket. */
	upgrade: (
		request: IncomingMessage,
		socket: Duplex,
		behind: Buffer,
		opened: (ws: WebSocket) => void,
	) => void;
	/** Makes a connection of a WebSocket. */
	accept: (ws: WebSocket, socket: Duplex) => Connection;
	/** A connection that is taken away is nobody's loss: its seat waits for it, or has moved. */
	forget: (connection: Connection) => void;
	/** Gives a connection the seat that it had elsewhere; false when that is not here. */
	takeSeat: (connection: Connection, seat: Seat) => boolean;
	/** What a hello asks for is here. */
	isHere: (hello: Hello) => boolean;
	report: (report: Report) => void;
	helloTimeoutMs: number;
	now: () => number;
}

/** One socket that the supervisor gave: before its hello at the gate, then a connection. */
interface Held {
	readonly socket: PassableSocket;
	gate: Gate | null;
	connection: Connection | null;
}

/** The clients' sockets that this worker has, by the supervisor's numbers. */
export class WorkerSockets {
	private readonly held = new Map<number, Held>();
	private readonly numbers = new WeakMap<object, number>();
	private readonly options: WorkerSocketsOptions;

	constructor(options: WorkerSocketsOptions) {
		this.options = options;
	}

	/** Does what the supervisor orders about sockets. */
	obey(order: Order, handle: TcpHandle | undefined): void {
		switch (order.type) {
			case "open":
			case "adopt":
				// a client may be gone before its descriptor is here
				if (!handle) return this.options.report({ type: "gone", socket: order.socket });
				return order.type === "open" ? this.open(order, handle) : this.adopt(order, handle);
			case "stay":
				return this.held.get(order.socket)?.gate?.stay();
			case "release":
				for (const socket of order.sockets) this.giveUp(socket);
		}
	}

	/** Gives a socket up for another worker, and says so. */
	giveUp(socket: number): void {
		this.options.report({ type: "released", socket, carried: this.release(socket) });
	}

	/** The supervisor's number of a connection's socket, or null for one that it did not give. */
	numberOf(connection: object): number | null {
		return this.numbers.get(connection) ?? null;
	}

	/** Waits until all sockets are closed; after so long they are cut. */
	async ended(mostMs: number): Promise<void> {
		const all = [...this.held.values()].map(({ socket }) => once(socket, "close"));
		const cut = setTimeout(() => {
			for (const { socket } of this.held.values()) socket.destroy();
		}, mostMs);
		await Promise.allSettled(all);
		clearTimeout(cut);
	}

	private open(order: Extract<Order, { type: "open" }>, handle: TcpHandle): void {
		openWebSocket(handle, order, (request, socket, behind) => {
			const held = this.hold(order.socket, socket);
			this.options.upgrade(request, socket, behind, (ws) => {
				if (!order.isTooMany) return this.wait(order.socket, held, ws);
				const why = "as many clients as there may be are here";
				this.enter(order.socket, held, ws).drop("ERR_SERVER_FULL", why);
			});
		});
	}

	private adopt(
		{ socket, carried, seat }: Extract<Order, { type: "adopt" }>,
		handle: TcpHandle,
	): void {
		adoptWebSocket(handle, carried, (request, duplex, unread) => {
			const held = this.hold(socket, duplex);
			this.options.upgrade(request, duplex, unread, (ws) => {
				const connection = this.enter(socket, held, ws);
				if (seat === null || this.options.takeSeat(connection, seat)) return;
				connection.drop("ERR_SERVER_SHUTDOWN", `room ${seat.room} is not here any more`);
			});
		});
	}

	private hold(number: number, socket: PassableSocket): Held {
		const held: Held = { socket, gate: null, connection: null };
		this.held.set(number, held);
		socket.once("close", () => {
			this.held.delete(number);
			this.options.report({ type: "gone", socket: number });
		});
		return held;
	}

	/** A WebSocket is open: its hello decides. */
	private wait(number: number, held: Held, ws: WebSocket): void {
		const { isHere, report, helloTimeoutMs, now } = this.options;
		held.gate = new Gate(ws, held.socket, {
			isHere,
			ask: (hello) => report({ type: "asked", socket: number, hello }),
			enter: () => this.enter(number, held, ws),
			helloTimeoutMs,
			now,
		});
	}

	private enter(number: number, held: Held, ws: WebSocket): Connection {
		held.gate = null;
		const connection = this.options.accept(ws, held.socket);
		held.connection = connection;
		this.numbers.set(connection, number);
		return connection;
	}

	private release(number: number): Carried | null {
		const held = this.held.get(number);
		if (!held) return null;
		const { gate, connection, socket } = held;
		const carried = gate ? gate.release() : connection?.isMovable ? socket.release() : null;
		if (carried === null) return null;
		this.held.delete(number);
		if (connection) this.options.forget(connection);
		return carried;
	}
}
