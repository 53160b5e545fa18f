import { randomBytes } from "node:crypto";
import type { Fault } from "../../protocol/abi/simulation.ts";
import type { CloseName } from "../../protocol/errors.ts";
import type { Hello } from "../../protocol/messages/client-message.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { type GameModule, ModuleError } from "../module/game-module.ts";
import type { Clock } from "./clock.ts";
import type { Effect } from "./effect.ts";
import type { FaultReport } from "./fault-report.ts";
import type { Player } from "./player.ts";
import type { Recorder } from "./recorder.ts";
import { type ResumeOptions, Room, type RoomOptions } from "./room.ts";
import type { RoomSettings } from "./room-settings.ts";
import type { RoomState } from "./room-state.ts";
import type { SavedRoom } from "./saved-room.ts";
import type { RoomScheduler } from "./scheduler.ts";

/** Why a room is closed. */
type RoomEnd = "empty" | "fault" | "shutdown" | "replaced" | "moved";

/** What happens in the rooms of a directory. */
export interface RoomEvents {
	opened(room: Room): void;
	closed(room: Room, why: RoomEnd): void;
	fault(room: RoomState, fault: Fault): void;
	report(room: RoomState, report: FaultReport): void;
	log(room: RoomState, level: number, line: string): void;
	/** Without it, what rules ask is answered with a failure. */
	effect?: ((room: RoomState, effect: Effect) => void) | undefined;
	seat?: ((room: RoomState, player: Player, change: "joined" | "left") => void) | undefined;
}

interface DirectoryOptions {
	clock: Clock;
	scheduler: RoomScheduler;
	events: RoomEvents;
	settings: RoomSettings;
	maxRooms?: number | undefined;
	/** Makes a recorder for each new room. */
	recorder?: ((game: GameModule) => Recorder) | undefined;
	/** Seed of a new room; random unless a test wants to know it. */
	seed?: (() => number) | undefined;
	/** The source of ids and tokens; a simulation draws them from its own seed. */
	randomBytes?: ((count: number) => Buffer) | undefined;
}

const ROOM_ID_BYTES = 6;
/** A room's id as `open` makes them, and the token of a seat there. */
const TOKEN = /^([\w-]{8})\.[\w-]{22}$/;

/** Whether a token looks like one of a seat in this room. */
function hadSeat(token: string | null, room: string): boolean {
	return token !== null && TOKEN.exec(token)?.[1] === room;
}

/** A room, or why it cannot be opened: no memory for another instance, or rules that fail at once. */
function openRoom(options: RoomOptions): Room | Refusal<CloseName> {
	try {
		const room = new Room(options);
		return room.fault ? { error: "ERR_ROOM_FAULT", detail: room.fault.detail } : room;
	} catch (thrown) {
		if (!(thrown instanceof ModuleError)) throw thrown;
		return { error: "ERR_ROOM_FAULT", detail: `${thrown.name}: ${thrown.message}` };
	}
}

/** The games that this process offers and the rooms it runs. */
export class RoomDirectory {
	readonly games = new Map<string, GameModule>();
	readonly rooms = new Map<string, Room>();
	/** No new players are accepted. */
	isDraining = false;
	private readonly options: DirectoryOptions;

	constructor(options: DirectoryOptions) {
		this.options = options;
	}

	get settings(): RoomSettings {
		return this.options.settings;
	}

	/** Finds or opens the room that a hello asks for. */
	find({
		game,
		room,
		token = null,
		spectate = false,
	}: Pick<Hello, "game" | "room"> & Partial<Pick<Hello, "token" | "spectate">>):
		| Room
		| Refusal<CloseName> {
		const module = this.games.get(game);
		if (this.isDraining)
			return { error: "ERR_SERVER_SHUTDOWN", detail: "the server is about to stop" };
		if (!module) return { error: "ERR_GAME_UNKNOWN", detail: `no game "${game}"` };
		if (room !== null) {
			const found = this.rooms.get(room);
			// players with a seat there should meet again: the room opens once more, under its id
			if (!found && !spectate && hadSeat(token, room)) return this.open(module, room);
			if (!found || found.game.name !== game) {
				return { error: "ERR_ROOM_UNKNOWN", detail: `no room "${room}" of ${game}` };
			}
			if (!spectate && !found.hasFreeSeat)
				return { error: "ERR_ROOM_FULL", detail: `room ${room} is full` };
			return found;
		}
		for (const candidate of this.rooms.values()) {
			if (candidate.game !== module || candidate.isFrozen) continue;
			if (spectate || candidate.hasFreeSeat) return candidate;
		}
		return this.open(module);
	}

