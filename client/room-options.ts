import type { WatchPage } from "./connection/page-signals.ts";
import type { SeatStore } from "./connection/seat-keeper.ts";
import type { OpenTransport } from "./connection/transport.ts";
import type { LoadModule } from "./prediction/load-module.ts";
import type { Timers } from "./timers.ts";

/** All options of a room; `connect` has defaults for most. */
export interface RoomOptions {
	url: string;
	game: string;
	room: string | null;
	name: string;
	/** Spectate, without a seat. */
	spectate: boolean;
	/** Interpolate slightly in the past, or show only the last snapshot. */
	interpolate: boolean;
	/**
	 * Events overdue by more than this are dropped, ms; default 800. A page that was hidden does not hear
	 * everything that happened in the meantime. Infinity keeps them, up to the newest 4,096.
	 */
	staleEventMs?: number | undefined;
	/** Run the rules ahead for the own rows, if the game declares tables for that. */
	predict: boolean;
	/** Loads the rules to run; from the room's server by default. */
	loadModule: LoadModule;
	/** Reconnect automatically when the connection breaks. */
	reconnect: boolean;
	/** Maximum input messages per second. */
	sendRate: number;
	/** Send inputs on a timer; without one, `pump` must be called. */
	autoPump: boolean;
	/** Keeps the seat's token across page reloads; null keeps nothing. */
	seat: SeatStore | null;
	/** Listens for moments after which the connection may have changed. */
	watchPage: WatchPage;
	open: OpenTransport;
	now: () => number;
	timers: Timers;
	/** Spreads the retries of many clients: from 0 up to 1. */
	random: () => number;
}
