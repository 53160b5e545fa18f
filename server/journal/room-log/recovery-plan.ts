import { INBOX } from "../../../protocol/abi/layout.ts";
import { forEachRecord, withoutInput } from "../../input/inbox-records.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import type { LoggedRoom, LoggedStretch } from "./read-room-log.ts";

/** How a room comes back: each attempt leaves out more of what may have killed the process. */
type RecoveryStep = "all" | "withoutLastInputs" | "imageAlone" | "close";

const STEPS: readonly RecoveryStep[] = ["all", "withoutLastInputs", "imageAlone", "close"];

/** What the module does not know of the players yet: the first inboxes of the room must make up for it. */
export interface MakeUp {
	/** Players to leave first, then players to join, by seat. */
	readonly leave: readonly number[];
	readonly join: readonly number[];
}

export interface RecoveryPlan {
	readonly step: RecoveryStep;
	/** What to run; null when the room is to be closed. */
	readonly stretch: LoggedStretch | null;
	/** A hash that the run must reach at its tick; null when none was written, or the run is another. */
	readonly hash: LoggedRoom["lastHash"];
	/** Ticks at the end that are lost, or run without their inputs. */
	readonly doubtfulTicks: number;
	readonly makeUp: MakeUp;
	/** For the log and for whoever runs the server; null when all is as it was. */
	readonly report: string | null;
}

const NOTHING: MakeUp = { leave: [], join: [] };

/** Who came and went in these inboxes, when they are not run. */
function missedJoins(inboxes: readonly (Uint8Array | null)[]): MakeUp {
	const leave = new Set<number>();
	const join = new Set<number>();
	for (const inbox of inboxes) {
		if (inbox === null) continue;
		forEachRecord(inbox, (kind, player) => {
			if (kind === INBOX.join) join.add(player);
			else if (kind === INBOX.leave && !join.delete(player)) leave.add(player);
		});
	}
	return { leave: [...leave], join: [...join] };
}

/**
 * How to bring a room back that was tried `attempts` times before, each of which killed its process: with all that
 * it was fed, then without the inputs of the last second, then from its image alone, then not at all. Says the
 * same for the same room; count the attempt (`Attempts.note`) before following it.
 */
export function planRecovery(room: LoggedRoom, attempts: number, tickRate: number): RecoveryPlan {
	const step = STEPS[Math.min(attempts, STEPS.length - 1)] as RecoveryStep;
	const { id, epoch, stretch, lastHash } = room;
	const { firstTick, image, inboxes } = stretch;
	const times = `room ${id} (epoch ${epoch}) killed its process ${attempts} times`;
	if (step === "all") {
		const found = { stretch, hash: lastHash, doubtfulTicks: 0, makeUp: NOTHING };
		return { step, ...found, report: null };
	}
	if (step === "withoutLastInputs") {
		const ticks = Math.min(inboxes.length, Math.ceil((LOG_LIMITS.doubtMs * tickRate) / 1000));
		const certain = inboxes.length - ticks;
		const rest = inboxes.map((inbox, i) =>
			i < certain || !inbox ? inbox : withoutInput(inbox, "all"),
		);
		const isCertain = lastHash !== null && lastHash.tick <= firstTick + certain;
		return {
			step,
			stretch: { firstTick, image, inboxes: rest },
			hash: isCertain ? lastHash : null,
			doubtfulTicks: ticks,
			makeUp: NOTHING,
			report: `${times}: tried without the inputs of its last ${ticks} ticks`,
		};
	}
	const lost = { hash: null, doubtfulTicks: inboxes.length };
	if (step === "imageAlone") {
		return {
			...{ step, ...lost },
			stretch: { firstTick, image, inboxes: [] },
			makeUp: missedJoins(inboxes),
			report: `${times}: goes back to tick ${firstTick}, ${inboxes.length} ticks are lost`,
		};
	}
	const report = `ERR_LOG_POISON: ${times}, the last with no more than its image of tick ${firstTick}: it is closed`;
	return { step, ...lost, stretch: null, makeUp: NOTHING, report };
}
