import { parentPort } from "node:worker_threads";
import { Simulation } from "../../../protocol/abi/simulation.ts";
import type { StateAnswer } from "../../../protocol/admin-answers.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { runTick, type Stretch } from "../../history/stretch.ts";
import { openJournal } from "../../journal/journal-reader.ts";
import { fileSource } from "../../journal/journal-source.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { replay } from "../../replay/replay.ts";
import { readState, type StateQuery } from "./read-state.ts";

/** A stretch of a room's life, and the rules it ran on. */
export interface PastStretch extends Stretch {
	readonly module: WebAssembly.Module;
}

/** Where a past state comes from. */
export type PastSource =
	| { readonly type: "stretch"; readonly stretch: PastStretch }
	| { readonly type: "hold"; readonly hold: number }
	| { readonly type: "file"; readonly file: string };

export type PastRequest =
	| { readonly type: "hold"; readonly hold: number; readonly stretch: PastStretch }
	| {
			readonly type: "state";
			readonly id: number;
			/** The state before this tick. */
			readonly tick: number;
			readonly source: PastSource;
			readonly query: StateQuery;
	  };

export type PastReply = { readonly id: number; readonly answer: StateAnswer | Refusal };

/** A module part-way through a stretch: continuing is cheaper than starting again. */
class Walk {
	private readonly stretch: PastStretch;
	private readonly simulation: Simulation;
	private tick = Number.POSITIVE_INFINITY;

	private constructor(stretch: PastStretch, simulation: Simulation) {
		this.stretch = stretch;
		this.simulation = simulation;
	}

	static start(stretch: PastStretch): Walk | Refusal {
		const made = Simulation.create(stretch.module);
		return "error" in made ? made : new Walk(stretch, made.simulation);
	}

	/** The state before `to`. */
	goTo(to: number): Simulation | Refusal {
		const { simulation, stretch } = this;
		const { firstTick, inboxes } = stretch;
		if (to < firstTick || to > firstTick + inboxes.length) {
			const last = firstTick + inboxes.length;
			return { error: "ERR_PAST_TICK", detail: `tick ${to} is not in ${firstTick} to ${last}` };
		}
		if (to < this.tick) {
			simulation.restore(stretch.image);
			this.tick = firstTick;
		}
		for (; this.tick < to; this.tick++) {
			const inbox = inboxes[this.tick - firstTick];
			if (!inbox) continue;
			const fault = runTick(simulation, this.tick, inbox);
			if (!fault) continue;
			const detail = `tick ${this.tick}: ${fault.detail}`;
			this.tick = Number.POSITIVE_INFINITY;
			return { error: "ERR_PAST_TICK", detail };
		}
		return simulation;
	}
}

/** Stretches being viewed, oldest first. */
const holds = new Map<number, Walk>();
/** The last state read from a file: finding it may have required reading the whole file. */
let kept: { file: string; tick: number; simulation: Simulation } | null = null;

function fromFile(file: string, tick: number): Simulation | Refusal {
	if (kept?.file === file && kept.tick === tick) return kept.simulation;
	const source = fileSource(file);
	if ("error" in source) return source;
	try {
		const journal = openJournal(source);
		if ("error" in journal) return journal;
		const run = replay(journal, { toTick: tick - 1 });
		if ("error" in run) return run;
		if (run.lastTick !== tick - 1) {
			return { error: "ERR_PAST_TICK", detail: `the journal's last tick is ${run.lastTick}` };
		}
		kept = { file, tick, simulation: run.simulation };
		return run.simulation;
	} finally {
		source.close();
	}
}

function find(source: PastSource, tick: number): Simulation | Refusal {
	if (source.type === "file") return fromFile(source.file, tick);
	const walk = source.type === "hold" ? holds.get(source.hold) : Walk.start(source.stretch);
	if (!walk) return { error: "ERR_PAST_HOLD", detail: "it was held too long ago" };
	return "error" in walk ? walk : walk.goTo(tick);
}

function keep(hold: number, stretch: PastStretch): void {
	const walk = Walk.start(stretch);
	if ("error" in walk) return;
	holds.set(hold, walk);
	if (holds.size > SERVER_LIMITS.pastHolds) holds.delete(holds.keys().next().value as number);
}

parentPort?.on("message", (request: PastRequest) => {
	if (request.type === "hold") {
		keep(request.hold, request.stretch);
		return;
	}
	const { id, tick, source, query } = request;
	const found = find(source, tick);
	const from = source.type === "file" ? "file" : "memory";
	const answer = "error" in found ? found : readState(found, tick, from, query);
	parentPort?.postMessage({ id, answer } satisfies PastReply);
});
