import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { type Recorder, Recorders } from "../../../server/room/recorder.ts";
import { InboxChecker } from "./inbox-checker.ts";
import { JournalKeeper } from "./journal-keeper.ts";
import { type MatchPlan, STREAM } from "./match-plan.ts";
import { RulesLedger } from "./rules-ledger.ts";

/** What watches a match. */
export class Watchers {
	readonly checkers: InboxChecker[] = [];
	readonly journals: JournalKeeper | null;
	readonly ledger: RulesLedger;
	private wallAheadMs = 0;

	constructor(plan: MatchPlan, seed: number, nowMs: () => number) {
		const { game } = plan.chosen;
		this.ledger = new RulesLedger(game.name, game.hash, plan.probationMs);
		const random = SeededRandom.fork(seed, STREAM.journals);
		this.journals = plan.isRecorded
			? new JournalKeeper(random, () => Math.max(0, 1e12 + nowMs() + this.wallAheadMs))
			: null;
	}

	/** The time of day is set, forward or back. */
	setWallClock(byMs: number): void {
		this.wallAheadMs += byMs;
	}

	/** The server's process is about to die. */
	kill(): void {
		this.ledger.kill();
		this.journals?.kill();
	}

	recorder(): Recorder {
		const checker = new InboxChecker();
		this.checkers.push(checker);
		const all: Recorder[] = [checker, this.ledger.recorder];
		if (this.journals) all.push(this.journals.recorder());
		return new Recorders(all);
	}
}
