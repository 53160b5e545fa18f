import type { GiverState } from "./giver-state.ts";
import type { Claim } from "./messages.ts";
import type { TakerState } from "./taker-state.ts";

/** What a worker tells a register that forgot. A state that is only ready claims nothing. */
export function claimOf(giver: GiverState, taker: TakerState): Claim {
	if (taker.phase === "restoring") return { kind: "restoring", epoch: taker.recovery };
	if (giver.phase === "none") return { kind: "none" };
	const { epoch, to, move } = giver;
	return giver.phase === "given" ? { kind: "given", epoch, to, move } : { kind: "owner", epoch };
}

/** The highest epoch that a worker has heard of: the next one must be above it. */
export function floorOf(giver: GiverState, taker: TakerState): number {
	return Math.max(giver.epoch, taker.epoch, taker.recovery);
}
