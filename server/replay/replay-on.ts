import type { Refusal } from "../../protocol/refusal.ts";
import { type JournalProblem, type JournalRecord, problem } from "../journal/journal-format.ts";
import { type Journal, JournalReader } from "../journal/journal-reader.ts";
import type { RecordedRules } from "../journal/recorded-rules.ts";
import { compareSchemas, type MigrationPlan } from "../migration/compare-schemas.ts";
import { migrate } from "../migration/migrate.ts";
import type { GameModule } from "../module/game-module.ts";
import { CandidateRun, type FuelUse } from "./candidate-run.ts";
import {
	countDifferences,
	firstDifference,
	type StateDifference,
	type TableDifference,
} from "./compare-states.ts";
import { Rerun } from "./rerun.ts";
import type { TickFault } from "./tick-fault.ts";

/** The result of running another build on a recorded journal. */
export interface Comparison {
	readonly game: string;
	/** Version and hash of the build that was tried. */
	readonly version: number;
	readonly moduleHash: string;
	readonly firstTick: number;
	readonly lastTick: number;
	/** Ticks that the build ran, those that failed included. */
	readonly ticks: number;
	readonly aborted: number;
	/** How the recorded columns map to those of the build, where they differ. */
	readonly migration: readonly string[];
	/** The first difference, right after `tick`; -1 is before the first tick. `before` is recorded. */
	readonly departure: (StateDifference & { readonly tick: number }) | null;
	/** How far apart the states are at the end. */
	readonly apart: readonly TableDifference[];
	readonly faults: readonly TickFault[];
	/** True if the build failed so often that the rest was not run. */
	readonly gaveUp: boolean;
	readonly fuel: FuelUse | null;
	/** Byte at which the file is cut off, -1 if it is complete. */
	readonly cut: number;
	readonly candidate: CandidateRun;
}

interface ReplayOnOptions {
	/** The last tick to run. */
	toTick?: number;
}

/** The recorded module and another one, side by side on the same inboxes. */
class SideBySide {
	readonly recorded: Rerun;
	readonly candidate: CandidateRun;
	private readonly journal: Journal;
	private readonly game: GameModule;
	private plan: MigrationPlan;
	private plannedFor: RecordedRules;
	departure: Comparison["departure"] = null;
	private isStarted = false;

	constructor(journal: Journal, recorded: Rerun, game: GameModule, plan: MigrationPlan) {
		this.journal = journal;
		this.recorded = recorded;
		this.game = game;
		this.plan = plan;
		this.plannedFor = recorded.rules;
		this.candidate = new CandidateRun(game);
	}

	get migration(): readonly string[] {
		return this.plan.report;
	}

	/** Starts the build as a new room would, or from the recorded columns as a swap would. */
	start(isFromImage: boolean): Refusal | null {
		const { recorded, candidate } = this;
		const { simulation } = candidate;
		const { tick } = recorded;
		this.isStarted = true;
		const fault = simulation.init(this.journal.header.seed);
		if (fault) {
			candidate.failToStart(tick, fault);
			return null;
		}
		if (isFromImage) {
			const refusal = migrate(recorded.simulation, simulation, this.plan);
			if (refusal) return refusal;
			const unhappy = simulation.migrated(recorded.rules.game.version, tick);
			if (unhappy) candidate.failToStart(tick, unhappy);
		}
		this.compare(tick - 1);
		return null;
	}

	/** Does what a record says, on both sides. */
	apply(record: JournalRecord): JournalProblem | Refusal | null {
		const outcome = this.recorded.apply(record);
		if (outcome && "error" in outcome) return outcome;
		if (outcome) {
			const detail = `its own module no longer runs it from tick ${outcome.tick} on: replay it alone`;
			return { error: "ERR_REPLAY_REFERENCE", detail };
		}
		if (record.type === "image") return this.isStarted ? this.planAgain() : this.start(true);
		if (record.type !== "tick") return null;
		const { bytes } = this.game.descriptor.inbox;
		if (record.inbox.length > bytes) {
			const detail = `tick ${record.tick} has ${record.inbox.length} bytes of ${bytes}`;
			return problem("ERR_JOURNAL_INBOX", detail);
		}
		this.candidate.step(record.tick, record.inbox);
		this.compare(record.tick);
		return null;
	}

	get apart(): TableDifference[] {
		return countDifferences(this.recorded.simulation, this.candidate.simulation, this.plan);
	}

	/** The recorded room got other rules: from now on, the build is compared with those. */
	private planAgain(): Refusal | null {
		if (this.recorded.rules === this.plannedFor) return null;
		this.plannedFor = this.recorded.rules;
		const compared = compareSchemas(this.recorded.rules.game.descriptor, this.game.descriptor);
		if ("error" in compared) return compared;
		this.plan = compared.plan;
		return null;
	}

	private compare(tick: number): void {
		if (this.departure) return;
		const found = firstDifference(this.recorded.simulation, this.candidate.simulation, this.plan);
		if (found) this.departure = { ...found, tick };
	}
}

/**
 * Runs another build on a journal, beside the recorded one, and finds the first tick after which its
 * state differs: a regression test for a build. Refuses whatever a swap would refuse.
 */
export function replayOn(
	journal: Journal,
	game: GameModule,
	{ toTick = Number.POSITIVE_INFINITY }: ReplayOnOptions = {},
): Comparison | JournalProblem | Refusal {
	const recorded = Rerun.start(journal);
	if ("error" in recorded) return recorded;
	const compared = compareSchemas(recorded.rules.game.descriptor, game.descriptor);
	if ("error" in compared) return compared;
	const both = new SideBySide(journal, recorded, game, compared.plan);
	if (!journal.start.wantsImage) both.start(false);
	const { candidate } = both;
	const reader = new JournalReader(journal);
	let cut = -1;
	while (recorded.tick <= toTick && !candidate.isHopeless) {
		const record = reader.next();
		if (record === null) break;
		if ("error" in record) return record;
		if (record.type === "end") cut = record.cut;
		const refusal = both.apply(record);
		if (refusal) return refusal;
	}
	return {
		game: game.name,
		version: game.version,
		moduleHash: game.hash,
		firstTick: journal.start.tick,
		lastTick: recorded.tick - 1,
		ticks: candidate.ticks,
		aborted: recorded.aborted,
		migration: both.migration,
		departure: both.departure,
		apart: both.apart,
		faults: candidate.faults,
		gaveUp: candidate.isHopeless,
		fuel: candidate.fuel,
		cut,
		candidate,
	};
}
