import type { Refusal } from "../../protocol/refusal.ts";
import type { TrialResult } from "./trial.ts";

/**
 * `pin`: new rooms get the new rules, running ones finish on theirs. `canary`: a few running rooms
 * change, nothing else. `live`: every running room changes, and new rooms get the new rules. `try`: the
 * trials of `live`, and nothing changes.
 */
export type SwapPolicy = "try" | "pin" | "canary" | "live";

export const SWAP_POLICIES: readonly SwapPolicy[] = ["try", "pin", "canary", "live"];

/** Which rules something ran on. */
interface RulesName {
	readonly version: number;
	readonly hash: string;
}

/**
 * Its state. `standing`: active, or was until another came. `takenBack`: rolled back by an operator.
 * `promoted`: a canary that went to every room. `retired`: its rooms failed, and new ones get the
 * previous rules. `nothing`: a try.
 */
type DeploymentOutcome = "standing" | "takenBack" | "promoted" | "retired" | "nothing";

/** One deployment: what an operator did, and what came of it. */
export interface Deployment {
	/** Counted for each server, from 1. */
	readonly id: number;
	readonly game: string;
	readonly policy: SwapPolicy | "promote" | "rollback";
	/** ISO 8601, UTC. */
	readonly at: string;
	/** Who did it, as far as known. */
	readonly by: string;
	/** Where the module came from. */
	readonly origin: string;
	/** The rules that new rooms had before, and the deployed ones. */
	readonly before: RulesName;
	readonly version: number;
	readonly hash: string;
	/** Renames, defaults, conversions and losses of the state carried over. */
	readonly migration: readonly string[];
	readonly trials: readonly TrialResult[];
	readonly swapped: readonly string[];
	/** Rooms that could not change, or were excluded, by reason. */
	readonly refused: readonly (Refusal & { room: string })[];
	/** Longest time that one room's change took, ms. */
	readonly maxPauseMs: number;
	outcome: DeploymentOutcome;
}

/** How to deploy, beside the policy. */
export interface DeployOptions {
	/** Rooms that a canary changes. */
	readonly canaries?: number;
	/** Rooms that stay as they are. */
	readonly skip?: readonly string[];
	/** If one room cannot change, none does. */
	readonly allOrNone?: boolean;
	readonly by?: string;
}
