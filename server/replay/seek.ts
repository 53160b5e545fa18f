import type { JournalProblem } from "../journal/journal-format.ts";
import { type Journal, JournalReader } from "../journal/journal-reader.ts";
import { firstStart, type Start } from "./rerun.ts";

/** The last place in a journal from which `tick` can be reached, with the rules in force there. */
export function findStart(journal: Journal, tick: number): Start | JournalProblem {
	const reader = new JournalReader(journal);
	let best = firstStart(journal);
	let { rules, told } = best;
	for (let record = reader.next(); record !== null; record = reader.next()) {
		if ("error" in record) return record;
		if (record.type === "swap") rules = record.rules;
		if (record.type === "time") told = record;
		if (record.type !== "image") continue;
		if (record.tick > tick) break;
		const position = { offset: record.offset, tick: record.tick, wantsImage: true };
		best = { position, rules, told };
	}
	return best;
}
