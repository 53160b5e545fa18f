import { isFinal } from "../../protocol/errors.ts";
import type { Hello } from "../../protocol/messages/client-message.ts";
import type { ServerCounters } from "../counters.ts";
import type { Log } from "../log.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { Viewer } from "../room/viewer.ts";
import type { Peer, PeerHandler } from "../socket/peer.ts";

/** Where a connection ended up. */
interface Place {
	room: Room;
	viewer: Viewer;
}

/**
 * Answers connections: a hello takes a seat, takes one up again or looks on; what follows goes to the
 * room. A lost connection leaves the seat held, one that ends for good gives it up.
 */
export function createPeerHandler(
	directory: RoomDirectory,
	counters: ServerCounters,
	log: Log,
): PeerHandler {
	const places = new Map<Peer, Place>();

	const settle = (peer: Peer, room: Room, viewer: Viewer | null): void => {
		if (!viewer) return;
		places.set(peer, { room, viewer });
		const { player } = viewer;
		const { id, tick } = room;
		const { address } = peer;
		log("info", "joined", {
			room: id,
			tick,
			player: player?.number,
			name: player?.name,
			address,
		});
	};

	const give = (peer: Peer, { room, viewer }: Place, forGood: boolean): void => {
		places.delete(peer);
		// the seat may have gone to a newer connection meanwhile
		if (forGood && viewer.player?.viewer === viewer) room.leave(viewer.player);
		else room.seats.lose(viewer);
	};

	const leave = (peer: Peer, forGood: boolean): void => {
		const place = places.get(peer);
		if (!place) return;
		const { id, tick } = place.room;
		const player = place.viewer.player?.number;
		log("info", "left", { room: id, tick, player, address: peer.address, forGood });
		give(peer, place, forGood);
	};

	const enter = (peer: Peer, hello: Hello): void => {
		const held = !hello.token ? null : directory.findSeat(hello.token);
		if (held && held.room.game.name === hello.game) {
			settle(peer, held.room, held.room.seats.resume(held.player, peer));
			return;
		}
		const room = directory.find(hello);
		if ("error" in room) return peer.drop(room.error, room.detail);
		const entered = hello.spectate ? room.seats.spectate(peer) : room.join(peer, hello.name);
		if ("error" in entered) return peer.drop(entered.error, entered.detail);
		settle(peer, room, "viewer" in entered ? entered.viewer : entered);
	};

	return {
		hello: enter,
		message(peer, message) {
			const place = places.get(peer);
			if (!place) return;
			const { room, viewer } = place;
			if (message.type === "ping") room.pong(viewer, message.time);
			else if (message.type === "leave") {
				leave(peer, true);
				peer.goodbye();
			} else if (message.type === "unknown") return;
			else if (viewer.player) {
				const problem = room.receiveInput(viewer.player, message);
				if (problem !== null) peer.drop("ERR_INVALID_FIELD", problem);
			} else room.receiveAck(viewer, message.ackTick);
		},
		dropped(peer, name, detail) {
			counters.drop(name);
			const place = places.get(peer);
			log(name === "ERR_SERVER_SHUTDOWN" ? "debug" : "info", "dropped", {
				name,
				detail,
				address: peer.address,
				room: place?.room.id,
				tick: place?.room.tick,
				player: place?.viewer.player?.number,
			});
			if (place) give(peer, place, isFinal(name) && name !== "ERR_SEAT_TAKEN");
		},
		closed: leave,
	};
}
