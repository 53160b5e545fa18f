import { type GiverEffect, type GiverEvent, type GiverState, NO_GIVER } from "./giver-state.ts";
import { HAND_OVER_LIMITS, type HandOverLimits } from "./hand-over-limits.ts";
import type { Decision, MoveId, Send, WorkerId } from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";

/*
 *     none ──own──> playing ──asked──> preparing ──B is near──> freezing ──> frozen ──ready──> deciding ──> given ──> none
 *                      ^                   │                       │            │                 │
 *                      └───── thaw ────────┴───── any trouble ─────┴────────────┘    only the register says
 *
 * Until the owner's change is asked for, the giver thaws by itself on any trouble. From then on it waits for
 * the register's word, however long: an answer that is missing is asked for again and never guessed.
 */
type Next = Decision<GiverState, GiverEffect>;

/** What the worker that has the room does about `event`. Pure: time and messages come from outside. */
export function decideGiver(
	state: GiverState,
	event: GiverEvent,
	limits: HandOverLimits = HAND_OVER_LIMITS,
): Next {
	if (!("term" in event)) return decide(state, event, limits);
	if (event.term < state.term) return stay(state);
	return decide({ ...state, term: event.term }, event, limits);
}

function decide(state: GiverState, event: GiverEvent, limits: HandOverLimits): Next {
	switch (event.type) {
		case "own":
			return own(state, event.epoch, event.isSettled);
		case "settled":
			return stay({ ...state, isSettled: true });
		case "asked":
			return asked(state, event, limits);
		case "ticked":
			if (state.phase !== "preparing") return stay(state);
			return {
				state: { ...state, tick: event.tick + 1 },
				effects: [tell(state, { type: "follow", move: state.move, tick: event.tick })],
			};
		case "frozen":
			if (state.phase !== "freezing") return stay(state);
			return {
				state: { ...state, phase: "frozen", tick: event.tick },
				effects: [
					tell(state, { type: "rest", move: state.move, tick: event.tick }),
					{ do: "timer", ms: limits.frozenMs },
				],
			};
		case "packed":
			return packed(state, event.parts, limits);
		case "died":
			if (state.to !== event.worker) return stay(state);
			if (state.phase === "given") return keepLog(state, limits);
			return giveUp(state, "ERR_MOVE_DIED");
		case "over":
			return over(state);
		case "fenced":
			return state.phase === "none" || state.phase === "given" ? stay(state) : outlived(state);
		case "timer":
			return timer(state, limits);
		case "term":
			return stay(state);
		default:
			return event.move === state.move ? answered(state, event, limits) : stay(state);
	}
}

function stay(state: GiverState): Next {
	return { state, effects: [] };
}

function tell({ to }: GiverState, message: Send["message"]): Send {
	return { do: "send", to, message };
}

function toRegister(message: Send["message"]): Send {
	return { do: "send", to: "register", message };
}

/** A room that comes back while its sockets are still being given: the rest of those are closed. */
function own(state: GiverState, epoch: number, isSettled: boolean): Next {
	return {
		state: { ...NO_GIVER, phase: "playing", term: state.term, epoch, isSettled },
		effects: state.phase === "given" ? [{ do: "closeSockets" }, { do: "closeLog" }] : [],
	};
}

function asked(
	state: GiverState,
	event: Extract<GiverEvent, { type: "asked" }>,
	limits: HandOverLimits,
): Next {
	const { move, epoch, to, next } = event;
	if (state.ended && move <= state.ended.move) {
		return move === state.ended.move ? { state, effects: [abandoned(state.ended)] } : stay(state);
	}
	if (state.epoch !== epoch || move <= state.move) return stay(state);
	if (state.phase === "none") return { state, effects: [toRegister({ type: "over", epoch })] };
	// the register has given up what is under way here; it will ask for this one again
	if (isUndecided(state)) return giveUp(state, "ERR_MOVE_TIMEOUT");
	if (state.phase !== "playing") return stay(state);
	// a move does not take along what a fault would bring back
	if (!state.isSettled || event.isOnProbation) return end({ ...state, move }, "ERR_MOVE_BUSY", []);
	const preparing: GiverState = { ...state, phase: "preparing", move, to, tick: next };
	return {
		state: preparing,
		effects: [
			tell(preparing, { type: "prepare", move, tick: next }),
			{ do: "timer", ms: limits.prepareMs },
		],
	};
}

/** What the taker and the register say of the move under way. */
function answered(
	state: GiverState,
	event: Extract<GiverEvent, { move: MoveId }>,
	limits: HandOverLimits,
): Next {
	switch (event.type) {
		case "at":
			if (state.phase !== "preparing") return stay(state);
			if (state.tick - event.tick > limits.behindTicks) return stay(state);
			return { state: { ...state, phase: "freezing" }, effects: [{ do: "freeze" }] };
		case "ready":
			if (state.phase !== "frozen" || event.tick !== state.tick) return stay(state);
			return askForChange({ ...state, phase: "deciding" }, limits);
		case "failed":
			return giveUp(state, event.why);
		case "changed":
			return state.phase === "deciding" ? give(state, event.epoch) : stay(state);
		case "refused":
			if (state.phase !== "given") return refused(state, event.epoch, event.owner);
			return state.tries < limits.socketTries ? stay(state) : letGo(state);
		case "adopted":
			if (state.phase !== "given" || state.parts === 0) return stay(state);
			return adopted({ ...state, pending: state.pending.filter((part) => part !== event.part) });
		default:
			return stay(state);
	}
}

