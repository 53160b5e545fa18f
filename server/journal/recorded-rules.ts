import { createImage, type Image } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { compileGame, type GameModule, instantiate, ModuleError } from "../module/game-module.ts";
import { inflate } from "./deflate.ts";
import {
	type JournalProblem,
	type PackedImage,
	type PackedRules,
	problem,
} from "./journal-format.ts";
import { schemaHash } from "./schema-hash.ts";

/** A module from a journal, sealed and compiled again. */
export interface RecordedRules {
	readonly game: GameModule;
	/** False if this build seals differently from the one that recorded: fuel may count differently. */
	readonly isSealedAlike: boolean;
	/** A fresh instance, with the fuel that the room gave it. `hs_init` has not run. */
	create(): Simulation;
}

/** Ticks that took effect once must not run out of fuel because another build charges more for them. */
const SPARE_FUEL = 4;
/** Fuel is counted in an i32. */
const MOST_FUEL = 0x7fff_ffff;

/** Seals and compiles a recorded module, which is trusted no more than any other. */
export function loadRules(rules: PackedRules): RecordedRules | JournalProblem {
	const raw = inflate(rules.packed, rules.length);
	if ("error" in raw) return raw;
	let game: GameModule;
	try {
		game = compileGame(raw, "the recorded module");
	} catch (thrown) {
		if (!(thrown instanceof ModuleError)) throw thrown;
		return problem("ERR_JOURNAL_MODULE", `${thrown.name}: ${thrown.message}`);
	}
	if (schemaHash(game.descriptor) !== rules.schemaHash) {
		return problem("ERR_JOURNAL_MODULE", "the recorded module declares other things than it did");
	}
	const isSealedAlike = game.hash === rules.moduleHash;
	return {
		game,
		isSealedAlike,
		create() {
			const simulation = instantiate(game, () => {});
			const fuel = rules.fuelPerTick * (isSealedAlike ? 1 : SPARE_FUEL);
			simulation.fuelPerTick = Math.min(fuel, MOST_FUEL);
			return simulation;
		},
	};
}

/** A recorded image, or a problem if it does not fit this module or cannot be unpacked. */
export function unpackImage(simulation: Simulation, packed: PackedImage): Image | JournalProblem {
	const own = createImage();
	simulation.save(own);
	const fits =
		packed.length % 65_536 === 0 &&
		packed.globals.length === own.globals.length &&
		packed.globals.every((value, i) => typeof value === typeof own.globals[i]);
	if (!fits) {
		return problem(
			"ERR_JOURNAL_IMAGE",
			`an image of ${packed.length} bytes and ${packed.globals.length} globals, the module has ${own.length} and ${own.globals.length}`,
		);
	}
	const bytes = inflate(packed.packed, packed.length);
	if ("error" in bytes) return bytes;
	return { bytes, length: packed.length, globals: [...packed.globals] };
}

/** Loads a recorded image into a running module, if it fits this module. */
export function restorePacked(simulation: Simulation, packed: PackedImage): JournalProblem | null {
	const image = unpackImage(simulation, packed);
	if ("error" in image) return image;
	if (image.length < simulation.memoryBytes) {
		const detail = `an image of ${image.length} bytes, the module begins with ${simulation.memoryBytes}`;
		return problem("ERR_JOURNAL_IMAGE", detail);
	}
	try {
		simulation.restore(image);
		return null;
	} catch (thrown) {
		// a memory may not grow beyond its maximum
		return problem("ERR_JOURNAL_IMAGE", (thrown as Error).message);
	}
}
