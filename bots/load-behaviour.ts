import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../server/config-error.ts";
import type { Behaviour } from "./behaviour.ts";

function builtIn(game: string): URL | null {
	const file = new URL(`../game-logic/${game}/bots.js`, import.meta.url);
	return existsSync(file) ? file : null;
}

/**
 * The behaviour in `file`, else the one that this installation has for `game`, else null: then the
 * input's types have to do.
 *
 * @throws ConfigError when `file` is missing or exports no behaviour
 */
export async function loadBehaviour(game: string, file: string | null): Promise<Behaviour | null> {
	const url = file === null ? builtIn(game) : pathToFileURL(path.resolve(file));
	if (url === null) return null;
	let loaded: { behaviour?: Behaviour };
	try {
		loaded = await import(url.href);
	} catch (thrown) {
		throw new ConfigError(`cannot load the behaviour: ${(thrown as Error).message}`);
	}
	if (typeof loaded.behaviour?.create !== "function") {
		throw new ConfigError(`${file ?? url.pathname} exports no behaviour`);
	}
	if (!(loaded.behaviour.thinksPerSecond > 0)) {
		throw new ConfigError(
			`the behaviour in ${file ?? url.pathname} has no thinksPerSecond above 0`,
		);
	}
	return loaded.behaviour;
}
