import type { RoomState } from "./room-state.ts";

/**
 * Records a room's journal outside its memory. Each call comes right after the fact, so the room's
 * simulation holds the state to hash or copy.
 */
export interface Recorder {
	/** The room has started: `hs_init` has run, tick 0 has not. */
	open(room: RoomState): void;
	/** The tick took effect; `room.tick` is still its number. */
	tick(room: RoomState, inbox: Uint8Array): void;
	/** The tick failed: the state is as before it. */
	abort(room: RoomState, inbox: Uint8Array): void;
	/** The room now has other rules (new ones, or old ones again), in the state they start from. */
	swap(room: RoomState, previousHash: string): void;
	close(room: RoomState): void;
	/** Bytes of the journal so far, and its file, for the monitor. */
	readonly bytes?: number;
	readonly file?: string | null;
	/** Why recording has stopped although the room runs. */
	readonly stopped?: string | null;
}
