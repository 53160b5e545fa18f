import type { Log } from "../../log.ts";
import type { GameModule } from "../../module/game-module.ts";
import type { OpenServer } from "../../open-server.ts";
import { encodeParcel } from "../hand-over/wire/parcel.ts";
import type { Report } from "../messages/report.ts";
import type { WorkerSockets } from "../worker-sockets.ts";
import type { MoveTap } from "./move-tap.ts";
import { RoomSockets } from "./room-sockets.ts";
import { WorkerMoves } from "./worker-moves.ts";

/** Rooms of this worker may move from now on; `tap` is among their recorders. */
export function openMoves(
	{ core, clock, logs }: OpenServer,
	sockets: WorkerSockets,
	tap: MoveTap,
	log: Log,
	say: (report: Report) => void,
): WorkerMoves {
	const { directory } = core;
	return new WorkerMoves({
		...{ directory, tap, clock, log, hellos: core.sessions },
		sockets: new RoomSockets(sockets, say),
		async findGame(moduleHash, rawHash) {
			const here = [...directory.games.values(), ...gamesInUse(directory.rooms.values())];
			const known = here.find(({ hash }) => hash === moduleHash);
			if (known || logs === null) return known ?? null;
			const kept = await logs.load(rawHash).catch(({ message }: Error) => {
				log("error", "rules not found", { hash: moduleHash, detail: message });
				return null;
			});
			return kept?.hash === moduleHash ? kept : null;
		},
		flushLog: () => logs?.flush(),
		send: (room, to, parcel) => say({ type: "parcel", room, to, bytes: encodeParcel(parcel) }),
		moved(room, frozenMs) {
			const { id, epoch, tick } = room;
			log("info", "room moved here", { room: id, epoch, tick, frozenMs: Math.round(frozenMs) });
			say({ type: "moved", room: id, frozenMs });
		},
	});
}

function* gamesInUse(rooms: Iterable<{ readonly game: GameModule }>): Generator<GameModule> {
	for (const { game } of rooms) yield game;
}
