import type { Simulation } from "../../protocol/abi/simulation.ts";
import type { JournalProblem } from "../journal/journal-format.ts";
import { type Journal, JournalReader } from "../journal/journal-reader.ts";
import { restorePacked } from "../journal/recorded-rules.ts";
import { type Span, TimeSpan } from "../journal/time-span.ts";
import { compareSchemas } from "../migration/compare-schemas.ts";
import { firstDifference, type StateDifference } from "./compare-states.ts";
import { firstStart, type Mismatch, Rerun } from "./rerun.ts";
import { findStart } from "./seek.ts";
import { describeFault, type TickFault } from "./tick-fault.ts";

/** Where a replay diverged from the recording. */
export interface Departure {
	/** The tick that differs is one of these: hashes are recorded at intervals. */
	readonly fromTick: number;
	readonly toTick: number;
	readonly recordedHash: string;
	readonly hash: string;
	/** The differences at the next recorded image, if there is one. `before` is the recorded value. */
	readonly difference: (StateDifference & { readonly tick: number }) | null;
}

export interface Replay {
	readonly game: string;
	readonly version: number;
	/** Hash of the rules at the end. */
	readonly moduleHash: string;
	/** False when this build seals modules otherwise than the one that recorded. */
	readonly isSealedAlike: boolean;
	readonly firstTick: number;
	/** The last tick that was run. */
	readonly lastTick: number;
	/** When the first tick and the one after the last were due, if the journal has time records. */
	readonly time: Span | null;
	readonly ticks: number;
	readonly aborted: number;
	readonly swaps: number;
	/** Recorded hashes that were compared. */
	readonly hashes: number;
	readonly departure: Departure | null;
	/** A tick that succeeded in the recording and now fails. */
	readonly fault: TickFault | null;
	/** Byte at which the file is cut off, -1 if it is complete. */
	readonly cut: number;
	/** The state at the end. */
	readonly simulation: Simulation;
}

interface ReplayOptions {
	/** The last tick to run. Reading begins at the last image before it. */
	toTick?: number;
}

/** Runs a journal again on its own module and compares each recorded hash. */
export function replay(
	journal: Journal,
	{ toTick = Number.POSITIVE_INFINITY }: ReplayOptions = {},
): Replay | JournalProblem {
	const start = Number.isFinite(toTick) ? findStart(journal, toTick) : firstStart(journal);
	if ("error" in start) return start;
	const rerun = Rerun.start(journal, start);
	if ("error" in rerun) return rerun;
	const reader = new JournalReader(journal, start.position);
	const times = new TimeSpan(journal.header.tickRate, start.told);
	let found: Mismatch | null = null;
	let cut = -1;
	while (found === null && rerun.tick <= toTick) {
		const record = reader.next();
		if (record === null) break;
		if ("error" in record) return record;
		if (record.type === "end") cut = record.cut;
		if (record.type === "time") times.hear(record);
		const outcome = rerun.apply(record);
		if (outcome && "error" in outcome) return outcome;
		found = outcome;
	}
	const { header } = journal;
	return {
		game: header.game,
		version: header.version,
		moduleHash: rerun.rules.game.hash,
		isSealedAlike: rerun.rules.isSealedAlike,
		firstTick: start.position.tick,
		lastTick: rerun.tick - 1,
		time: times.of(start.position.tick, rerun.tick),
		ticks: rerun.ticks,
		aborted: rerun.aborted,
		swaps: rerun.swaps,
		hashes: rerun.hashes,
		departure: found?.type === "hash" ? describe(rerun, found, reader) : null,
		fault:
			found?.type === "fault" ? describeFault(rerun.rules.game, found.tick, found.fault) : null,
		cut,
		simulation: rerun.simulation,
	};
}

/** Continues to the next image, which tells more than a hash. */
function describe(
	rerun: Rerun,
	{ tick, recorded, is }: Extract<Mismatch, { type: "hash" }>,
	reader: JournalReader,
): Departure {
	return {
		fromTick: rerun.agreedTick,
		toTick: tick - 1,
		recordedHash: recorded,
		hash: is,
		difference: differenceAtImage(rerun, reader),
	};
}

function differenceAtImage(rerun: Rerun, reader: JournalReader): Departure["difference"] {
	for (let record = reader.next(); record !== null; record = reader.next()) {
		// another module's image says nothing about this one
		if ("error" in record || record.type === "swap") return null;
		if (record.type === "image") {
			const recorded = rerun.rules.create();
			if (restorePacked(recorded, record.image)) return null;
			const compared = compareSchemas(recorded.descriptor, recorded.descriptor);
			if ("error" in compared) return null;
			const found = firstDifference(recorded, rerun.simulation, compared.plan);
			return found && { ...found, tick: record.tick - 1 };
		}
		const outcome = rerun.apply(record);
		if (outcome && (!("type" in outcome) || outcome.type === "fault")) return null;
	}
	return null;
}
