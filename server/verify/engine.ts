import type { Refusal } from "../../protocol/refusal.ts";

/** How to start a host: a match file follows its arguments. */
export interface Command {
	readonly file: string;
	readonly args: readonly string[];
}

/** An engine that can run rules, by way of a host: a program of `game-logic/hosts/`. */
export interface Engine {
	/** As `--engine` takes it. */
	readonly name: string;
	/** What it is, in a few words. */
	readonly about: string;
	/** How to get what its host needs. */
	readonly get: string;
	/** Programs that are missing here: none when the engine can run. */
	missing(): readonly string[];
	/** The host for a sealed module, built when there is none yet. `folder` is thrown away afterwards. */
	host(module: Uint8Array, folder: string): Promise<Command | Refusal>;
}
