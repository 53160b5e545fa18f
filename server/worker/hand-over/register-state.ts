import type { Heard } from "./best-claim.ts";
import type { Decision, MoveId, Send, StartTimer, WorkerId, WorkerToRegister } from "./messages.ts";
import type { MoveRefusal } from "./move-refusal.ts";

type RegisterPhase =
	/** A new life that knows nothing yet: it changes nothing until all workers have claimed. */
	| "rebuilding"
	| "owned"
	/** The owner reads the room from the logs. */
	| "recovering"
	/** No worker is alive to have it. */
	| "orphaned"
	| "over";

export interface Move {
	readonly id: MoveId;
	readonly from: WorkerId;
	readonly to: WorkerId;
	/** The owner was changed for it; what is missing is the taker's `done`. */
	readonly isChanged: boolean;
	readonly asks: number;
}

export interface RegisterState {
	readonly phase: RegisterPhase;
	readonly term: number;
	readonly owner: WorkerId | null;
	/** Rises with every change of the owner, over restarts too. */
	readonly epoch: number;
	/** The move that made the owner what it is; 0: none did. */
	readonly by: MoveId;
	readonly move: Move | null;
	readonly lastMove: MoveId;
	/** Rebuilding: who has not claimed yet, and who did. */
	readonly awaited: readonly WorkerId[];
	readonly heard: readonly Heard[];
	/** The highest epoch that the logs have, and the highest that any worker has heard of. */
	readonly logged: number;
	readonly floor: number;
}

export type FromWorker<T extends WorkerToRegister["type"]> = Extract<
	WorkerToRegister,
	{ type: T }
> & {
	readonly worker: WorkerId;
};

export type RegisterEvent =
	/** Somebody wants the room at `to`; `alive` are the workers that take rooms. */
	| { readonly type: "move"; readonly to: WorkerId; readonly alive: readonly WorkerId[] }
	| FromWorker<WorkerToRegister["type"]>
	/**
	 * A worker is dead for certain, or its log is sealed. `heirs` may recover the room, the best first;
	 * `logged` is the highest epoch that the logs have of it.
	 */
	| {
			readonly type: "died";
			readonly worker: WorkerId;
			readonly heirs: readonly WorkerId[];
			readonly logged: number;
	  }
	/** A worker is there that may have rooms. */
	| { readonly type: "up"; readonly worker: WorkerId }
	| { readonly type: "timer" };

export type RegisterEffect =
	| Send
	| StartTimer
	/** The move is over: whoever asked for it is told. */
	| { readonly do: "ended"; readonly move: MoveId; readonly result: "done" | MoveRefusal };

export type RegisterDecision = Decision<RegisterState, RegisterEffect>;

/** A register of a room that nothing has happened to. */
export const EMPTY = {
	by: 0,
	move: null,
	lastMove: 0,
	awaited: [],
	heard: [],
	logged: 0,
	floor: 0,
} as const;

/** A room that `worker` has just opened. */
export function openRegister(worker: WorkerId, term: number): RegisterState {
	return { ...EMPTY, phase: "owned", term, owner: worker, epoch: 1 };
}