	/** The seat of a token; the part before the dot is its room's id. */
	findSeat(token: string): { room: Room; player: Player } | null {
		const room = this.rooms.get(token.split(".", 1)[0]);
		const player = room?.seats.find(token);
		return room && player ? { room, player } : null;
	}

	/** Opens a room, with a new id unless one is given. */
	open(game: GameModule, id?: string): Room | Refusal<CloseName> {
		const { settings, maxRooms = SERVER_LIMITS.rooms, seed } = this.options;
		const random = this.options.randomBytes ?? randomBytes;
		if (this.rooms.size >= maxRooms) {
			return { error: "ERR_SERVER_FULL", detail: `${maxRooms} rooms are open` };
		}
		const opened = openRoom({
			...settings,
			...this.surroundings(game),
			id: id ?? random(ROOM_ID_BYTES).toString("base64url"),
			game,
			seed: seed ? seed() : random(4).readUInt32LE(),
		});
		return "error" in opened ? opened : this.add(opened);
	}

	/**
	 * Goes on with a room that was saved elsewhere; `previousGame` is what a fault would bring back. One that `isFrozen`
	 * waits for `thaw`.
	 */
	adopt(
		saved: SavedRoom,
		game: GameModule,
		previousGame: GameModule | null = null,
		isFrozen = false,
	): Room | Refusal {
		if (this.rooms.has(saved.id)) {
			return { error: "ERR_ROOM_RESUME", detail: `room ${saved.id} is open already` };
		}
		const resumed = Room.resume(saved, { game, previousGame, ...this.surroundings(game) });
		if ("error" in resumed) return resumed;
		resumed.isFrozen = isFrozen;
		return this.add(resumed);
	}

	/** The room computes nothing from now on, and is closed by nobody. */
	freeze(room: Room): void {
		room.isFrozen = true;
		this.options.scheduler.remove(room);
	}

	/** It goes on as if its next tick had been due at `dueMs` all the time, on this process' clock. */
	thaw(room: Room, dueMs: number): void {
		room.isFrozen = false;
		if (this.rooms.get(room.id) === room) this.options.scheduler.add(room, dueMs);
	}

	/** A frozen room goes on elsewhere. Its recorder is told when that is certain, by whoever moves it. */
	giveAway(room: Room): void {
		if (!this.rooms.delete(room.id)) return;
		this.options.events.closed(room, "moved");
	}

	private add(room: Room): Room {
		this.rooms.set(room.id, room);
		if (!room.isFrozen) this.options.scheduler.add(room);
		this.options.events.opened(room);
		return room;
	}

	/** What every room here is given beside its own. */
	private surroundings(game: GameModule): Omit<ResumeOptions, "game" | "previousGame"> {
		const { clock, events, recorder, randomBytes: random = randomBytes } = this.options;
		return {
			clock,
			randomBytes: random,
			log: events.log,
			onReport: events.report,
			onEffect: events.effect,
			onSeat: events.seat,
			recorder: recorder?.(game),
			onFault: (failed, fault) => {
				events.fault(failed, fault);
				const known = this.rooms.get(failed.id);
				if (known) this.close(known, "fault");
			},
		};
	}

	close(room: Room, why: RoomEnd): void {
		if (!this.rooms.delete(room.id)) return;
		this.options.scheduler.remove(room);
		room.recorder?.close(room, why);
		this.options.events.closed(room, why);
	}

	/** Disposes of rooms that have been empty, without spectators, for the grace time. */
	sweep(): void {
		const now = this.options.clock.now();
		for (const room of this.rooms.values()) {
			if (room.isFrozen || room.population > 0 || room.seats.viewers.size > 0) continue;
			if (now - room.seats.emptySinceMs >= this.options.settings.emptyRoomMs)
				this.close(room, "empty");
		}
	}
}
