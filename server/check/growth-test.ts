import { createImage, type Image } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { runTick } from "../history/stretch.ts";
import type { GameModule } from "../module/game-module.ts";
import { type PlayerOptions, randomPlayers } from "../swap/random-inboxes.ts";
import { firstWrite } from "./first-write.ts";
import type { CreateSimulation } from "./play.ts";
import { LINE_BYTES, WrittenMemory } from "./written-memory.ts";

interface Growth {
	/** Memory outside columns and mailboxes that is written for the first time, bytes per tick. */
	readonly bytesPerTick: number;
	/** Ticks until the memory's maximum is used up, at this rate. */
	readonly ticksLeft: number;
	/** Frames around such a write, innermost first; empty where none was caught. */
	readonly frames: readonly string[];
}

export interface GrowthResult {
	/** Ticks played. */
	readonly ticks: number;
	readonly growth: Growth | null;
}

/** Ten minutes at 60 Hz. */
const MOST_TICKS = 36_000;
/** What a test may spend in total: about two seconds of computing. */
const FUEL = 25_000_000_000;
const QUARTERS = 4;

/** As many ticks as the fuel allows, but at least as many as requested. */
function ticksFor(asked: number, fuelPerTick: number): number {
	const affordable = Math.floor(FUEL / Math.max(1, fuelPerTick));
	return Math.max(asked, Math.min(MOST_TICKS, affordable));
}

/**
 * Plays on, and watches memory outside the columns. A game that fills its caches writes less and less
 * memory for the first time. One that keeps writing at the same rate, one quarter of the run like the
 * one before, will eventually use up its memory, and its room will end.
 */
export function growthTest(
	game: GameModule,
	create: CreateSimulation,
	options: PlayerOptions & { readonly ticks: number; readonly fuelPerTick: number },
): GrowthResult {
	const simulation = create();
	if (simulation.init(options.seed)) return { ticks: 0, growth: null };
	const maxBytes = game.facts.memoryPages.maximum * 65_536;
	const written = new WrittenMemory(game.descriptor, save(simulation), maxBytes);
	const inboxOf = randomPlayers(game.descriptor, options);
	const ticks = ticksFor(options.ticks, options.fuelPerTick);
	const quarter = Math.floor(ticks / QUARTERS);
	const gained: number[] = [];
	let before = save(simulation);
	let inboxes: Uint8Array[] = [];
	for (let firstTick = 0; firstTick < quarter * QUARTERS; firstTick += quarter) {
		before = save(simulation);
		inboxes = [];
		for (let tick = firstTick; tick < firstTick + quarter; tick++) {
			const inbox = inboxOf(tick);
			inboxes.push(inbox);
			// the play tells of faults
			if (runTick(simulation, tick, inbox)) return { ticks: tick, growth: null };
		}
		const after = save(simulation);
		gained.push(written.countNew(after));
		if (gained.length < QUARTERS) written.add(after);
	}
	const [, second = 0, third = 0, last = 0] = gained;
	const isEnding = second === 0 || third === 0 || last * QUARTERS < second;
	if (last === 0 || isEnding) return { ticks, growth: null };
	const bytesPerTick = (last * LINE_BYTES) / quarter;
	const leftBytes = maxBytes - written.usedBytes - last * LINE_BYTES;
	const stretch = { firstTick: quarter * (QUARTERS - 1), image: before, inboxes };
	return {
		ticks,
		growth: {
			bytesPerTick,
			ticksLeft: Math.max(0, Math.round(leftBytes / bytesPerTick)),
			frames: firstWrite(game, simulation, stretch, written),
		},
	};
}

function save(simulation: Simulation): Image {
	const image = createImage();
	simulation.save(image);
	return image;
}
