import { createImage } from "../../../protocol/abi/image.ts";
import type { Simulation } from "../../../protocol/abi/simulation.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { runTick } from "../../history/stretch.ts";
import type { GameModule } from "../../module/game-module.ts";
import { sourcePlace } from "../../module/seal/locate/source-map.ts";
import { trapFrames } from "../../module/seal/locate/trap-frames.ts";
import { functionName } from "./function-name.ts";
import type { PlayedTicks } from "./played-ticks.ts";

interface FunctionFuel {
	/** As the module counts, imports first. */
	readonly index: number;
	readonly name: string;
	/** Samples that stopped in it, and those in it or in what it called. */
	readonly self: number;
	readonly withCalls: number;
}

export interface FuelProfile {
	readonly ticks: number;
	/** Of all ticks together. */
	readonly fuel: number;
	readonly samples: number;
	/** Those that cost most come first. */
	readonly functions: readonly FunctionFuel[];
	/** "rules/ship.ts:12", and the samples that stopped there. */
	readonly lines: readonly { readonly place: string; readonly self: number }[];
}

/** More samples hardly say more: with these, a tenth of the fuel is known to within a hundredth. */
const SAMPLES = 4_000;
const MOST_FRAMES = 64;

/** Counts where samples stopped. */
class Tally {
	samples = 0;
	private readonly self = new Map<number, number>();
	private readonly withCalls = new Map<number, number>();
	private readonly lines = new Map<string, number>();
	private readonly game: GameModule;

	constructor(game: GameModule) {
		this.game = game;
	}

	add(stack: string, message: string): void {
		const { game } = this;
		const frames = trapFrames(stack, message, game);
		const [inner] = frames;
		if (!inner) return;
		this.samples++;
		const plus = <K>(counts: Map<K, number>, key: K): void => {
			counts.set(key, (counts.get(key) ?? 0) + 1);
		};
		plus(this.self, inner.functionIndex);
		for (const index of new Set(frames.map((frame) => frame.functionIndex))) {
			plus(this.withCalls, index);
		}
		const { places } = game;
		const place = places && inner.rawOffset !== null ? sourcePlace(places, inner.rawOffset) : null;
		if (place) plus(this.lines, `${place.file}:${place.line}`);
	}

	get functions(): FunctionFuel[] {
		return [...this.withCalls]
			.map(([index, withCalls]) => ({
				index,
				name: functionName(this.game, index),
				self: this.self.get(index) ?? 0,
				withCalls,
			}))
			.sort((a, b) => b.self - a.self || b.withCalls - a.withCalls || a.index - b.index);
	}

	get places(): FuelProfile["lines"] {
		return [...this.lines]
			.map(([place, self]) => ({ place, self }))
			.sort((a, b) => b.self - a.self || a.place.localeCompare(b.place));
	}
}

/** Runs a tick again and again with less fuel than it needs, and tells where it ran out. */
function stopAt(
	simulation: Simulation,
	tick: number,
	inbox: Uint8Array,
	stops: readonly number[],
	tally: Tally,
): void {
	const image = createImage();
	simulation.save(image);
	const { fuelPerTick } = simulation;
	for (const fuel of stops) {
		simulation.fuelPerTick = fuel;
		const fault = runTick(simulation, tick, inbox);
		if (fault?.stack) tally.add(fault.stack, fault.message ?? "");
		simulation.restore(image);
	}
	simulation.fuelPerTick = fuelPerTick;
}

/**
 * Where fuel goes. The seal's own meter is the profiler: what a tick spends is known, so it is run again
 * with a share of that, drawn at random, and the stack at which it runs out is one sample. A function
 * that spends a tenth of the fuel gets a tenth of the samples, without a change to the module.
 */
export function sampleFuel(
	game: GameModule,
	played: PlayedTicks,
	{ seed, samples: wanted = SAMPLES }: { readonly seed: number; readonly samples?: number },
): FuelProfile | Refusal {
	const spent: number[] = [];
	const refused = played.play(
		() => {},
		(fuel) => spent.push(fuel),
	);
	if (refused) return refused;
	const fuel = spent.reduce((sum, units) => sum + units, 0);
	const tally = new Tally(game);
	const random = new SeededRandom(seed);
	const step = Math.max(1, fuel / wanted);
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = MOST_FRAMES;
	try {
		let done = 0;
		let begin = 0;
		let taken = 0;
		let next = random.next() * step;
		played.play(
			(simulation, tick, inbox) => {
				const own = spent[done++] ?? 0;
				const stops: number[] = [];
				for (; next < begin + own; next = (++taken + random.next()) * step) {
					stops.push(Math.floor(next - begin));
				}
				begin += own;
				if (stops.length > 0) stopAt(simulation, tick, inbox, stops, tally);
			},
			() => {},
		);
	} finally {
		Error.stackTraceLimit = limit;
	}
	const { samples, functions, places } = tally;
	return { ticks: spent.length, fuel, samples, functions, lines: places };
}
