import { createImage } from "../../protocol/abi/image.ts";
import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { runTick } from "../history/stretch.ts";
import {
	type JournalProblem,
	type JournalRecord,
	type PackedImage,
	type PackedRules,
	problem,
} from "../journal/journal-format.ts";
import type { Journal, Position } from "../journal/journal-reader.ts";
import {
	loadRules,
	type RecordedRules,
	restorePacked,
	unpackImage,
} from "../journal/recorded-rules.ts";
import type { ToldTime } from "../journal/time-span.ts";

/** What was recorded of a tick, and the result of running it again. */
export type Mismatch =
	| { readonly type: "hash"; readonly tick: number; readonly recorded: string; readonly is: string }
	/** A tick that took effect fails now. */
	| { readonly type: "fault"; readonly tick: number; readonly fault: Fault };

/** A position with the rules in force there. */
export interface Start {
	readonly position: Position;
	readonly rules: PackedRules;
	/** The last time record before it, if any. */
	readonly told: ToldTime | null;
}

/** A recorded room, run again: follows its journal record by record. */
export class Rerun {
	rules: RecordedRules;
	simulation: Simulation;
	/** Number of the next tick. */
	tick: number;
	ticks = 0;
	aborted = 0;
	swaps = 0;
	hashes = 0;
	/** The tick before which the state was last known to be the recorded one. */
	agreedTick: number;
	/** Rules whose state is the next image. */
	private coming: RecordedRules | null;

	private constructor(rules: RecordedRules, { tick, wantsImage }: Position) {
		this.rules = rules;
		this.simulation = rules.create();
		this.tick = tick;
		this.agreedTick = tick;
		this.coming = wantsImage ? rules : null;
	}

	/** The room at its start, or at an image. */
	static start(journal: Journal, start: Start = firstStart(journal)): Rerun | JournalProblem {
		const rules = loadRules(start.rules);
		if ("error" in rules) return rules;
		if (rules.game.name !== journal.header.game) {
			return problem("ERR_JOURNAL_MODULE", `the recorded module is "${rules.game.name}"`);
		}
		const rerun = new Rerun(rules, start.position);
		if (start.position.wantsImage) return rerun;
		const fault = rerun.simulation.init(journal.header.seed);
		return fault ? problem("ERR_JOURNAL_MODULE", `hs_init: ${fault.detail}`) : rerun;
	}

	/** Executes a record; aborted ticks failed and are not run. */
	apply(record: JournalRecord): Mismatch | JournalProblem | null {
		this.tick = record.tick;
		switch (record.type) {
			case "tick":
				return this.run(record.inbox);
			case "abort":
				this.aborted++;
				return null;
			case "hash":
				return this.compare(record.hash);
			case "swap": {
				const rules = loadRules(record.rules);
				if ("error" in rules) return rules;
				// the file may end here: the old rules stay until the new ones have a state
				this.coming = rules;
				return null;
			}
			case "image":
				return this.coming
					? this.install(this.coming, record.image)
					: this.compareImage(record.image);
			case "time":
			case "end":
				return null;
		}
	}

	private install(rules: RecordedRules, image: PackedImage): JournalProblem | null {
		const simulation = rules.create();
		const wrong = restorePacked(simulation, image);
		if (wrong) return wrong;
		if (rules !== this.rules) this.swaps++;
		this.rules = rules;
		this.simulation = simulation;
		this.coming = null;
		this.agreedTick = this.tick;
		return null;
	}

	/** An image on the way must match the state reached, since a seek starts from it. */
	private compareImage(packed: PackedImage): JournalProblem | null {
		const recorded = unpackImage(this.simulation, packed);
		if ("error" in recorded) return recorded;
		// another seal counts depth and fuel differently: its globals and memory may differ
		if (!this.rules.isSealedAlike) return null;
		const own = createImage();
		this.simulation.save(own);
		const isSame =
			own.length === recorded.length &&
			Buffer.compare(own.bytes.subarray(0, own.length), recorded.bytes) === 0 &&
			own.globals.every((value, i) => Object.is(value, recorded.globals[i]));
		if (isSame) return null;
		const detail = `the image before tick ${this.tick} is not the state that its ticks lead to`;
		return problem("ERR_JOURNAL_IMAGE", detail);
	}

	private run(inbox: Uint8Array): Mismatch | JournalProblem | null {
		const { simulation, tick } = this;
		const { bytes } = this.rules.game.descriptor.inbox;
		if (inbox.length > bytes) {
			return problem("ERR_JOURNAL_INBOX", `tick ${tick} has ${inbox.length} bytes of ${bytes}`);
		}
		const fault = runTick(simulation, tick, inbox);
		this.tick++;
		this.ticks++;
		return fault ? { type: "fault", tick, fault } : null;
	}

	private compare(recorded: string): Mismatch | null {
		const is = stateHash(this.simulation, this.tick);
		this.hashes++;
		if (is !== recorded) return { type: "hash", tick: this.tick, recorded, is };
		this.agreedTick = this.tick;
		return null;
	}
}

export function firstStart(journal: Journal): Start {
	return { position: journal.start, rules: journal.header.rules, told: null };
}
