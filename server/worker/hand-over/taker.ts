import { HAND_OVER_LIMITS, type HandOverLimits } from "./hand-over-limits.ts";
import type { Decision, MoveId, Send, WorkerId } from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";
import type { TakerEffect, TakerEvent, TakerState } from "./taker-state.ts";

/*
 *     none ──prepare──> building ──> following ──rest──> comparing ──equal──> ready ──owner──> settling ──> none
 *       │                  └──────── any trouble: discard ───┘                  └─ only the register says
 *       └──recover──> restoring ──────────────────────────────────────────────────────────────> none
 *
 * The taker starts on the register's word alone. A state that it is ready with is kept until the register
 * says that the move is off.
 */
type Next = Decision<TakerState, TakerEffect>;

/** What the worker that is to have the room does about `event`. Pure. */
export function decideTaker(
	state: TakerState,
	event: TakerEvent,
	limits: HandOverLimits = HAND_OVER_LIMITS,
): Next {
	if (!("term" in event)) return decide(state, event, limits);
	if (event.term < state.term) return stay(state);
	return decide({ ...state, term: event.term }, event, limits);
}

function decide(state: TakerState, event: TakerEvent, limits: HandOverLimits): Next {
	switch (event.type) {
		case "prepare":
			return prepare(state, event, limits);
		case "built":
			if (state.phase !== "building") return stay(state);
			return {
				state: { ...state, phase: "following" },
				effects: [tell(state, { type: "at", move: state.move, tick: event.tick })],
			};
		case "unbuilt":
			return state.phase === "building" ? fail(state, "ERR_MOVE_BUILD") : stay(state);
		case "applied":
			if (state.phase !== "following") return stay(state);
			return {
				state,
				effects: [tell(state, { type: "at", move: state.move, tick: event.tick })],
			};
		case "compared":
			return compared(state, event.isEqual, limits);
		case "owner":
			return owner(state, event, limits);
		case "recover":
			return recover(state, event.epoch);
		case "restored":
			if (state.phase !== "restoring") return stay(state);
			return begin({ ...state, phase: "none" }, state.recovery, event.tick, [{ do: "settled" }]);
		case "unrestored":
			if (state.phase !== "restoring") return stay(state);
			return {
				state: { ...state, phase: "none" },
				effects: [{ do: "discard" }, lost(state.recovery)],
			};
		case "died":
			return died(state, event.worker);
		case "timer":
			return timer(state, limits);
		case "term":
			return stay(state);
		default:
			return event.move === state.move ? ofThisMove(state, event, limits) : stay(state);
	}
}

function stay(state: TakerState): Next {
	return { state, effects: [] };
}

function tell({ from }: TakerState, message: Send["message"]): Send {
	return { do: "send", to: from, message };
}

function toRegister(message: Send["message"]): Send {
	return { do: "send", to: "register", message };
}

function lost(epoch: number): Send {
	return toRegister({ type: "lost", epoch });
}

function prepare(
	state: TakerState,
	{ move, tick, from }: Extract<TakerEvent, { type: "prepare" }>,
	limits: HandOverLimits,
): Next {
	if (move <= state.move) return stay(state);
	// what only the register may end is not given up for a newcomer; the giver will find that out
	if (state.phase === "ready" || state.phase === "settling" || state.phase === "restoring") {
		return stay(state);
	}
	const building: TakerState = { ...state, phase: "building", from, move, tick };
	return {
		state: { ...building, adopted: [], parts: 0 },
		effects: [
			...(isBuilt(state) ? [{ do: "discard" } as const] : []),
			{ do: "build" },
			{ do: "timer", ms: limits.doubtMs },
		],
	};
}

/** What the giver and the register say of the move under way, or of the last one. */
function ofThisMove(
	state: TakerState,
	event: Extract<TakerEvent, { move: MoveId }>,
	limits: HandOverLimits,
): Next {
	switch (event.type) {
		case "follow":
			if (state.phase !== "building" && state.phase !== "following") return stay(state);
			if (event.tick < state.tick) return stay(state);
			if (event.tick > state.tick) return fail(state, "ERR_MOVE_GAP");
			return {
				state: { ...state, tick: event.tick + 1 },
				effects: [
					{ do: "timer", ms: limits.doubtMs },
					{ do: "apply", tick: event.tick },
				],
			};
		case "rest":
			if (state.phase !== "following") return stay(state);
			if (event.tick !== state.tick) return fail(state, "ERR_MOVE_GAP");
			return {
				state: { ...state, phase: "comparing" },
				effects: [{ do: "compare", tick: event.tick }],
			};
		case "socket":
			return socket(state, event);
		case "cancel":
			return isBuilt(state) && state.phase !== "ready" ? discard(state) : stay(state);
		case "refused":
			return isBuilt(state) ? discard(state) : stay(state);
		default:
			return stay(state);
	}
}

