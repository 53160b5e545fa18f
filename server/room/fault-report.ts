import type { Fault } from "../../protocol/abi/simulation.ts";

/** What happened to a failed tick in the end. */
export type FaultOutcome =
	/** Ran again without this player's input. */
	| { readonly kind: "retried"; readonly withoutPlayer: number | "all" }
	/** Took too long to be tried again at once: the next tick runs without any inputs. */
	| { readonly kind: "postponed" }
	/** These rules came with a recent swap: the old ones are back. */
	| { readonly kind: "rolledBack" }
	/** The tick stands: only the values that clients see are wrong. */
	| { readonly kind: "shown" }
	| { readonly kind: "paused" }
	| { readonly kind: "closed" };

/** Everything a game writer needs to find a fault and reproduce it. */
export interface FaultReport extends Fault {
	readonly room: string;
	readonly tick: number;
	readonly moduleHash: string;
	readonly version: number;
	/** Where it happened, innermost first: `function (file:line:column)` as far as known. */
	readonly frames: readonly string[];
	/** The inbox of the tick, hex. */
	readonly inbox: string;
	readonly fuelSpent: number;
	readonly outcome: FaultOutcome;
}
