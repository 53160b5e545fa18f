import type { Room, StateView } from "../../client/index.ts";
import { FLAG_DEAD } from "../../game-logic/arena/constants.ts";
import type arena from "../../game-logic/arena/schema.ts";

export type ArenaState = StateView<typeof arena>;
export type ArenaRoom = Room<typeof arena>;

const NOTHING: ReadonlyMap<number, string> = new Map();

/**
 * What is drawn: the room's tables, or the last ones known. A room that reconnects has no state, but
 * the game stays visible behind the screen that says so.
 */
export class Scene {
	state: ArenaState | null = null;
	roster: ReadonlyMap<number, string> = NOTHING;
	/** Seat of this page's player, -1 before the first welcome. */
	player = -1;
	/** Row of the own ship, or -1. */
	ownRow = -1;

	take(room: ArenaRoom): void {
		const { state } = room;
		// absent before the welcome, empty before the first snapshot
		const isFilled = state.ship !== undefined && state.ship.used > 0;
		if (!isFilled && state !== this.state) return;
		this.state = state;
		this.roster = room.roster;
		this.player = room.player;
		this.ownRow = this.rowOf(room.player);
	}

	rowOf(player: number): number {
		const { state } = this;
		if (!state) return -1;
		const { ship } = state;
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] !== 0 && ship.player[i] === player) return i;
		}
		return -1;
	}

	get isOwnDead(): boolean {
		const { state, ownRow } = this;
		return state !== null && ownRow >= 0 && (state.ship.flags[ownRow] & FLAG_DEAD) !== 0;
	}

	nameOf(player: number): string {
		return this.roster.get(player) ?? `seat ${player}`;
	}
}