function compared(state: TakerState, isEqual: boolean, limits: HandOverLimits): Next {
	if (state.phase !== "comparing") return stay(state);
	if (!isEqual) return fail(state, "ERR_MOVE_HASH");
	const { move, tick } = state;
	return {
		state: { ...state, phase: "ready" },
		effects: [tell(state, { type: "ready", move, tick }), { do: "timer", ms: limits.doubtMs }],
	};
}

function owner(
	state: TakerState,
	{ move, epoch }: Extract<TakerEvent, { type: "owner" }>,
	limits: HandOverLimits,
): Next {
	if (epoch <= state.epoch || epoch <= state.recovery) return sayAgain(state, epoch);
	if (state.phase !== "ready" || move !== state.move) return { state, effects: [lost(epoch)] };
	const settling: TakerState = { ...state, phase: "settling" };
	const isSettled = isComplete(state);
	return begin(isSettled ? { ...settling, phase: "none" } : settling, epoch, state.tick, [
		...state.adopted.map((part) => acknowledge(state, part)),
		isSettled ? { do: "settled" } : { do: "timer", ms: limits.settleMs },
	]);
}

function begin(
	state: TakerState,
	epoch: number,
	tick: number,
	effects: readonly TakerEffect[],
): Next {
	return {
		state: { ...state, epoch },
		effects: [
			{ do: "log", epoch, tick },
			{ do: "start", epoch, tick },
			toRegister({ type: "done", epoch }),
			...effects,
		],
	};
}

function recover(state: TakerState, epoch: number): Next {
	if (epoch <= state.epoch || epoch <= state.recovery) return sayAgain(state, epoch);
	return {
		state: { ...state, phase: "restoring", recovery: epoch },
		effects: [...(isBuilt(state) ? [{ do: "discard" } as const] : []), { do: "restore", epoch }],
	};
}

/** The register has not heard how its word was followed. */
function sayAgain(state: TakerState, epoch: number): Next {
	if (epoch === state.epoch) return { state, effects: [toRegister({ type: "done", epoch })] };
	const hasFailed = epoch === state.recovery && state.phase !== "restoring" && epoch > state.epoch;
	return { state, effects: hasFailed ? [lost(epoch)] : [] };
}

/** Sockets may come before the register's word; a part that came twice is adopted once. */
function socket(state: TakerState, { part, parts }: Extract<TakerEvent, { type: "socket" }>): Next {
	const isNew = !state.adopted.includes(part);
	if (isNew && state.phase !== "ready" && state.phase !== "settling") return stay(state);
	const adopt: TakerEffect[] = isNew ? [{ do: "adopt", part }] : [];
	const next: TakerState = isNew ? { ...state, adopted: [...state.adopted, part], parts } : state;
	// the giver remembers to whom it gave the room until it hears this: that must be after the start
	if (state.phase === "ready") return { state: next, effects: adopt };
	const effects: TakerEffect[] = [...adopt, acknowledge(state, part)];
	if (next.phase !== "settling" || !isComplete(next)) return { state: next, effects };
	return { state: { ...next, phase: "none" }, effects: [...effects, { do: "settled" }] };
}

function acknowledge(state: TakerState, part: number): Send {
	return tell(state, { type: "adopted", move: state.move, part });
}

function isComplete({ adopted, parts }: TakerState): boolean {
	return parts > 0 && adopted.length === parts;
}

function died(state: TakerState, worker: WorkerId): Next {
	if (worker !== state.from) return stay(state);
	if (state.phase === "settling") return settle(state);
	return isBuilt(state) && state.phase !== "ready" ? discard(state) : stay(state);
}

function timer(state: TakerState, limits: HandOverLimits): Next {
	if (state.phase === "settling") return settle(state);
	if (!isBuilt(state)) return stay(state);
	return {
		state,
		effects: [toRegister({ type: "doubt", move: state.move }), { do: "timer", ms: limits.doubtMs }],
	};
}

/** What has not come by now comes no more: those clients have their tokens. */
function settle(state: TakerState): Next {
	return { state: { ...state, phase: "none" }, effects: [{ do: "settled" }] };
}

/** There is a copy of the room here that does not run. */
function isBuilt({ phase }: TakerState): boolean {
	return (
		phase === "building" || phase === "following" || phase === "comparing" || phase === "ready"
	);
}

function discard(state: TakerState): Next {
	return { state: { ...state, phase: "none" }, effects: [{ do: "discard" }] };
}

function fail(state: TakerState, why: MoveRefusal): Next {
	return {
		state: { ...state, phase: "none" },
		effects: [{ do: "discard" }, tell(state, { type: "failed", move: state.move, why })],
	};
}
