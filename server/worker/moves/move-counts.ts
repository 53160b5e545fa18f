import type { Refusal } from "../../../protocol/refusal.ts";
import type { Log } from "../../log.ts";
import type { Exposition } from "../../ops/metrics/exposition.ts";
import { Histogram } from "../../ops/metrics/histogram.ts";
import { MOVE_REFUSALS, type MoveRefusal } from "../hand-over/move-refusal.ts";

/** Why a room was to move: an operator asked, its worker is to be empty, or had too much to do. */
export type MoveReason = "asked" | "drain" | "balance";

const REASONS: readonly MoveReason[] = ["asked", "drain", "balance"];
const OUTCOMES = ["done", ...MOVE_REFUSALS] as const;
/** Seconds: from a tick of 60 Hz to what every player notices. */
const FROZEN_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** A move that was done, or why it was not. */
type Ended = { readonly frozenMs: number | null } | Refusal<MoveRefusal>;

/** What became of the moves of this supervisor's life, for `/metrics`. */
export class MoveCounts {
	private readonly counts = new Map<string, number>();
	private readonly frozen = new Histogram(FROZEN_BOUNDS);

	/** A move has ended, however: counts it and says so. */
	ended(result: Ended, why: MoveReason, log: Log): void {
		if ("error" in result) {
			this.count(why, result.error);
			return log("warn", "room not moved", { why, ...result });
		}
		this.count(why, "done", result.frozenMs);
		log("info", "room moved", { why, ...result });
	}

	/** `frozenMs` of a move that was done: how long the room stood still, null when nobody said. */
	count(reason: MoveReason, outcome: "done" | MoveRefusal, frozenMs: number | null = null): void {
		const key = `${reason} ${outcome}`;
		this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
		if (frozenMs !== null) this.frozen.observe(frozenMs / 1_000);
	}

	write(out: Exposition): void {
		const moves = "hotstep_room_moves_total";
		out.family(
			moves,
			"counter",
			"Moves of rooms between workers, by who wanted them and how they ended.",
		);
		for (const reason of REASONS) {
			for (const outcome of OUTCOMES) {
				const count = this.counts.get(`${reason} ${outcome}`);
				// all that is usual is there from the start: a rate needs a zero
				if (count === undefined && outcome !== "done") continue;
				out.sample(moves, { reason, outcome }, count ?? 0);
			}
		}
		const frozen = "hotstep_room_move_frozen_seconds";
		out.family(frozen, "histogram", "How long rooms stood still while they moved.");
		out.histogram(frozen, {}, this.frozen);
	}
}
