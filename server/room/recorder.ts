import type { Effect } from "./effect.ts";
import type { Player } from "./player.ts";
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
	/** The room is another's: nothing of it changes any more before `close` says that it is certain. */
	given?(room: RoomState): void;
	/** The room is over, or goes on elsewhere. */
	close(room: RoomState, why: string): void;
	/** A seat is taken, lost, taken up again or about to be given up. */
	seat?(room: RoomState, player: Player): void;
	/** The tick that took effect just now has said this to the world outside. */
	effect?(room: RoomState, effect: Effect): void;
	/** A seat is free again. */
	seatGone?(room: RoomState, player: Player): void;
	/** Bytes of the journal so far, and its file, for those who watch. */
	readonly bytes?: number;
	readonly file?: string | null;
	/** Why recording has stopped although the room runs. */
	readonly stopped?: string | null;
}

/** Several recorders of one room; what watchers are told is what the first of them says. */
export class Recorders implements Recorder {
	private readonly all: readonly Recorder[];

	constructor(all: readonly Recorder[]) {
		this.all = all;
	}

	get bytes(): number {
		return this.all.find(({ bytes }) => bytes !== undefined)?.bytes ?? 0;
	}

	get file(): string | null {
		return this.all.find(({ file }) => file)?.file ?? null;
	}

	get stopped(): string | null {
		return this.all.find(({ stopped }) => stopped)?.stopped ?? null;
	}

	open(room: RoomState): void {
		for (const one of this.all) one.open(room);
	}

	tick(room: RoomState, inbox: Uint8Array): void {
		for (const one of this.all) one.tick(room, inbox);
	}

	abort(room: RoomState, inbox: Uint8Array): void {
		for (const one of this.all) one.abort(room, inbox);
	}

	swap(room: RoomState, previousHash: string): void {
		for (const one of this.all) one.swap(room, previousHash);
	}

	given(room: RoomState): void {
		for (const one of this.all) one.given?.(room);
	}

	close(room: RoomState, why: string): void {
		for (const one of this.all) one.close(room, why);
	}

	seat(room: RoomState, player: Player): void {
		for (const one of this.all) one.seat?.(room, player);
	}

	seatGone(room: RoomState, player: Player): void {
		for (const one of this.all) one.seatGone?.(room, player);
	}

	effect(room: RoomState, effect: Effect): void {
		for (const one of this.all) one.effect?.(room, effect);
	}
}
