import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { CLOSE_CODES, type CloseName } from "../../protocol/errors.ts";
import { decodeClientMessage, type Hello } from "../../protocol/messages/client-message.ts";
import type { Log } from "../log.ts";
import type { Entrance } from "../match/doors/entrance.ts";
import { closeFrame } from "../socket/close-frame.ts";
import { workerForHello, workerForTarget } from "./choose-worker.ts";
import { LoadBook } from "./load-book.ts";
import type { Order, Seat } from "./messages/order.ts";
import type { Report } from "./messages/report.ts";
import { readRequestTarget, roomOfToken } from "./request-target.ts";
import { type IndexedRoom, RoomIndex } from "./room-index.ts";
import { KeptSockets } from "./socket-passing/kept-sockets.ts";
import type { TcpHandle } from "./socket-passing/tcp-handle.ts";
import type { MachineState } from "./take-over/wire.ts";
import { WORKER_LIMITS } from "./worker-limits.ts";
import type { WorkerProcess } from "./worker-pool.ts";

/** A client's socket, wherever it is. */
interface RoutedSocket {
	readonly number: number;
	readonly address: string;
	/** Worker that has it, if one has. */
	worker: number | null;
	/** Where its client sits, as far as its worker has said. */
	seat: Seat | null;
	/** Worker that gets it next, and its seat there. */
	next: { worker: number; seat: Seat | null } | null;
}

interface RouterOptions {
	log: Log;
	/** The process of a worker that runs, or null. */
	processOf: (worker: number) => WorkerProcess | null;
	order: (worker: number, order: Order) => boolean;
	maxConnections: number;
	/** Decides who comes in, for all workers: they ask nobody again. */
	entrance: Entrance;
	/** A worker is gone, and these were its rooms and sockets: each socket is to be adopted or dropped. */
	orphans: (worker: number, rooms: IndexedRoom[], sockets: readonly RoutedSocket[]) => void;
	/** Resolves when a room does not move, or not any more; null when it does not. */
	whenStill: (room: string) => Promise<void> | null;
}

/**
 * Brings each client to the worker that has its room: by its address, and, when the hello says otherwise, once more.
 * Knows every client's socket, and keeps a duplicate of it.
 */
export class ClientRouter {
	readonly index = new RoomIndex();
	readonly loads = new LoadBook();
	/** Sockets ever accepted, and moved from one worker to another. */
	accepted = 0;
	moved = 0;
	private readonly kept = new KeptSockets();
	private readonly sockets = new Map<number, RoutedSocket>();
	/** Most players of each game. */
	private readonly games = new Map<string, number>();
	private readonly options: RouterOptions;

	constructor(options: RouterOptions) {
		this.options = options;
	}

	get size(): number {
		return this.sockets.size;
	}

	/** What another supervisor needs to go on: the sockets, and what is known of them. */
	get estate() {
		const sockets = [...this.sockets.values()].map((socket) => ({ ...socket }));
		return { sockets, handles: this.kept.all, lastSocket: this.kept.lastNumber };
	}

	/** Goes on where another supervisor left off; its workers have other numbers here. */
	takeOver(
		{ sockets, rooms, lastSocket }: Pick<MachineState, "sockets" | "rooms" | "lastSocket">,
		handles: ReadonlyMap<number, TcpHandle>,
		numberOf: (worker: number) => number,
	): void {
		this.kept.takeOver(handles, lastSocket);
		for (const room of rooms) this.index.add({ ...room, worker: numberOf(room.worker) });
		for (const { number, address, worker, seat, next } of sockets) {
			const there = worker === null ? null : numberOf(worker);
			this.options.entrance.inherit(address);
			const then = next && { ...next, worker: numberOf(next.worker) };
			this.sockets.set(number, { number, address, worker: there, seat, next: then });
		}
	}

	/** Another supervisor has all of it: its duplicates count now. */
	letGo(): void {
		this.sockets.clear();
		this.kept.endAll();
	}

