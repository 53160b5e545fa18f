import { createHash } from "node:crypto";
import type { Player } from "../../../server/room/player.ts";
import type { Room } from "../../../server/room/room.ts";
import type { World } from "../../../testing/index.ts";
import { insist } from "./insist.ts";

/** Clients of these names take no residuals by arithmetic coding. */
export const UNCODED = "uncoded";

function seatOf(
	world: World,
	token: string | null | undefined,
): { room: Room; player: Player } | null {
	if (!token) return null;
	const hash = createHash("sha256").update(token).digest("hex");
	for (const room of world.directory.rooms.values()) {
		for (const player of room.players.values()) {
			if (player.tokenHash === hash && !player.isLeaving) return { room, player };
		}
	}
	return null;
}

/** Whoever comes back by a token has the seat again that it stands for, for as long as it is held. */
export function watchHellos(world: World): () => number {
	const { sessions } = world.core;
	const { hello } = sessions;
	let resumed = 0;
	sessions.hello = (peer, message) => {
		const seat = seatOf(world, message.token);
		if (message.name.startsWith(UNCODED)) peer.capabilities = ["uncoded"];
		hello.call(sessions, peer, message);
		if (!seat) return;
		resumed++;
		const { room, player } = seat;
		const isBack = room.players.get(player.number) === player && player.viewer?.sink === peer;
		insist(isBack, `seat ${player.number} was held, and whoever came back has not got it`);
	};
	return () => resumed;
}

/** No seat is held beyond its time, and a viewer's seat knows its viewer. */
export function checkSeats(world: World, graceMs: number): void {
	for (const room of world.directory.rooms.values()) {
		for (const player of room.players.values()) {
			const heldMs = room.clock.now() - player.heldSinceMs;
			// a room that stood gives its seats up once it goes on again
			const lateMs = heldMs - graceMs - 2 * room.tickMs - 120;
			const isLate = !player.viewer && !player.isLeaving && !room.isPaused && lateMs > 0;
			insist(!isLate, `seat ${player.number} is held for ${heldMs} ms`);
		}
		for (const viewer of room.seats.viewers) {
			const { player } = viewer;
			insist(!player || player.viewer === viewer, "a viewer's seat has another viewer");
			insist(!player || room.players.get(player.number) === player, "a viewer's seat is gone");
		}
	}
}
