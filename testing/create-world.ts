import { randomBytes } from "node:crypto";
import { type GameModule, loadGame } from "../server/module/game-module.ts";
import type { Link } from "./link.ts";
import { World } from "./world.ts";
import type { WorldServerOptions } from "./world-server.ts";

export interface WorldOptions {
	/** Module files or loaded games. */
	games: readonly (string | GameModule)[];
	/** All that is random follows from it; a new one each time unless given. Any 32-bit number. */
	seed?: number;
	/** What every client's line is like that has none of its own. */
	link?: Link;
	/** How the server differs from one with its defaults. */
	server?: WorldServerOptions;
}

/**
 * A world at its time 0, with a server of these games and nobody in it.
 *
 * @throws ModuleError when a module is missing or cannot be used
 */
export async function createWorld({
	games,
	seed = randomBytes(4).readUInt32LE(),
	link = {},
	server = {},
}: WorldOptions): Promise<World> {
	const loaded: GameModule[] = [];
	for (const game of games) loaded.push(typeof game === "string" ? await loadGame(game) : game);
	return new World(loaded, seed, link, server);
}