/** From here on nothing brings the room back. */
function give(state: GiverState, epoch: number): Next {
	return {
		state: { ...state, phase: "given", epoch, pending: [], parts: 0, tries: 0 },
		effects: [{ do: "packSockets" }, { do: "discard" }],
	};
}

/** A higher epoch means that the room was given, and may be further on: nothing to thaw. */
function refused(state: GiverState, epoch: number, owner: WorkerId | null): Next {
	if (state.phase === "deciding" && owner === state.to && epoch > state.epoch) {
		return give(state, epoch);
	}
	if (epoch > state.epoch && (isUndecided(state) || state.phase === "deciding")) {
		return outlived(state);
	}
	if (state.phase === "deciding") return end(state, "ERR_MOVE_TIMEOUT", [{ do: "thaw" }]);
	return giveUp(state, "ERR_MOVE_TIMEOUT");
}

function outlived(state: GiverState): Next {
	return {
		state: { ...NO_GIVER, term: state.term },
		effects: [{ do: "discard" }, { do: "closeSockets" }],
	};
}

function timer(state: GiverState, limits: HandOverLimits): Next {
	if (state.phase === "deciding") return askForChange(state, limits);
	if (state.phase !== "given") return giveUp(state, "ERR_MOVE_TIMEOUT");
	if (state.parts === 0) return stay(state);
	const tried: GiverState = { ...state, tries: state.tries + 1 };
	if (tried.tries < limits.socketTries) return offer(tried, limits);
	const { move } = state;
	return {
		// that the room was given must be known for as long as the taker may not have heard it
		state: { ...tried, pending: [] },
		effects: [
			...(tried.tries === limits.socketTries ? [{ do: "closeSockets" } as const] : []),
			toRegister({ type: "doubt", move }),
			{ do: "timer", ms: limits.doubtMs },
		],
	};
}

function askForChange(state: GiverState, limits: HandOverLimits): Next {
	const { move, epoch, to } = state;
	return {
		state,
		effects: [
			toRegister({ type: "change", move, epoch, to }),
			{ do: "timer", ms: limits.resendMs },
		],
	};
}

function packed(state: GiverState, parts: number, limits: HandOverLimits): Next {
	if (state.phase !== "given" || state.parts > 0) return stay(state);
	return offer({ ...state, parts, pending: Array.from({ length: parts }, (_, i) => i) }, limits);
}

function offer(state: GiverState, limits: HandOverLimits): Next {
	const { move, parts, pending } = state;
	return {
		state,
		effects: [
			...pending.map((part) => tell(state, { type: "socket", move, part, parts })),
			{ do: "timer", ms: limits.resendMs },
		],
	};
}

function adopted(state: GiverState): Next {
	return state.pending.length > 0 ? stay(state) : letGo(state);
}

/** Whoever has the room now has it in a log. */
function letGo(state: GiverState): Next {
	return { state: { ...NO_GIVER, term: state.term }, effects: [{ do: "closeLog" }] };
}

/**
 * The taker is gone, and may have died before it wrote anything: ours may be the only log that has the room. The
 * register answers when somebody goes on with it.
 */
function keepLog(state: GiverState, limits: HandOverLimits): Next {
	return {
		state: { ...state, tries: limits.socketTries, pending: [], parts: Math.max(1, state.parts) },
		effects: [
			{ do: "closeSockets" },
			toRegister({ type: "doubt", move: state.move }),
			{ do: "timer", ms: limits.doubtMs },
		],
	};
}

function over(state: GiverState): Next {
	if (state.phase !== "playing" && !isUndecided(state)) return stay(state);
	const { term, epoch, move } = state;
	const gone = toRegister({ type: "over", epoch });
	return {
		// the epoch stays: whoever asks for the room to be moved is told again that it is over
		state: { ...NO_GIVER, term, epoch },
		effects: isUndecided(state) ? [tell(state, { type: "cancel", move }), gone] : [gone],
	};
}

/** The giver may still go back by itself. */
function isUndecided({ phase }: GiverState): boolean {
	return phase === "preparing" || phase === "freezing" || phase === "frozen";
}

function giveUp(state: GiverState, why: MoveRefusal): Next {
	if (!isUndecided(state)) return stay(state);
	const cancel = tell(state, { type: "cancel", move: state.move });
	return end(state, why, state.phase === "preparing" ? [cancel] : [{ do: "thaw" }, cancel]);
}

function end(state: GiverState, why: MoveRefusal, effects: readonly GiverEffect[]): Next {
	const ended = { move: state.move, why };
	return {
		state: { ...state, phase: "playing", ended },
		effects: [...effects, abandoned(ended)],
	};
}

function abandoned(ended: { readonly move: MoveId; readonly why: MoveRefusal }): Send {
	return toRegister({ type: "abandoned", ...ended });
}
