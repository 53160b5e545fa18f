import type { Fault } from "../protocol/abi/simulation.ts";
import { LIMITS } from "../protocol/limits.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";
import type { ServerCounters } from "../server/counters.ts";
import { type Log, levelOf } from "../server/log.ts";
import type { GameModule } from "../server/module/game-module.ts";
import type { Recorder } from "../server/room/recorder.ts";
import type { FaultPolicy } from "../server/room/room.ts";
import { RoomDirectory } from "../server/room/room-directory.ts";
import type { RoomScheduler } from "../server/room/scheduler.ts";
import type { Timeline } from "./timeline.ts";

/** How the server of a world differs from one with its defaults. */
export interface WorldServerOptions {
	maxRooms?: number;
	/** How long a room without players stays open, ms. */
	emptyRoomMs?: number;
	/** How long a seat is held for a player whose connection is lost, ms. */
	seatGraceMs?: number;
	/** Bytes a second that each client is sent at most. */
	clientBytesPerSecond?: number;
	/** Code what changed arithmetically. */
	codeResiduals?: boolean;
	/** What becomes of a room whose tick fails even without inputs. */
	onFault?: FaultPolicy;
	/** Time between pings, ms. */
	heartbeatMs?: number;
	/** A connection without a sign of life for so long is dropped, ms. */
	silenceMs?: number;
	/** Is told of every tick and its inbox, in each new room. */
	recorder?: (game: GameModule) => Recorder;
	log?: Log;
}

/** The server's rooms, on virtual time and with all its chances drawn from `seed`. */
export function createDirectory(
	timeline: Timeline,
	scheduler: RoomScheduler,
	counters: ServerCounters,
	log: Log,
	seed: number,
	options: WorldServerOptions,
): RoomDirectory {
	const random = new SeededRandom(seed);
	return new RoomDirectory({
		clock: timeline,
		scheduler,
		maxRooms: options.maxRooms ?? LIMITS.rooms,
		emptyRoomMs: options.emptyRoomMs ?? LIMITS.emptyRoomMs,
		seatGraceMs: options.seatGraceMs ?? LIMITS.seatGraceMs,
		clientBytesPerSecond: options.clientBytesPerSecond ?? LIMITS.clientBytesPerSecond,
		codeResiduals: options.codeResiduals ?? false,
		policy: options.onFault ?? "retry",
		randomBytes: (count) => Buffer.from(random.bytes(count)),
		...(options.recorder ? { recorder: options.recorder } : {}),
		events: {
			opened(room) {
				counters.roomsOpened++;
				log("info", "room opened", { room: room.id, game: room.game.name, seed: room.seed });
			},
			closed(room, why) {
				counters.roomsClosed++;
				log("info", "room closed", { room: room.id, why, tick: room.tick });
			},
			fault(room, fault: Fault) {
				counters.faults++;
				log("error", "room failed", { room: room.id, tick: room.tick, ...fault });
			},
			report(room, { stack: _, ...report }) {
				log("error", "tick failed", { game: room.game.name, ...report });
			},
			log(room, level, line) {
				log(levelOf(level), line, { room: room.id, tick: room.tick, from: "module" });
			},
		},
	});
}
