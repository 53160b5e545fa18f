import { type CloseName, isFinal } from "../../protocol/errors.ts";
import type { ClientMessage, Hello } from "../../protocol/messages/client-message.ts";
import type { ServerCounters } from "../counters.ts";
import type { Log } from "../log.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { Viewer } from "../room/viewer.ts";
import type { Peer, PeerHandler } from "../socket/peer.ts";

/** A connection that has come in: the room that it is shown, and with whose eyes. */
interface Session {
	readonly room: Room;
	readonly viewer: Viewer;
}

/**
 * Who each connection is: a hello takes a seat, takes one up again or looks on; what follows goes to the
 * room. A lost connection leaves the seat held, one that ends for good gives it up.
 */
export class Sessions implements PeerHandler {
	private readonly directory: RoomDirectory;
	private readonly counters: ServerCounters;
	private readonly log: Log;
	private readonly sessions = new Map<Peer, Session>();
	/** Rooms that are on their way here, and who waits for each. */
	private readonly awaited = new Map<string, Map<Peer, Hello>>();
	/** Hears of each connection that has come in. */
	cameIn: (peer: Peer) => void = () => {};

	constructor(directory: RoomDirectory, counters: ServerCounters, log: Log) {
		this.directory = directory;
		this.counters = counters;
		this.log = log;
	}

	/** Finds the seat or the room that a hello asks for, or drops the connection with the reason. */
	hello(peer: Peer, hello: Hello): void {
		const { token } = hello;
		const awaited = this.awaited.get(token?.split(".", 1)[0] ?? hello.room ?? "");
		if (awaited) {
			awaited.set(peer, hello);
			return;
		}
		const held = token ? this.directory.findSeat(token) : null;
		if (token && held && held.room.game.name === hello.game) {
			this.begin(peer, held.room, held.room.seats.resume(held.player, peer, token));
			return;
		}
		const room = this.directory.find(hello);
		if ("error" in room) return peer.drop(room.error, room.detail);
		const entered = hello.spectate ? room.seats.spectate(peer) : room.join(peer, hello.name);
		if ("error" in entered) return peer.drop(entered.error, entered.detail);
		this.begin(peer, room, "viewer" in entered ? entered.viewer : entered);
	}

	/** Hands a message to the room that its sender is in. */
	message(peer: Peer, message: Exclude<ClientMessage, Hello>): void {
		const session = this.sessions.get(peer);
		if (!session) return;
		const { room, viewer } = session;
		if (message.type === "ping") room.pong(viewer, message.time);
		else if (message.type === "leave") {
			this.closed(peer, true);
			peer.goodbye();
		} else if (message.type === "unknown") return;
		else if (viewer.player) {
			const problem = room.receiveInput(viewer.player, message);
			if (problem !== null) peer.drop("ERR_INVALID_FIELD", problem);
		} else room.receiveAck(viewer, message.ackTick);
	}

	/** The server has ended the connection. */
	dropped(peer: Peer, name: CloseName, detail: string): void {
		this.counters.drop(name);
		for (const waiting of this.awaited.values()) waiting.delete(peer);
		const session = this.sessions.get(peer);
		this.log(name === "ERR_SERVER_SHUTDOWN" ? "debug" : "info", "dropped", {
			name,
			detail,
			address: peer.address,
			room: session?.room.id,
			tick: session?.room.tick,
			player: session?.viewer.player?.number,
		});
		if (session) this.end(peer, session, isFinal(name) && name !== "ERR_SEAT_TAKEN");
	}

	/** The client has ended it, for good or because its line was lost. */
	closed(peer: Peer, forGood: boolean): void {
		for (const waiting of this.awaited.values()) waiting.delete(peer);
		const session = this.sessions.get(peer);
		if (!session) return;
		const { id, tick } = session.room;
		const player = session.viewer.player?.number;
		this.log("info", "left", { room: id, tick, player, address: peer.address, forGood });
		this.end(peer, session, forGood);
	}

	/** Rooms are about to be here: a hello for one of them waits until `arrived`. */
	expect(rooms: readonly string[]): void {
		for (const id of rooms) this.awaited.set(id, new Map());
	}

	/** A room is here now, or will not come: who waited is answered. */
	arrived(room: string): void {
		const waiting = this.awaited.get(room);
		this.awaited.delete(room);
		for (const [peer, hello] of waiting ?? []) this.hello(peer, hello);
	}

	/** A room that was awaited is elsewhere: who waited comes again. */
	turnAway(room: string): void {
		const waiting = this.awaited.get(room);
		this.awaited.delete(room);
		for (const peer of waiting?.keys() ?? []) {
			peer.drop("ERR_SERVER_SHUTDOWN", `room ${room} is elsewhere`);
		}
	}

	/** Where a connection sits; null for one that has not come in. */
	seatOf(peer: Peer): { room: string; player: number | null } | null {
		const session = this.sessions.get(peer);
		if (!session) return null;
		return { room: session.room.id, player: session.viewer.player?.number ?? null };
	}

	/** A connection goes on in another process, and its seat with it: here nobody is told. */
	forget(peer: Peer): void {
		const session = this.sessions.get(peer);
		if (!session) return;
		this.sessions.delete(peer);
		session.room.seats.lose(session.viewer);
	}

	/** Goes on with a connection that came in elsewhere, where it sat; false when that seat is not here. */
	goOn(peer: Peer, roomId: string, number: number | null): boolean {
		const room = this.directory.rooms.get(roomId);
		const player = number === null ? null : room?.players.get(number);
		if (!room || player === undefined || player?.isLeaving) return false;
		this.begin(peer, room, room.seats.adopt(player, peer));
		return true;
	}

	private begin(peer: Peer, room: Room, viewer: Viewer | null): void {
		if (!viewer) return;
		this.sessions.set(peer, { room, viewer });
		const { id, tick } = room;
		const { number: player, name } = viewer.player ?? {};
		this.log("info", "joined", { room: id, tick, player, name, address: peer.address });
		this.cameIn(peer);
	}

	private end(peer: Peer, { room, viewer }: Session, forGood: boolean): void {
		this.sessions.delete(peer);
		// the seat may have gone to a newer connection meanwhile
		if (forGood && viewer.player?.viewer === viewer) room.leave(viewer.player);
		else room.seats.lose(viewer);
	}
}
