import { LIMITS } from "../protocol/limits.ts";
import type { Game } from "../protocol/schema/define-game.ts";
import type { Ending } from "./ending.ts";
import { openWithDeadline } from "./open-with-deadline.ts";
import { fetchModule } from "./prediction/load-module.ts";
import { Room } from "./room.ts";
import type { RoomOptions } from "./room-options.ts";
import { systemTimers } from "./timers.ts";
import { openWebSocket } from "./transport.ts";

/** What `connect` needs beside the address; all but the game have defaults. */
export interface ConnectOptions extends Partial<Omit<RoomOptions, "url">> {
	/** Name of the game, as in its schema. */
	game: string;
	/** Gives up while `connect` waits; it then throws the signal's reason. Means nothing afterwards. */
	signal?: AbortSignal | undefined;
}

/** A connection that was refused, or never came about. */
export class ConnectError extends Error {
	/** The server's error name, or ERR_NETWORK. */
	override readonly name: string;
	readonly code: number;
	/** The number that the game's rules gave, if it was they who refused. */
	readonly reason: number | undefined;
	constructor({ name, code, reason }: Ending) {
		super(`could not join: ${name} (${code})`);
		this.name = name;
		this.code = code;
		this.reason = reason;
	}
}

/** A room that has not begun to connect; see {@link connect}. */
export function createRoom<G extends Game = Game>(
	url: string,
	{ game, signal: _, ...options }: ConnectOptions,
): Room<G> {
	const timers = options.timers ?? systemTimers;
	return new Room<G>({
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
		now: () => performance.now(),
		timers,
		random: Math.random,
		...options,
		open: openWithDeadline(options.open ?? openWebSocket, LIMITS.connectMs, timers),
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
