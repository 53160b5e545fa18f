import type { Claim, MoveId, WorkerId } from "./messages.ts";

/** What a living worker claimed. */
export interface Heard {
	readonly worker: WorkerId;
	readonly claim: Claim;
}

/** Who has the room, from which epoch on. */
interface BestClaim {
	readonly worker: WorkerId;
	readonly epoch: number;
	/** The move that its owner may not have heard of; 0: it has. */
	readonly move: MoveId;
	/** Its owner is still reading the room from the logs, and may fail. */
	readonly isRestoring: boolean;
}

/**
 * The claim of the highest epoch, null without any. Of two for one epoch the owner's own counts. Who was given the room
 * and is not among those heard is dead.
 */
export function bestClaim(heard: readonly Heard[]): BestClaim | null {
	const claims = heard.map(claimed).filter((claim) => claim !== null);
	const best = claims.reduce<BestClaim | null>(better, null);
	return heard.some(({ worker }) => worker === best?.worker) ? best : null;
}

function claimed({ worker, claim }: Heard): BestClaim | null {
	if (claim.kind === "none") return null;
	const { epoch } = claim;
	if (claim.kind === "given") {
		return { worker: claim.to, epoch, move: claim.move, isRestoring: false };
	}
	return { worker, epoch, move: 0, isRestoring: claim.kind === "restoring" };
}

function better(a: BestClaim | null, b: BestClaim): BestClaim {
	if (a === null || b.epoch > a.epoch) return b;
	return b.epoch === a.epoch && b.move === 0 ? b : a;
}
