import type { Log } from "../../log.ts";
import type { GameModule } from "../../module/game-module.ts";
import type { Clock } from "../../room/clock.ts";
import type { Room } from "../../room/room.ts";
import type { RoomDirectory } from "../../room/room-directory.ts";
import type { WorkerId } from "../hand-over/messages.ts";
import type { Parcel } from "../hand-over/wire/parcel.ts";
import type { MoveTap } from "./move-tap.ts";

/** What the giver and the taker of a room need of their worker. */
export interface MovesHost {
	readonly directory: RoomDirectory;
	readonly tap: MoveTap;
	/** Hellos for a room wait from `expect` on, until it runs here again or is elsewhere. */
	readonly hellos: {
		expect(rooms: readonly string[]): void;
		arrived(room: string): void;
		turnAway(room: string): void;
	};
	/** The clock of the rooms. */
	readonly clock: Clock;
	readonly log: Log;
	readonly sockets: {
		/** Nothing more is read of the room's clients, or all of it again. */
		pause(room: Room): void;
		resume(room: Room): void;
		/** Sends all sockets of a room to the worker that has it now. */
		give(room: Room, to: WorkerId): void;
		/** Ends the connections of a room that is nobody's here any more. */
		drop(room: Room): void;
	};
	/** Rules by the hash of the sealed module, and of the file that they were built from. */
	findGame(moduleHash: string, rawHash: string): Promise<GameModule | null>;
	/** Writes what the log has of a room that has just begun here: before anybody hears of it. */
	flushLog(): void;
	send(room: string, to: WorkerId | "register", parcel: Parcel): void;
	/** A room that came ticks here; it had stood still for so long. */
	moved(room: Room, frozenMs: number): void;
}

/** Milliseconds since 1970, finer than `Date.now()`, and the same in all processes of a machine within a fraction. */
export function machineMs(): number {
	return performance.timeOrigin + performance.now();
}
