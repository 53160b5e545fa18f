import type { Refusal } from "../../protocol/refusal.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Deployment } from "./deployment.ts";
import type { Verifier } from "./verifier.ts";

/** A deployment that can be rolled back, with its modules. */
export interface Standing {
	readonly deployment: Deployment;
	/** The rules of new rooms before and since; equal for a canary. */
	readonly before: GameModule;
	readonly after: GameModule;
	/** The previous rules of each room it changed. */
	readonly rooms: Map<string, GameModule>;
	/** Rooms that had these rules before it, and keep them after it. */
	readonly others: ReadonlySet<string>;
}

export interface DeploymentsOptions {
	/** Hears of each deployment and rollback that took effect. */
	readonly onDeployed?: (deployment: Deployment) => void;
	/** Hears of a deployment that failed. */
	readonly onRefused?: (game: string, policy: string, refusal: Refusal, by: string) => void;
	/** Hears of rules that new rooms no longer get because rooms failed with them. */
	readonly onRetired?: (deployment: Deployment, detail: string) => void;
	/** Hears what to store: the rules that new rooms of a game get, and all deployments. */
	readonly onChanged?: (game: string) => void;
	/** How long after a swap a fault brings back the previous rules, ms. */
	readonly probationMs?: number | undefined;
	/** Rules with which this many rooms failed within that time are retired. */
	readonly retireAfter?: { readonly failures: number; readonly withinMs: number } | undefined;
	/** Monotonic, ms. */
	readonly now?: () => number;
	/** What the records say when something was done, ms since 1970. */
	readonly wallClock?: () => number;
	/** Where candidates are compiled and tried; a thread each unless given. */
	readonly openVerifier?: () => Verifier;
	/** Yields to waiting work between two rooms. */
	readonly turn?: () => Promise<unknown>;
}
