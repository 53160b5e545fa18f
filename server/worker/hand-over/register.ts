import { HAND_OVER_LIMITS, type HandOverLimits } from "./hand-over-limits.ts";
import type { MoveId, WorkerId } from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";
import { askForClaims, claimed, conclude } from "./register-rebuild.ts";
import type {
	FromWorker,
	Move,
	RegisterDecision,
	RegisterEffect,
	RegisterEvent,
	RegisterState,
} from "./register-state.ts";
import { ask, endMove, nextEpoch, recover, refuse, stay, tell } from "./register-steps.ts";

type Next = RegisterDecision;

/*
 *     opened ──> owned ──died──> recovering ──done──> owned        nobody alive: orphaned ──up──> recovering
 *     rebuilt ──> rebuilding ──all have said what they have──> owned, recovering or orphaned
 *
 * The owner changes by compare-and-set of (worker, epoch), for the move that is under way and no other. What was
 * refused once stays refused, what was changed is said again to whoever asks: so each may be asked twice.
 */
/** The register of a supervisor that got `state` from the one before it, which decides nothing any more. */
export function succeedRegister(
	state: RegisterState,
	term: number,
	limits: HandOverLimits = HAND_OVER_LIMITS,
): Next {
	return timer({ ...state, term }, limits);
}

/** Who has the room, and who gets it. Pure; one state for each room. */
export function decideRegister(
	state: RegisterState,
	event: RegisterEvent,
	limits: HandOverLimits = HAND_OVER_LIMITS,
): Next {
	switch (event.type) {
		case "move":
			return move(state, event.to, event.alive, limits);
		case "change":
			return change(state, event, limits);
		case "abandoned":
			if (!isUnderWay(state, event.move)) return stay(state);
			return endMove(state, event.why, [state.move?.to ?? ""]);
		case "doubt":
			return doubt(state, event.worker, event.move);
		case "done":
			return done(state, event);
		case "lost":
			if (!isOwner(state, event)) return stay(state);
			return recover(endMove(state, "ERR_MOVE_DIED", []), [event.worker], limits);
		case "over":
			if (!isOwner(state, event)) return stay(state);
			return over(state);
		case "claim":
			return claimed(state, event, limits);
		case "died":
			return died(state, event, limits);
		case "up":
			if (state.phase !== "orphaned") return stay(state);
			return recover(stay(state), [event.worker], limits);
		case "timer":
			return timer(state, limits);
	}
}

function isUnderWay({ move }: RegisterState, id: MoveId): boolean {
	return move !== null && move.id === id && !move.isChanged;
}

/** Somebody has the room. Before that nobody is told that it is elsewhere: his log may be all that there is of it. */
function isKnown({ phase }: RegisterState): boolean {
	return phase === "owned" || phase === "over";
}

function isOwner(
	state: RegisterState,
	{ worker, epoch }: { readonly worker: WorkerId; readonly epoch: number },
): boolean {
	if (state.phase !== "owned" && state.phase !== "recovering") return false;
	return state.owner === worker && state.epoch === epoch;
}

function move(
	state: RegisterState,
	to: WorkerId,
	alive: readonly WorkerId[],
	limits: HandOverLimits,
): Next {
	const id = Math.max(state.lastMove, state.term * 2 ** 32) + 1;
	const numbered: RegisterState = { ...state, lastMove: id };
	const no = (result: MoveRefusal): Next => ({
		state: numbered,
		effects: [{ do: "ended", move: id, result }],
	});
	if (state.phase === "over") return no("ERR_MOVE_OVER");
	if (state.phase !== "owned" || state.owner === null) return no("ERR_MOVE_ROOM");
	if (state.move) return no("ERR_MOVE_BUSY");
	if (to === state.owner || !alive.includes(to)) return no("ERR_MOVE_WORKER");
	const started: Move = { id, from: state.owner, to, isChanged: false, asks: 1 };
	return {
		state: { ...numbered, move: started },
		effects: [ask(numbered, started), { do: "timer", ms: limits.askMs }],
	};
}

