import { copyImage, createImage, type Image } from "../../protocol/abi/image.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { RosterChange } from "../../protocol/messages/server-message.ts";
import type { Stretch } from "../history/stretch.ts";
import type { SavedInputs } from "../input/input-ring.ts";
import type { SavedEvents } from "../snapshot/event-buffer.ts";
import type { Effect } from "./effect.ts";
import type { SavedFaults } from "./fault-log.ts";
import type { SavedMoments } from "./moments.ts";
import type { SavedCounters } from "./room-counters.ts";
import type { RoomSettings } from "./room-settings.ts";
import type { RoomState } from "./room-state.ts";

/** A seat, without the connection that it may have. */
export interface SavedSeat {
	readonly number: number;
	readonly name: string;
	/** SHA-256 of the token, hex. */
	readonly tokenHash: string;
	readonly isJoined: boolean;
	readonly isLeaving: boolean;
	readonly leaveReason: number;
	/** How long the seat has been held without its player, ms; null while the player is connected. */
	readonly heldMs: number | null;
	readonly inputs: SavedInputs;
	/** What the next snapshot would tell this player alone. */
	readonly events: SavedEvents | null;
}

/** The rules that a fault would restore. */
interface SavedProbation {
	readonly moduleHash: string;
	/** Their state before `swapTick`. */
	readonly image: Image;
	readonly swapTick: number;
	readonly untilTick: number;
	readonly wasSick: boolean;
}

/**
 * A room between two ticks, in plain data that may cross processes: everything except its connections,
 * and its modules, which are named by hash.
 */
export interface SavedRoom {
	readonly id: string;
	readonly seed: number;
	readonly epoch: number;
	/** The tick that is computed next. */
	readonly tick: number;
	readonly moduleHash: string;
	/** State hash before `tick`. */
	readonly hash: string;
	readonly image: Image;
	/** From the swap on, while it may be rolled back. */
	readonly since: Stretch | null;
	readonly probation: SavedProbation | null;
	readonly settings: RoomSettings;
	readonly isPaused: boolean;
	readonly leavesInputsOut: boolean;
	readonly carriedOver: Uint8Array | null;
	readonly seats: readonly SavedSeat[];
	/** Joins and leaves that have not been announced. */
	readonly untold: readonly RosterChange[];
	/** How long the room has been empty, ms. */
	readonly emptyMs: number;
	readonly events: readonly (readonly [cell: number, events: SavedEvents])[];
	readonly counters: SavedCounters;
	readonly faults: SavedFaults;
	readonly moments: SavedMoments;
	/** Requests that wait for their answers: whoever goes on asks again. */
	readonly requests: readonly Effect[];
}

/** All of a room but what its rules have in memory: whoever has run the same ticks has that already. */
export type SavedRest = Omit<SavedRoom, "image" | "since" | "probation">;

/** Copies everything a room is; the room may continue or be abandoned. Null for one that has failed. */
export function saveRoom(room: RoomState): SavedRoom | null {
	if (room.fault) return null;
	const image = createImage();
	room.simulation.save(image);
	const probation = saveProbation(room);
	const since = probation && room.history.since(probation.swapTick, room.tick);
	return { ...saveRest(room), image, since, probation };
}

/** Copies all but images, of a room that has not failed. */
export function saveRest(room: RoomState): SavedRest {
	const { id, seed, epoch, tick, game, simulation, settings, isPaused, leavesInputsOut } = room;
	const nowMs = room.clock.now();
	return {
		id,
		seed,
		epoch,
		tick,
		moduleHash: game.hash,
		hash: stateHash(simulation, tick),
		settings: { ...settings },
		isPaused,
		leavesInputsOut,
		carriedOver: room.carriedOver?.slice() ?? null,
		seats: [...room.seats.players.values()].map((player) => ({
			number: player.number,
			name: player.name,
			tokenHash: player.tokenHash,
			isJoined: player.isJoined,
			isLeaving: player.isLeaving,
			leaveReason: player.leaveReason,
			heldMs: player.viewer ? null : nowMs - player.heldSinceMs,
			inputs: player.inputs.save(),
			events: player.viewer?.events?.save() ?? null,
		})),
		untold: room.seats.untold.map((change) => ({ ...change })),
		emptyMs: nowMs - room.seats.emptySinceMs,
		events: room.events.save(),
		counters: room.counters.save(),
		faults: room.faults.save(),
		moments: room.moments.save(),
		requests: room.requests.pending,
	};
}

function saveProbation({ probation, tick }: RoomState): SavedProbation | null {
	if (!probation || tick >= probation.untilTick) return null;
	const { previous, swapTick, untilTick, wasSick } = probation;
	const excerpt = previous.history.excerpt(swapTick);
	if (excerpt?.firstTick !== swapTick) return null;
	const image = copyImage(excerpt.image);
	return { moduleHash: previous.game.hash, image, swapTick, untilTick, wasSick };
}
