import { bestClaim } from "./best-claim.ts";
import { HAND_OVER_LIMITS, type HandOverLimits } from "./hand-over-limits.ts";
import type { WorkerId } from "./messages.ts";
import {
	EMPTY,
	type FromWorker,
	type RegisterDecision,
	type RegisterState,
} from "./register-state.ts";
import { recover, stay, tell } from "./register-steps.ts";

/**
 * The register of a supervisor whose memory is lost: it asks all who live, and knows what the logs know. `workers` are
 * all that live and were not given up, `logged` the highest epoch in the logs after those of all others are sealed. A room
 * whose log ends with its close is over and needs no register.
 */
export function rebuildRegister(
	term: number,
	workers: readonly WorkerId[],
	logged: number,
	limits: HandOverLimits = HAND_OVER_LIMITS,
): RegisterDecision {
	const state: RegisterState = {
		...EMPTY,
		phase: "rebuilding",
		term,
		owner: null,
		epoch: logged,
		awaited: workers,
		logged,
	};
	return workers.length > 0 ? askForClaims(state, limits) : conclude(state, [], limits);
}

/** Asks those again who have not said what they have. */
export function askForClaims(state: RegisterState, limits: HandOverLimits): RegisterDecision {
	const asking = state.awaited.map((worker) => tell(state, worker, { type: "report" }));
	return { state, effects: [...asking, { do: "timer", ms: limits.resendMs }] };
}

export function claimed(
	state: RegisterState,
	{ worker, term, claim, floor }: FromWorker<"claim">,
	limits: HandOverLimits,
): RegisterDecision {
	if (state.phase !== "rebuilding" || term !== state.term) return stay(state);
	if (!state.awaited.includes(worker)) return stay(state);
	const heard = [...state.heard, { worker, claim }];
	const awaited = state.awaited.filter((name) => name !== worker);
	return conclude(
		{ ...state, heard, awaited, floor: Math.max(state.floor, floor) },
		heard.map((one) => one.worker),
		limits,
	);
}

/** When all who live have promised to follow this term, the highest epoch says who has the room. */
export function conclude(
	state: RegisterState,
	heirs: readonly WorkerId[],
	limits: HandOverLimits,
): RegisterDecision {
	if (state.awaited.length > 0) return stay(state);
	const best = bestClaim(state.heard);
	const rebuilt: RegisterState = { ...state, heard: [] };
	if (!best || best.epoch < state.logged) return recover(stay(rebuilt), heirs, limits);
	const owned: RegisterState = {
		...rebuilt,
		phase: "owned",
		owner: best.worker,
		epoch: best.epoch,
		by: best.move,
	};
	const { worker, epoch, move: id, isRestoring } = best;
	if (isRestoring) {
		// how that ends may have been said while nobody listened: ask again until it is known
		return {
			state: { ...owned, phase: "recovering" },
			effects: [
				tell(owned, worker, { type: "recover", epoch }),
				{ do: "timer", ms: limits.resendMs },
			],
		};
	}
	if (id === 0) return stay(owned);
	return {
		state: { ...owned, move: { id, from: "", to: worker, isChanged: true, asks: 0 } },
		effects: [
			tell(owned, worker, { type: "owner", move: id, epoch }),
			{ do: "timer", ms: limits.resendMs },
		],
	};
}