/** The compare-and-set: the point of no return. */
function change(
	state: RegisterState,
	{ worker, move: id, epoch, to }: FromWorker<"change">,
	limits: HandOverLimits,
): Next {
	if (!isKnown(state)) return stay(state);
	const current = state.move;
	if (current && isUnderWay(state, id) && current.to === to && isOwner(state, { worker, epoch })) {
		const next = nextEpoch(state);
		const changed: RegisterState = {
			...state,
			owner: to,
			epoch: next,
			by: id,
			move: { ...current, isChanged: true },
		};
		return {
			state: changed,
			effects: [
				tell(changed, worker, { type: "changed", move: id, epoch: next }),
				tell(changed, to, { type: "owner", move: id, epoch: next }),
				{ do: "timer", ms: limits.resendMs },
			],
		};
	}
	if (state.by === id) {
		return {
			state,
			effects: [tell(state, worker, { type: "changed", move: id, epoch: state.epoch })],
		};
	}
	return { state, effects: [refuse(state, worker, id)] };
}

function doubt(state: RegisterState, worker: WorkerId, id: MoveId): Next {
	// a giver that asks is told when the taker has started
	if (!isKnown(state)) return stay(state);
	const isOpen = state.move?.id === id;
	if (isOpen && (!state.move?.isChanged || worker !== state.owner)) return stay(state);
	if (state.by === id && state.owner === worker) {
		return {
			state,
			effects: [tell(state, worker, { type: "owner", move: id, epoch: state.epoch })],
		};
	}
	return { state, effects: [refuse(state, worker, id)] };
}

function done(state: RegisterState, event: FromWorker<"done">): Next {
	if (!isOwner(state, event)) return stay(state);
	const owned: RegisterState = { ...state, phase: "owned", move: null };
	if (!state.move?.isChanged) return stay({ ...owned, move: state.move });
	return { state: owned, effects: [{ do: "ended", move: state.move.id, result: "done" }] };
}

function died(
	state: RegisterState,
	{ worker, heirs, logged }: Extract<RegisterEvent, { type: "died" }>,
	limits: HandOverLimits,
): Next {
	const known: RegisterState = { ...state, logged: Math.max(state.logged, logged) };
	if (state.phase === "rebuilding") {
		return conclude(
			{
				...known,
				awaited: known.awaited.filter((name) => name !== worker),
				heard: known.heard.filter((one) => one.worker !== worker),
			},
			heirs,
			limits,
		);
	}
	if (state.phase === "over") return stay(state);
	const { move: current } = known;
	if (known.owner === worker) {
		const others = current && !current.isChanged ? [current.to] : [];
		return recover(endMove(known, "ERR_MOVE_DIED", others), heirs, limits);
	}
	if (current?.to === worker) return endMove(known, "ERR_MOVE_DIED", [current.from]);
	return stay(known);
}

function over(state: RegisterState): Next {
	const ended = endMove(state, "ERR_MOVE_OVER", state.move ? [state.move.to] : []);
	return { ...ended, state: { ...ended.state, phase: "over" } };
}

/** Says again what has not been answered. */
function timer(state: RegisterState, limits: HandOverLimits): Next {
	const again: RegisterEffect = { do: "timer", ms: limits.resendMs };
	const { phase, move: current, owner, epoch } = state;
	if (phase === "rebuilding") return askForClaims(state, limits);
	if (phase === "recovering" && owner !== null) {
		return { state, effects: [tell(state, owner, { type: "recover", epoch }), again] };
	}
	if (!current) return stay(state);
	if (current.isChanged) {
		const message = { type: "owner", move: current.id, epoch } as const;
		return { state, effects: [tell(state, current.to, message), again] };
	}
	if (current.asks >= limits.asks) {
		return endMove(state, "ERR_MOVE_TIMEOUT", [current.from, current.to]);
	}
	const asked: Move = { ...current, asks: current.asks + 1 };
	return {
		state: { ...state, move: asked },
		effects: [ask(state, asked), { do: "timer", ms: limits.askMs }],
	};
}
