import type { HandOverLimits } from "./hand-over-limits.ts";
import type { MoveId, RegisterToWorker, Send, WorkerId } from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";
import type { Move, RegisterDecision, RegisterState } from "./register-state.ts";

// what several decisions of the register have in common

export function stay(state: RegisterState): RegisterDecision {
	return { state, effects: [] };
}

type Said<T> = T extends unknown ? Omit<T, "term"> : never;

export function tell({ term }: RegisterState, to: WorkerId, message: Said<RegisterToWorker>): Send {
	return { do: "send", to, message: { term, ...message } as RegisterToWorker };
}

export function ask(state: RegisterState, { id, from, to }: Move): Send {
	return tell(state, from, { type: "asked", move: id, epoch: state.epoch, to });
}

export function refuse(state: RegisterState, to: WorkerId, move: MoveId): Send {
	const { epoch, owner } = state;
	return tell(state, to, { type: "refused", move, epoch, owner });
}

/** Ends the move under way, if there is one, and tells those in `told`. */
export function endMove(
	state: RegisterState,
	result: MoveRefusal,
	told: readonly WorkerId[],
): RegisterDecision {
	if (!state.move) return stay(state);
	const { id } = state.move;
	const ended: RegisterState = { ...state, move: null };
	return {
		state: ended,
		effects: [
			...told.map((worker) => refuse(ended, worker, id)),
			{ do: "ended", move: id, result },
		],
	};
}

/** Above every epoch that anybody may have acted on. */
export function nextEpoch({ epoch, logged, floor }: RegisterState): number {
	return Math.max(epoch, logged, floor) + 1;
}

export function recover(
	{ state, effects }: RegisterDecision,
	heirs: readonly WorkerId[],
	limits: HandOverLimits,
): RegisterDecision {
	const [heir] = heirs;
	if (heir === undefined) {
		return { state: { ...state, phase: "orphaned", owner: null, by: 0 }, effects };
	}
	const epoch = nextEpoch(state);
	const recovering: RegisterState = { ...state, phase: "recovering", owner: heir, epoch, by: 0 };
	return {
		state: recovering,
		effects: [
			...effects,
			tell(recovering, heir, { type: "recover", epoch }),
			{ do: "timer", ms: limits.resendMs },
		],
	};
}
