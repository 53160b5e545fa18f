import { LIMITS } from "../protocol/limits.ts";
import type { Game } from "../protocol/schema/define-game.ts";
import type { Ending } from "./connection/close-reason.ts";
import { openWithDeadline } from "./connection/open-with-deadline.ts";
import { watchPage } from "./connection/page-signals.ts";
import { type SeatStore, tabStore } from "./connection/seat-keeper.ts";
import { openWebSocket } from "./connection/transport.ts";
import { fetchModule } from "./prediction/load-module.ts";
import { Room } from "./room.ts";
import type { RoomOptions } from "./room-options.ts";
import { systemTimers } from "./timers.ts";
import { withDefaults } from "./with-defaults.ts";

/** Input messages a second: the server allows half as many again, with pings and acks. */
const MOST_SEND_RATE = 100;
const LEAST_SEND_RATE = 1;

/** Options that may be left out or undefined, which means the same. */
type Given<T> = { [K in keyof T]?: T[K] | undefined };

/** What `connect` needs beside the address; all but the game have defaults. */
export interface ConnectOptions extends Given<Omit<RoomOptions, "url" | "game" | "seat">> {
	/** Name of the game, as in its schema. */
	game: string;
	/**
	 * Where the seat is kept across page reloads: a key in the tab's `sessionStorage`, a store of your
	 * own, or false for nowhere. In browsers, the default is a key per address and game.
	 */
	seat?: string | SeatStore | false | undefined;
	/** Cancels `connect` while it waits; it then throws the signal's reason. Has no effect afterwards. */
	signal?: AbortSignal | undefined;
}

/** A connection that was refused or never opened. */
export class ConnectError extends Error {
	/** The server's error name, or ERR_NETWORK. */
	override readonly name: string;
	readonly code: number;
	/** The number that the game's rules gave, if they refused the player. */
	readonly reason: number | undefined;
	constructor({ name, code, reason }: Ending) {
		super(`could not join: ${name} (${code})`);
		this.name = name;
		this.code = code;
		this.reason = reason;
	}
}

/** A room that has not started to connect; see {@link connect}. */
export function createRoom<G extends Game = Game>(
	url: string,
	{ game, seat, signal: _, ...options }: ConnectOptions,
): Room<G> {
	const key = typeof seat === "string" ? seat : `hotstep ${url} ${game}`;
	const timers = options.timers ?? systemTimers;
	const defaults: RoomOptions = {
		url,
		game,
		room: null,
		name: "player",
		spectate: false,
		interpolate: true,
		predict: true,
		loadModule: fetchModule,
		reconnect: true,
		sendRate: 30,
		autoPump: true,
		seat: typeof seat === "object" ? seat : seat === false ? null : tabStore(key),
		watchPage,
		now: () => performance.now(),
		timers,
		random: Math.random,
		open: openWebSocket,
	};
	const all = withDefaults(defaults, options);
	return new Room<G>({
		...all,
		// a link that names no room asks for any
		room: all.room || null,
		sendRate:
			Math.min(Math.max(all.sendRate, LEAST_SEND_RATE), MOST_SEND_RATE) || defaults.sendRate,
		open: openWithDeadline(all.open, LIMITS.connectMs, timers),
	});
}

/**
 * Takes a seat in a room of a game. With `connect<typeof game>` the room's state, input and events
 * have the types that the game's schema.ts declares.
 *
 * @throws ConnectError when the server refuses or cannot be reached; the reason of `signal` when aborted
 */
export function connect<G extends Game = Game>(
	url: string,
	options: ConnectOptions,
): Promise<Room<G>> {
	const { signal } = options;
	if (signal?.aborted) return Promise.reject(signal.reason);
	const room = createRoom<G>(url, options);
	return new Promise((resolve, reject) => {
		const abort = (): void => {
			reject(signal?.reason);
			room.leave();
		};
		const stop = room.onStatus((status) => {
			stop();
			signal?.removeEventListener("abort", abort);
			if (status === "playing") resolve(room);
			else reject(new ConnectError(room.ending ?? { name: "ERR_NETWORK", code: 1006 }));
		});
		signal?.addEventListener("abort", abort);
		room.open().catch(reject);
	});
}
