import type {
	GiverToTaker,
	MoveId,
	RegisterToWorker,
	Send,
	StartTimer,
	WorkerId,
} from "./messages.ts";

type TakerPhase =
	| "none"
	/** The image is being restored, and the module compiled. */
	| "building"
	/** The giver's ticks are run as they come. */
	| "following"
	| "comparing"
	/** The state is the giver's, and stands still. */
	| "ready"
	/** The room runs here; sockets still come. */
	| "settling"
	/** The room is being read from the logs. */
	| "restoring";

export interface TakerState {
	readonly phase: TakerPhase;
	readonly term: number;
	readonly from: WorkerId;
	readonly move: MoveId;
	/** The tick that is next. */
	readonly tick: number;
	/** The highest epoch that the room was started with here. */
	readonly epoch: number;
	/** The highest epoch that it was to be recovered for here, whether that succeeded or not. */
	readonly recovery: number;
	/** Parts that were adopted, of how many: of the last move, also when it is over. */
	readonly adopted: readonly number[];
	readonly parts: number;
}

export type TakerEvent =
	| (GiverToTaker & { readonly from: WorkerId })
	| Extract<RegisterToWorker, { type: "owner" | "refused" | "recover" }>
	/** The image is restored, and `tick` is next. */
	| { readonly type: "built"; readonly tick: number }
	| { readonly type: "unbuilt" }
	/** All ticks before `tick` were run. */
	| { readonly type: "applied"; readonly tick: number }
	| { readonly type: "compared"; readonly isEqual: boolean }
	/** The logs gave the state before `tick`. */
	| { readonly type: "restored"; readonly tick: number }
	| { readonly type: "unrestored" }
	| { readonly type: "died"; readonly worker: WorkerId }
	| { readonly type: "term"; readonly term: number }
	| { readonly type: "timer" };

export type TakerEffect =
	| Send
	| StartTimer
	/** Restore the image that came, compile. Answered by `built` or `unbuilt`. */
	| { readonly do: "build" }
	/** Run the tick that came, when the room is built. Answered by `applied`. */
	| { readonly do: "apply"; readonly tick: number }
	/** Take in the rest that came, compare the hash. Answered by `compared`. */
	| { readonly do: "compare"; readonly tick: number }
	/** Read the room from the logs. Answered by `restored` or `unrestored`. */
	| { readonly do: "restore"; readonly epoch: number }
	/** Write epoch and image into the log: before the first tick of the epoch is shown. */
	| { readonly do: "log"; readonly epoch: number; readonly tick: number }
	/** Run `tick` when the giver would have, send each viewer a keyframe, tell the giving side `own`. */
	| { readonly do: "start"; readonly epoch: number; readonly tick: number }
	/**
	 * Take the socket and the inputs that came into the room; a keyframe if it runs. Inputs of a seat that has
	 * another line by now are left out: what that one sent is newer. A line that is here already, because the
	 * supervisor kept it when the giver died, is not taken a second time.
	 */
	| { readonly do: "adopt"; readonly part: number }
	/** All sockets are here: tell the giving side. */
	| { readonly do: "settled" }
	/** Forget what was built, close the sockets that came with it. */
	| { readonly do: "discard" };

export const NO_TAKER: TakerState = {
	phase: "none",
	term: 0,
	from: "",
	move: 0,
	tick: 0,
	epoch: 0,
	recovery: 0,
	adopted: [],
	parts: 0,
};
