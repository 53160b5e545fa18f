import type { WatchPage } from "./connection/page-signals.ts";
import type { SeatStore } from "./connection/seat-keeper.ts";
import type { OpenTransport } from "./connection/transport.ts";
import type { LoadModule } from "./prediction/load-module.ts";
import type { Timers } from "./timers.ts";

/** All that a room must be told; `connect` has defaults for most. */
export interface RoomOptions {
	url: string;
	game: string;
	room: string | null;
	name: string;
	/** Look on without a seat. */
	spectate: boolean;
	/** Show the room smoothly a little in the past, or only its last snapshot. */
	interpolate: boolean;
	/**
	 * Events that would be heard so much later than their turn are dropped, ms; 800 unless given. A page that was
	 * hidden does not hear all that happened meanwhile. Infinity keeps them, up to the newest 4,096.
	 */
	staleEventMs?: number | undefined;
	/** Run the rules ahead for the own rows, if the game declares tables for that. */
	predict: boolean;
	/** Gets the rules to run; from the room's server unless told otherwise. */
	loadModule: LoadModule;
	/** Come back by itself when the connection breaks. */
	reconnect: boolean;
	/** Input messages per second at most. */
	sendRate: number;
	/** Send inputs on a timer; without one, `pump` must be called. */
	autoPump: boolean;
	/** Keeps the seat's token while a page is loaded anew; null keeps nothing. */
	seat: SeatStore | null;
	/** Hears of moments after which the line may be another. */
	watchPage: WatchPage;
	open: OpenTransport;
	now: () => number;
	timers: Timers;
	/** Spreads the retries of many clients: from 0 up to 1. */
	random: () => number;
}
