import type { SwapRefusal } from "../migration/compare-schemas.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Deployment } from "./deployment.ts";
import type { Verifier } from "./verifier.ts";

/** A deployment that may be taken back, with the modules that it is about. */
export interface Standing {
	readonly deployment: Deployment;
	/** What new rooms had before, and have since; the same for a canary. */
	readonly before: GameModule;
	readonly after: GameModule;
	/** What each room that it changed ran on before. */
	readonly rooms: Map<string, GameModule>;
}

/** A deployment under way. */
export interface Running {
	/** An operator wants it undone. */
	isCancelled: boolean;
	readonly ended: Promise<void>;
}

export interface DeploymentsOptions {
	/** Hears of each deployment and rollback that took effect. */
	readonly onDeployed?: (deployment: Deployment) => void;
	/** Hears of a deployment that came to nothing. */
	readonly onRefused?: (game: string, policy: string, refusal: SwapRefusal, by: string) => void;
	/** Hears of rules that new rooms do not get any more because rooms failed with them. */
	readonly onRetired?: (deployment: Deployment, detail: string) => void;
	/** Hears that something is to be kept: which rules new rooms of a game get, and all deployments. */
	readonly onChanged?: (game: string) => void;
	/** For how long after a swap a fault brings the rules from before back, ms. */
	readonly probationMs?: number | undefined;
	/** Rules with which so many rooms failed within that time are retired. */
	readonly retireAfter?: { readonly failures: number; readonly withinMs: number } | undefined;
	/** Monotonic, ms. */
	readonly now?: () => number;
	/** What the records say when something was done, ms since 1970. */
	readonly wallClock?: () => number;
	/** Where candidates are compiled and tried; a thread each unless given. */
	readonly openVerifier?: () => Verifier;
	/** Lets what waits have its turn between two rooms. */
	readonly turn?: () => Promise<unknown>;
}
