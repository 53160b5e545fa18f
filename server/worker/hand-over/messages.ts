import type { MoveRefusal } from "./move-refusal.ts";

/** One life of a worker process: it never comes back under the same name. */
export type WorkerId = string;

/** A move, numbered by the register: later moves of a room have higher numbers, over restarts too. */
export type MoveId = number;

/*
 * What giver A, taker B and the register R say to one another about one room. Ticks are the number of
 * the tick computed next. Those with (+) carry material that the decisions never look at: an image, inboxes,
 * seats, a socket.
 *
 *     R → A  asked        A → B  prepare (+ image, inboxes since)
 *                         A → B  follow (+ inbox)             B → A  at
 *                         A → B  rest (+ seats, inputs)       B → A  ready
 *     A → R  change       R → A  changed      R → B  owner          the point of no return
 *                         A → B  socket (+ socket, residue)   B → A  adopted
 *     B → R  done
 *
 * Each may come late, twice or never; those of one pair stay in order, those of the register need not.
 */
export type GiverToTaker =
	| { readonly type: "prepare"; readonly move: MoveId; readonly tick: number }
	/** `tick` was run. */
	| { readonly type: "follow"; readonly move: MoveId; readonly tick: number }
	| { readonly type: "rest"; readonly move: MoveId; readonly tick: number }
	/** Part 0 is what came while the room stood still and belongs to no open socket. */
	| {
			readonly type: "socket";
			readonly move: MoveId;
			readonly part: number;
			readonly parts: number;
	  }
	| { readonly type: "cancel"; readonly move: MoveId };

export type TakerToGiver =
	| { readonly type: "at"; readonly move: MoveId; readonly tick: number }
	| { readonly type: "ready"; readonly move: MoveId; readonly tick: number }
	| { readonly type: "failed"; readonly move: MoveId; readonly why: MoveRefusal }
	| { readonly type: "adopted"; readonly move: MoveId; readonly part: number };

/** `term` counts the lives of the register: what an earlier one said counts no more. */
export type RegisterToWorker = { readonly term: number } & (
	| { readonly type: "asked"; readonly move: MoveId; readonly epoch: number; readonly to: WorkerId }
	/** The room is `epoch` now and no longer the giver's. */
	| { readonly type: "changed"; readonly move: MoveId; readonly epoch: number }
	/** This move never happens. `epoch` is the room's, `owner` who has it: not always the asker. */
	| {
			readonly type: "refused";
			readonly move: MoveId;
			readonly epoch: number;
			readonly owner: WorkerId | null;
	  }
	/** The receiver owns the room from `epoch` on, by the move that made it ready. */
	| { readonly type: "owner"; readonly move: MoveId; readonly epoch: number }
	/** The receiver owns the room from `epoch` on, and finds it in the logs. */
	| { readonly type: "recover"; readonly epoch: number }
	/** A new life of the register asks what the receiver has. */
	| { readonly type: "report" }
);

export type WorkerToRegister =
	| {
			readonly type: "change";
			readonly move: MoveId;
			readonly epoch: number;
			readonly to: WorkerId;
	  }
	| { readonly type: "abandoned"; readonly move: MoveId; readonly why: MoveRefusal }
	/** Is the move still wanted? */
	| { readonly type: "doubt"; readonly move: MoveId }
	/** The room ticks at the sender. */
	| { readonly type: "done"; readonly epoch: number }
	/** The sender was said to own the room and cannot. */
	| { readonly type: "lost"; readonly epoch: number }
	/** The room's match is over. */
	| { readonly type: "over"; readonly epoch: number }
	/** `floor` is the highest epoch that the sender has ever heard of. */
	| {
			readonly type: "claim";
			readonly term: number;
			readonly claim: Claim;
			readonly floor: number;
	  };

/** What a worker knows of a room when a register that forgot asks. */
export type Claim =
	| { readonly kind: "none" }
	| { readonly kind: "owner"; readonly epoch: number }
	/** It was told to recover the room as `epoch`, and has not finished. */
	| { readonly kind: "restoring"; readonly epoch: number }
	/** It has given the room to `to`, which has it from `epoch` on by `move`. */
	| {
			readonly kind: "given";
			readonly epoch: number;
			readonly to: WorkerId;
			readonly move: MoveId;
	  };

export type Message = GiverToTaker | TakerToGiver | RegisterToWorker | WorkerToRegister;

/** Sends `message`; whoever carries it out adds the material. */
export interface Send {
	readonly do: "send";
	readonly to: WorkerId | "register";
	readonly message: Message;
}

/** Starts the one timer of the state anew. */
export interface StartTimer {
	readonly do: "timer";
	readonly ms: number;
}

export interface Decision<State, Effect> {
	readonly state: State;
	/** To be carried out in this order. */
	readonly effects: readonly Effect[];
}
