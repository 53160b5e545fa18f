import { createImage, type Image } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { runTick } from "../history/stretch.ts";
import { firstDifference, type StateDifference } from "../replay/compare-states.ts";
import type { CreateSimulation } from "./play.ts";
import { planToItself } from "./same-schema.ts";

interface SyncFailure {
	/** The state was saved before this tick, and restored. */
	readonly savedTick: number;
	/** The first tick that differed the second time. */
	readonly tick: number;
	/** Null when the declared columns are the same. `before` is the first time. */
	readonly difference: StateDifference | null;
	/** What else differs: an address in memory, or a global. */
	readonly detail: string;
}

export interface SyncResult {
	readonly checks: number;
	readonly failure: SyncFailure | null;
}

interface SyncOptions {
	readonly inboxes: readonly Uint8Array[];
	readonly seed: number;
	/** A check starts at intervals of this many ticks … */
	readonly every: number;
	/** … and runs this many of them twice. */
	readonly length: number;
}

function run(simulation: Simulation, inboxes: readonly Uint8Array[], from: number, to: number) {
	for (let tick = from; tick < to; tick++) {
		runTick(simulation, tick, inboxes[tick]);
	}
}

/** What differs between two images, or null. */
function compareImages(a: Image, b: Image): string | null {
	if (a.length !== b.length) return `the memory has ${b.length} bytes, the first time ${a.length}`;
	const [first, second] = [a.bytes.subarray(0, a.length), b.bytes.subarray(0, b.length)];
	if (Buffer.compare(first, second) !== 0) {
		const at = first.findIndex((byte, i) => byte !== second[i]);
		return `byte ${at} of the memory is ${second[at]}, the first time ${first[at]}`;
	}
	const global = a.globals.findIndex((value, i) => !Object.is(value, b.globals[i]));
	if (global < 0) return null;
	return `mutable global ${global} is ${b.globals[global]}, the first time ${a.globals[global]}`;
}

function save(simulation: Simulation): Image {
	const image = createImage();
	simulation.save(image);
	return image;
}

/**
 * Saves the state, runs some ticks, restores it and runs them again: memory, globals and state hash
 * must be the same, byte for byte. Otherwise, no replay, rollback or prediction could be trusted. As in
 * GGRS, `SyncTestSession`.
 */
export function syncTest(
	create: CreateSimulation,
	{ inboxes, seed, every, length }: SyncOptions,
): SyncResult {
	const simulation = create();
	simulation.init(seed);
	let checks = 0;
	for (let from = 0; from < inboxes.length; from += every) {
		const to = Math.min(from + length, inboxes.length);
		const saved = save(simulation);
		run(simulation, inboxes, from, to);
		const first = save(simulation);
		const firstHash = stateHash(simulation, to);
		simulation.restore(saved);
		run(simulation, inboxes, from, to);
		checks++;
		const isSame =
			stateHash(simulation, to) === firstHash && compareImages(first, save(simulation)) === null;
		if (!isSame) return { checks, failure: locate(create, simulation, saved, inboxes, from, to) };
		run(simulation, inboxes, to, Math.min(from + every, inboxes.length));
	}
	return { checks, failure: null };
}

/** Runs the ticks twice more, one by one, to name the first that differs. */
function locate(
	create: CreateSimulation,
	simulation: Simulation,
	saved: Image,
	inboxes: readonly Uint8Array[],
	from: number,
	to: number,
): SyncFailure {
	const images: Image[] = [];
	simulation.restore(saved);
	for (let tick = from; tick < to; tick++) {
		run(simulation, inboxes, tick, tick + 1);
		images.push(save(simulation));
	}
	simulation.restore(saved);
	for (let tick = from; tick < to; tick++) {
		run(simulation, inboxes, tick, tick + 1);
		const first = images[tick - from];
		const detail = compareImages(first, save(simulation));
		if (detail === null) continue;
		const before = create();
		before.restore(first);
		const difference = firstDifference(before, simulation, planToItself(before));
		return { savedTick: from, tick, difference, detail };
	}
	return {
		savedTick: from,
		tick: to - 1,
		difference: null,
		detail: "it differs only now and then",
	};
}
