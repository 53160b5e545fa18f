import type {
	MoveId,
	RegisterToWorker,
	Send,
	StartTimer,
	TakerToGiver,
	WorkerId,
} from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";

type GiverPhase =
	/** The room is not here. */
	| "none"
	| "playing"
	/** The taker builds the room and follows. */
	| "preparing"
	| "freezing"
	/** The taker has the rest. */
	| "frozen"
	/** The register is asked for the change. */
	| "deciding"
	/** The room is another's; the sockets go there. */
	| "given";

export interface GiverState {
	readonly phase: GiverPhase;
	/** The highest term of a register that was heard of. */
	readonly term: number;
	/** The room's, as long as it is here; the taker's when it was given. */
	readonly epoch: number;
	/** The last taking is over: all sockets are here. */
	readonly isSettled: boolean;
	/** The move under way and where it goes; the tick that is next. */
	readonly move: MoveId;
	readonly to: WorkerId;
	readonly tick: number;
	/** Parts that the taker has not adopted, of how many, and how often they were offered. */
	readonly pending: readonly number[];
	readonly parts: number;
	readonly tries: number;
	/** How the last move that came to nothing ended. */
	readonly ended: { readonly move: MoveId; readonly why: MoveRefusal } | null;
}

export type GiverEvent =
	/** The room runs here from now on: opened, taken or recovered. */
	| { readonly type: "own"; readonly epoch: number; readonly isSettled: boolean }
	/** All sockets of the last taking are here. */
	| { readonly type: "settled" }
	/** `next` is the tick that the room computes next; a room on probation may still get its old rules back. */
	| (Extract<RegisterToWorker, { type: "asked" }> & {
			readonly next: number;
			readonly isOnProbation: boolean;
	  })
	| Extract<RegisterToWorker, { type: "changed" | "refused" }>
	| TakerToGiver
	/** The room ran `tick`. */
	| { readonly type: "ticked"; readonly tick: number }
	/** The room stands still before `tick`. */
	| { readonly type: "frozen"; readonly tick: number }
	/** Sockets are read no more; what there is to hand over is in so many parts. */
	| { readonly type: "packed"; readonly parts: number }
	| { readonly type: "died"; readonly worker: WorkerId }
	/** The match is over, or its rules failed; a room that stands still cannot end. */
	| { readonly type: "over" }
	/** The log or the store refused to take anything: the room is already `epoch`, elsewhere. */
	| { readonly type: "fenced"; readonly epoch: number }
	/** There is a new life of the register. */
	| { readonly type: "term"; readonly term: number }
	| { readonly type: "timer" };

export type GiverEffect =
	| Send
	| StartTimer
	/** Run no tick from now on; inputs go on to be taken in. Answered by `frozen`. */
	| { readonly do: "freeze" }
	/** Go on as if nothing had been. */
	| { readonly do: "thaw" }
	/** Stop reading the sockets and pack what came since the rest. Answered by `packed`. */
	| { readonly do: "packSockets" }
	/** The room runs elsewhere: free its memory, never tick it again. Its log is kept as it is. */
	| { readonly do: "discard" }
	/** Close with 1001 what the taker has not adopted; clients come back by token. */
	| { readonly do: "closeSockets" }
	/** Another log has the room: this one may say so, and let it go. */
	| { readonly do: "closeLog" };

export const NO_GIVER: GiverState = {
	phase: "none",
	term: 0,
	epoch: 0,
	isSettled: true,
	move: 0,
	to: "",
	tick: 0,
	pending: [],
	parts: 0,
	tries: 0,
	ended: null,
};
