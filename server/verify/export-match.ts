import path from "node:path";
import { createImage } from "../../protocol/abi/image.ts";
import { type Simulation, START_FUEL } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { type Journal, JournalReader } from "../journal/journal-reader.ts";
import type { RecordedRules } from "../journal/recorded-rules.ts";
import type { GameModule } from "../module/game-module.ts";
import { Rerun } from "../replay/rerun.ts";
import { type GlobalType, MatchWriter } from "./match-file.ts";
import { VERIFY_LIMITS } from "./verify-limits.ts";

/** A match file: ticks that ran one after the other on one module. */
export interface Stretch {
	readonly file: string;
	readonly game: GameModule;
	readonly globalTypes: readonly GlobalType[];
	readonly firstTick: number;
	readonly lastTick: number;
	readonly ticks: number;
	/** A room of this module in its first state, as it was here. */
	begin(): Simulation;
	/** The state after the last tick, as it was here. */
	readonly end: Simulation;
}

interface OpenStretch
	extends Pick<Stretch, "file" | "globalTypes" | "firstTick" | "begin" | "end"> {
	readonly rules: RecordedRules;
	readonly writer: MatchWriter;
}

function globalTypes({ facts }: GameModule, count: number): GlobalType[] {
	const types = facts.mutableGlobals.map(({ type }) => type as GlobalType);
	// the depth counter that the seal may have added comes last
	return Array.from({ length: count }, (_, i) => types[i] ?? "i32");
}

/** Writes what a rerun does into match files, a new one wherever the rules change. */
class Exporter {
	readonly stretches: Stretch[] = [];
	private readonly folder: string;
	private readonly rerun: Rerun;
	private readonly seed: number;
	private open: OpenStretch | null = null;

	constructor(folder: string, rerun: Rerun, seed: number) {
		this.folder = folder;
		this.rerun = rerun;
		this.seed = seed;
	}

	/** A file for the ticks from here on. `fromInit` when `hs_init` has made the state. */
	begin(fromInit: boolean): void {
		const { rules, simulation, tick: firstTick } = this.rerun;
		const { seed } = this;
		const image = createImage();
		simulation.save(image);
		const file = path.join(this.folder, `${rules.game.name}-${firstTick}.hsx`);
		const types = globalTypes(rules.game, image.globals.length);
		const writer = new MatchWriter(file, {
			module: rules.game.bytes,
			seed,
			startFuel: START_FUEL,
			fuelPerTick: simulation.fuelPerTick,
			image: fromInit ? null : image,
			globalTypes: types,
		});
		const begin = (): Simulation => {
			const again = rules.create();
			if (fromInit) again.init(seed);
			else again.restore(image);
			return again;
		};
		this.open = { file, globalTypes: types, firstTick, begin, end: simulation, rules, writer };
	}

	/** Before a record is applied: whether the state that its ticks need is in a file. */
	beforeTick(): void {
		const { open, rerun } = this;
		const isSame = open?.end === rerun.simulation;
		if (isSame && open.writer.length < VERIFY_LIMITS.matchBytes) return;
		this.end();
		this.begin(false);
	}

	afterTick(tick: number, inbox: Uint8Array): void {
		const { simulation } = this.rerun;
		const hash = stateHash(simulation, tick + 1);
		this.open?.writer.tick(tick, inbox, simulation.fuelSpent, hash);
	}

	end(): void {
		const { open } = this;
		if (open === null) return;
		open.writer.close();
		this.open = null;
		const { rules, writer, ...about } = open;
		const { ticks, lastTick } = writer;
		if (ticks > 0) this.stretches.push({ ...about, game: rules.game, lastTick, ticks });
	}
}

interface ExportOptions {
	/** Where the match files go. */
	readonly folder: string;
	/** The last tick. */
	readonly toTick?: number;
}

/**
 * Runs a journal here, compares its recorded hashes, and writes the match files that other engines read.
 * A journal that does not come out as it was recorded is a problem: there would be nothing to compare with.
 *
 * @throws what writing a file throws
 */
export function exportMatch(
	journal: Journal,
	{ folder, toTick = Number.POSITIVE_INFINITY }: ExportOptions,
): readonly Stretch[] | Refusal {
	const rerun = Rerun.start(journal);
	if ("error" in rerun) return rerun;
	const exporter = new Exporter(folder, rerun, journal.header.seed);
	if (!journal.start.wantsImage) exporter.begin(true);
	const reader = new JournalReader(journal);
	try {
		for (let record = reader.next(); record !== null; record = reader.next()) {
			if ("error" in record) return record;
			if (record.type === "tick") {
				if (record.tick > toTick) break;
				exporter.beforeTick();
			}
			const outcome = rerun.apply(record);
			if (outcome && "error" in outcome) return outcome;
			if (outcome) {
				const what = outcome.type === "hash" ? "has another state hash here" : "fails here";
				const detail = `before tick ${outcome.tick} the room ${what}; hotstep replay says more`;
				return { error: "ERR_VERIFY_RECORD", detail };
			}
			if (record.type === "tick") exporter.afterTick(record.tick, record.inbox);
		}
	} finally {
		exporter.end();
	}
	return exporter.stretches;
}