	/** A client asks to upgrade. Nothing more is read of its socket here. */
	upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
		const { url = "/", headers } = request;
		const { entrance } = this.options;
		const address = entrance.admit(request);
		if (typeof address !== "string") return entrance.refuse(request, socket, address);
		socket.removeAllListeners("error");
		socket.on("error", () => {});
		const { maxConnections } = this.options;
		const target = readRequestTarget(url, new Set(this.games.keys()));
		const worker = workerForTarget(target, this.index, this.loads);
		const { size } = this.sockets;
		// a WebSocket that is refused by name must be open first
		const isRefusable = size < maxConnections + WORKER_LIMITS.refusable;
		const taken = worker === null || !isRefusable ? null : this.kept.keep(socket);
		if (worker === null || taken === null) {
			entrance.left(address);
			socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n\r\n");
			return;
		}
		this.accepted++;
		const { number } = taken;
		const routed: RoutedSocket = { number, address, worker: null, seat: null, next: null };
		this.sockets.set(number, routed);
		const behind = Buffer.concat([head, taken.unread]);
		const open: Order = {
			type: "open",
			socket: number,
			url,
			headers: plain(headers),
			behind,
			isTooMany: size >= maxConnections,
		};
		this.hand(routed, worker, open);
	}

	/** A worker says something of rooms or sockets. */
	hear(worker: number, report: Report): void {
		switch (report.type) {
			case "ready":
				for (const { name, maxPlayers } of report.games) this.games.set(name, maxPlayers);
				return this.loads.add(worker);
			case "load":
				this.loads.report(worker, report);
				return this.index.settle(worker);
			case "rooms":
				for (const room of report.opened) this.index.add({ ...room, worker });
				for (const { id, players } of report.changed) this.index.report(worker, id, players);
				for (const { id, epoch } of report.closed) this.index.close(worker, id, epoch);
				return;
			case "gives":
			case "cannotStart":
			case "recovered":
			case "parcel":
			case "moved":
				return;
		}
		const socket = this.sockets.get(report.socket);
		// what a worker says of a socket that it does not have any more is late
		if (socket?.worker !== worker) return;
		if (report.type === "gone") this.end(socket);
		else if (report.type === "seated") socket.seat = report.seat;
		else if (report.type === "asked") this.answer(socket, report.hello);
		else this.pass(socket, report.carried);
	}

	/** Moves sockets of a worker to another one, each to its seat there. */
	move(from: number, to: number, seats: ReadonlyMap<number, Seat>): void {
		const sockets = [...seats.keys()].filter((number) => this.sockets.get(number)?.worker === from);
		for (const number of sockets) {
			const socket = this.sockets.get(number) as RoutedSocket;
			socket.next = { worker: to, seat: seats.get(number) ?? null };
		}
		this.options.order(from, { type: "release", sockets });
	}

	/** A worker is about to give sockets up: each goes to another one, to its seat there. */
	sendOn(from: number, to: number, sockets: readonly { socket: number; seat: Seat }[]): void {
		for (const { socket: number, seat } of sockets) {
			const socket = this.sockets.get(number);
			if (socket?.worker === from) socket.next = { worker: to, seat };
		}
	}

	/** Gives a worker a socket whose own is gone. */
	adopt(number: number, to: number, seat: Seat): boolean {
		const socket = this.sockets.get(number);
		if (socket?.worker !== null) return false;
		socket.next = { worker: to, seat };
		this.pass(socket, { unread: Buffer.alloc(0), unsent: Buffer.alloc(0) });
		return true;
	}

	/** Lets a client go whose worker is gone and whose seat nobody takes over. */
	abandon(number: number): void {
		const socket = this.sockets.get(number);
		if (socket?.worker === null) this.drop(socket, "ERR_SERVER_SHUTDOWN");
	}

	/** A worker's process is gone, and its rooms with it. */
	lost(worker: number): void {
		this.loads.remove(worker);
		const rooms = this.index.forget(worker);
		const orphans = [...this.sockets.values()].filter((socket) => socket.worker === worker);
		for (const socket of orphans) socket.worker = null;
		this.options.orphans(worker, rooms, orphans);
	}

	/** Sockets of a worker, with their seats. */
	socketsOf(worker: number): RoutedSocket[] {
		return [...this.sockets.values()].filter((socket) => socket.worker === worker);
	}

	/** Ends what is left. */
	close(): void {
		for (const socket of [...this.sockets.values()]) this.end(socket);
	}

	/** A hello asks for what its worker does not have. */
	private answer(socket: RoutedSocket, hello: Uint8Array): void {
		const message = decodeClientMessage(hello);
		const { order } = this.options;
		const at = socket.worker;
		if (at === null) return;
		const stay = (): boolean => order(at, { type: "stay", socket: socket.number });
		if ("error" in message || message.type !== "hello") return void stay();
		const still = this.stillOf(message);
		// it may ask again: its worker has waited too long then, and answers for itself
		if (still !== null) return void still.then(() => this.answer(socket, hello));
		const maxPlayers = this.games.get(message.game) ?? 0;
		if (message.room === null && !message.token) this.index.fill(at, message.game);
		const worker = workerForHello(message, maxPlayers, this.index, this.loads);
		if (worker === null || worker === at) return void stay();
		socket.next = { worker, seat: null };
		order(at, { type: "release", sockets: [socket.number] });
	}

	/** Whether the room of a hello moves: nobody can say where it is before that is over. */
	private stillOf({ token, room, game }: Hello): Promise<void> | null {
		const isFit = (worker: number): boolean => this.loads.isFit(worker);
		const any = room === null && !token ? this.index.fullest(game, isFit) : null;
		for (const id of [roomOfToken(token), room, any?.id ?? null]) {
			const still = id === null ? null : this.options.whenStill(id);
			if (still !== null) return still;
		}
		return null;
	}

	/** A socket that was given up goes to its next worker, or, if that is gone meanwhile, to any. */
	private pass(
		socket: RoutedSocket,
		carried: { unread: Uint8Array; unsent: Uint8Array } | null,
	): void {
		const { next } = socket;
		socket.next = null;
		// its end is under way where it is
		if (carried === null) return;
		if (next === null) return this.end(socket);
		this.moved++;
		const { worker, seat } = next;
		this.hand(socket, worker, { type: "adopt", socket: socket.number, carried, seat });
	}

	private hand(socket: RoutedSocket, worker: number, order: Order): void {
		const process = this.options.processOf(worker);
		if (process !== null && this.kept.pass(socket.number, process, order)) {
			socket.worker = worker;
			this.loads.arrive(worker);
			return;
		}
		socket.worker = null;
		this.drop(socket, "ERR_SERVER_SHUTDOWN");
	}

	private forget({ number, address }: RoutedSocket): void {
		if (this.sockets.delete(number)) this.options.entrance.left(address);
	}

	private end(socket: RoutedSocket): void {
		this.forget(socket);
		this.kept.end(socket.number);
	}

	/** Tells a client that nobody has its room any more: it comes back by its token. */
	private drop(routed: RoutedSocket, name: CloseName): void {
		const { number, address } = routed;
		this.forget(routed);
		const socket = this.kept.resume(number);
		if (socket === null) return;
		this.options.log("info", "dropped", { name, address });
		socket.on("error", () => socket.destroy());
		socket.resume();
		socket.end(closeFrame(CLOSE_CODES[name], name));
		setTimeout(() => socket.destroy(), WORKER_LIMITS.dropMs).unref();
	}
}

/** Headers as a message has them. */
function plain(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
	const out: Record<string, string | string[]> = {};
	for (const [name, value] of Object.entries(headers)) if (value !== undefined) out[name] = value;
	return out;
}
