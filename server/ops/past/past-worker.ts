import { parentPort } from "node:worker_threads";
import type { Image } from "../../../protocol/abi/image.ts";
import { Simulation } from "../../../protocol/abi/simulation.ts";
import type { StateAnswer } from "../../../protocol/admin-answers.ts";
import { openJournal } from "../../journal/journal-reader.ts";
import { fileSource } from "../../journal/journal-source.ts";
import { replay } from "../../journal/replay.ts";
import { readState, type StateQuery } from "./read-state.ts";

/** Where a past state comes from. */
export type PastSource =
	/** An image of the room and the inboxes since, null for a tick that came to nothing. */
	| {
			readonly type: "memory";
			readonly module: WebAssembly.Module;
			readonly firstTick: number;
			readonly image: Image;
			readonly inboxes: readonly (Uint8Array | null)[];
	  }
	| { readonly type: "file"; readonly file: string };

export interface PastRequest {
	readonly id: number;
	/** The state before this tick. */
	readonly tick: number;
	readonly source: PastSource;
	readonly query: StateQuery;
}

export interface PastProblem {
	readonly error: string;
	readonly detail: string;
}

export type PastReply = { readonly id: number; readonly answer: StateAnswer | PastProblem };

type Found = { simulation: Simulation } | PastProblem;

/** The last state that came from a file: finding it may have meant reading all of the file. */
let kept: { file: string; tick: number; simulation: Simulation } | null = null;

function fromMemory(
	{ module, firstTick, image, inboxes }: Extract<PastSource, { type: "memory" }>,
	tick: number,
): Found {
	const made = Simulation.create(module);
	if ("error" in made) return made;
	const { simulation } = made;
	simulation.restore(image);
	for (let at = firstTick; at < tick; at++) {
		const inbox = inboxes[at - firstTick];
		if (!inbox) continue;
		simulation.inbox.load(inbox);
		const fault = simulation.tick(at);
		if (fault) return { error: "ERR_PAST_TICK", detail: `tick ${at}: ${fault.detail}` };
	}
	return { simulation };
}

function fromFile(file: string, tick: number): Found {
	if (kept?.file === file && kept.tick === tick) return { simulation: kept.simulation };
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
		return { simulation: run.simulation };
	} finally {
		source.close();
	}
}

function answer({ tick, source, query }: PastRequest): StateAnswer | PastProblem {
	const found = source.type === "memory" ? fromMemory(source, tick) : fromFile(source.file, tick);
	return "error" in found ? found : readState(found.simulation, tick, source.type, query);
}

parentPort?.on("message", (request: PastRequest) => {
	const reply: PastReply = { id: request.id, answer: answer(request) };
	parentPort?.postMessage(reply);
});
