import { readFileSync } from "node:fs";
import path from "node:path";
import { createImage, type Image } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { runTick } from "../history/stretch.ts";
import { compareSchemas } from "../migration/compare-schemas.ts";
import { instantiate } from "../module/game-module.ts";
import { firstDifference, type StateDifference } from "../replay/compare-states.ts";
import type { Command } from "./engine.ts";
import type { Stretch } from "./export-match.ts";
import { type MatchTick, matchTicks, readHostImage } from "./match-file.ts";
import { type HostRun, type HostTick, runHost } from "./run-host.ts";

/** The first tick that came out otherwise in another engine. `before` is what it is here. */
export interface EngineDifference {
	readonly tick: number;
	readonly hash: string;
	readonly hashHere: string;
	readonly fuel: number;
	readonly fuelHere: number;
	/** Null when nothing that the game declares differs: then it is the fuel alone. */
	readonly state: StateDifference | null;
}

export interface MatchRun extends HostRun {
	/** Ticks that came out alike. */
	readonly ticks: number;
	readonly difference: EngineDifference | null;
	/** Whether all of memory and all globals are the same at the end, NaN bits and all. Null if it was not reached. */
	readonly sameImage: boolean | null;
}

function isSameImage(here: Simulation, there: Image): boolean {
	const own = createImage();
	here.save(own);
	return (
		own.length === there.length &&
		Buffer.compare(own.bytes.subarray(0, own.length), there.bytes) === 0 &&
		own.globals.every((value, i) => Object.is(value, there.globals[i]))
	);
}

/** The state here after `tick`, by running the match again. */
function stateHere(stretch: Stretch, match: Uint8Array, tick: number): Simulation {
	const simulation = stretch.begin();
	for (const next of matchTicks(match)) {
		if (next.tick > tick) break;
		runTick(simulation, next.tick, next.inbox);
	}
	return simulation;
}

/** Runs a match in another engine and compares every tick. Files go to `folder`. */
export async function verifyMatch(
	command: Command,
	stretch: Stretch,
	folder: string,
): Promise<MatchRun> {
	const match = readFileSync(stretch.file);
	const expected = matchTicks(match);
	const file = path.join(folder, "after.image");
	let ticks = 0;
	let wrong: { here: MatchTick; there: HostTick } | null = null;
	let strange: string | null = null;
	const run = await runHost(command, {
		match: stretch.file,
		image: { tick: stretch.lastTick, file },
		onTick(there) {
			const here = expected.next().value as MatchTick | undefined;
			if (here?.tick !== there.tick) {
				strange = `it speaks of tick ${there.tick} after ${ticks} ticks`;
				return false;
			}
			if (here.hash !== there.hash || here.fuel !== there.fuel) {
				wrong = { here, there };
				return false;
			}
			ticks++;
			return true;
		},
	});
	const failure = run.failure ?? strange;
	const result = { ...run, ticks, failure, difference: null, sameImage: null };
	// TypeScript does not see that the callback sets it
	const found = wrong as { here: MatchTick; there: HostTick } | null;
	if (found) {
		const { here, there } = found;
		const state = await differenceAfter(command, stretch, match, here.tick, file);
		const { tick, hash, fuel } = there;
		return {
			...result,
			difference: { tick, hash, fuel, hashHere: here.hash, fuelHere: here.fuel, state },
		};
	}
	if (failure !== null) return result;
	if (ticks < stretch.ticks) {
		return { ...result, failure: `it ended after ${ticks} of ${stretch.ticks} ticks` };
	}
	const image = imageOf(file, stretch);
	if (image === null) return { ...result, failure: "it left no image of its last state" };
	return { ...result, sameImage: isSameImage(stretch.end, image) };
}

function imageOf(file: string, { globalTypes }: Stretch): Image | null {
	try {
		return readHostImage(readFileSync(file), globalTypes);
	} catch {
		return null;
	}
}

/** Runs the host once more to the tick that differs, for its state. */
async function differenceAfter(
	command: Command,
	stretch: Stretch,
	match: Uint8Array,
	tick: number,
	file: string,
): Promise<StateDifference | null> {
	await runHost(command, { match: stretch.file, image: { tick, file }, onTick: () => true });
	const image = imageOf(file, stretch);
	if (image === null) return null;
	const there = instantiate(stretch.game, () => {});
	there.restore(image);
	const here = stateHere(stretch, match, tick);
	const compared = compareSchemas(here.descriptor, there.descriptor);
	return "error" in compared ? null : firstDifference(here, there, compared.plan);
}
