import type { RoomState } from "./room-state.ts";

/**
 * Whoever keeps a room's journal beyond its own memory. Each call comes right after the fact, so the
 * room's simulation holds the state to hash or to copy.
 */
export interface Recorder {
	/** The room has started: `hs_init` has run, tick 0 has not. */
	open(room: RoomState): void;
	/** The tick took effect; `room.tick` is still its number. */
	tick(room: RoomState, inbox: Uint8Array): void;
	/** The tick came to nothing: the state is as before it. */
	abort(room: RoomState, inbox: Uint8Array): void;
	/** The room has other rules now, and the state they start from (new ones, or old ones again). */
	swap(room: RoomState, previousHash: string): void;
	close(room: RoomState): void;
	/** Bytes of the journal so far, and its file, for those who watch. */
	readonly bytes?: number;
	readonly file?: string | null;
	/** Why it is not written on, though the room runs. */
	readonly stopped?: string | null;
}
