import type { Room } from "../../room/room.ts";
import { Connection } from "../../socket/connection.ts";
import type { WorkerId } from "../hand-over/messages.ts";
import type { Report } from "../messages/report.ts";
import type { WorkerSockets } from "../worker-sockets.ts";

type Given = Extract<Report, { type: "gives" }>["sockets"];

/** The clients of a room, by their connections. */
function connectionsOf(room: Room): { connection: Connection; player: number | null }[] {
	return [...room.seats.viewers].flatMap(({ sink, player }) =>
		sink instanceof Connection ? [{ connection: sink, player: player?.number ?? null }] : [],
	);
}

/** The sockets of the rooms that a worker gives away. */
export class RoomSockets {
	private readonly sockets: WorkerSockets;
	private readonly report: (report: Report) => void;

	constructor(sockets: WorkerSockets, report: (report: Report) => void) {
		this.sockets = sockets;
		this.report = report;
	}

	pause(room: Room): void {
		for (const { connection } of connectionsOf(room)) connection.pause();
	}

	resume(room: Room): void {
		for (const { connection } of connectionsOf(room)) connection.resume();
	}

	/** Tells the supervisor whose sockets these are at the worker that they go to, and gives each of them up. */
	give(room: Room, to: WorkerId): void {
		const connections = connectionsOf(room);
		const sockets: Given = [];
		for (const { connection, player } of connections) {
			const socket = this.sockets.numberOf(connection);
			if (socket === null) continue;
			const capabilities = [...connection.capabilities];
			sockets.push({ socket, seat: { room: room.id, player, capabilities } });
		}
		this.report({ type: "gives", room: room.id, to, sockets });
		for (const { socket } of sockets) this.sockets.giveUp(socket);
		// what cannot move is closing already, or its client reads too little: it comes back by its token
		this.drop(room);
	}

	drop(room: Room): void {
		for (const { connection } of connectionsOf(room)) {
			connection.resume();
			connection.drop("ERR_SERVER_SHUTDOWN", `room ${room.id} is elsewhere`);
		}
	}
}
