import type { Refusal } from "../protocol/refusal.ts";
import { type OpenServer, openServer } from "./open-server.ts";
import type { ServerAddress } from "./ops/listen-on.ts";
import type { ServerOptions } from "./server-options.ts";
import type { Deployment, DeployOptions, SwapPolicy } from "./swap/deployment.ts";
import type { Candidate } from "./swap/verifier.ts";

export { CLOSE_CODES, type CloseName } from "../protocol/errors.ts";
export { ConfigError } from "./config-error.ts";
export type { Hooks } from "./effects/hooks.ts";
export type { Log, LogLevel } from "./log.ts";
export { type GameModule, loadGame, ModuleError } from "./module/game-module.ts";
export { createLog } from "./ops/json-log.ts";
export type {
	AdminAccess,
	ConnectionsOptions,
	DeployingOptions,
	HttpAccess,
	ServerOptions,
} from "./server-options.ts";
export type { Candidate, Deployment, DeployOptions, Refusal, ServerAddress, SwapPolicy };

/** A room as it is at the moment. */
export interface RoomInfo {
	readonly id: string;
	readonly game: string;
	readonly version: number;
	/** Hash of the rules that it runs on. */
	readonly hash: string;
	readonly tick: number;
	/** Players who are here, or whose seat is held. */
	readonly players: number;
	readonly maxPlayers: number;
	readonly spectators: number;
}

export interface HotstepServer {
	/** Starts to accept; port 0 takes a free one. Resolves with the address, rejects if it is taken. */
	listen(port: number, host?: string): Promise<ServerAddress>;
	/** Tells everybody that the server goes, waits for the goodbyes, and stops. */
	close(): Promise<void>;
	/**
	 * Lets nobody new in, and stops when the last player has left, or after `withinMs`. Lost players still
	 * come back to their seats meanwhile.
	 */
	drain(withinMs: number): Promise<void>;
	/** The rooms that are open. */
	rooms(): RoomInfo[];
	/** Verifies new rules and puts them to use: in new rooms (`pin`), or in running ones as well. */
	deploy(
		game: string,
		candidate: Candidate,
		policy: SwapPolicy,
		options?: DeployOptions,
	): Promise<Deployment | Refusal>;
	/** Gives the rules of the last deployment, a canary, to every room. */
	promote(game: string, options?: DeployOptions): Promise<Deployment | Refusal>;
	/** Takes the last deployment back. */
	rollBack(game: string, options?: DeployOptions): Promise<Deployment | Refusal>;
}

/** How often a server that drains looks whether anybody is left. */
const DRAIN_LOOK_MS = 100;

/**
 * A server for the given games. Nothing is accepted before `listen`.
 *
 * @throws ModuleError when a module is missing, is not wasm or describes itself wrongly
 * @throws ConfigError when two are of one name
 */
export async function createServer(options: ServerOptions): Promise<HotstepServer> {
	const server = await openServer(options);
	const { deployments } = server.core;
	return {
		listen: server.listen,
		close: server.close,
		drain: (withinMs) => drain(server, withinMs),
		rooms: () => listRooms(server),
		deploy: (game, candidate, policy, given) => deployments.deploy(game, candidate, policy, given),
		promote: (game, given) => deployments.promote(game, given),
		rollBack: (game, given) => deployments.rollBack(game, given),
	};
}

function listRooms({ core }: OpenServer): RoomInfo[] {
	return [...core.directory.rooms.values()].map((room) => ({
		id: room.id,
		game: room.game.name,
		version: room.game.version,
		hash: room.game.hash,
		tick: room.tick,
		players: room.population,
		maxPlayers: room.game.descriptor.maxPlayers,
		spectators: [...room.seats.viewers].filter(({ player }) => player === null).length,
	}));
}

async function drain({ core, close }: OpenServer, withinMs: number): Promise<void> {
	core.directory.isDraining = true;
	const endMs = performance.now() + withinMs;
	const isPlayed = (): boolean =>
		[...core.directory.rooms.values()].some((room) => room.population > 0);
	while (isPlayed() && performance.now() < endMs) {
		await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
	}
	await close();
}
