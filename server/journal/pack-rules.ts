import type { GameModule } from "../module/game-module.ts";
import { deflate, SMALL } from "./deflate.ts";
import type { PackedRules } from "./journal-format.ts";
import { schemaHash } from "./schema-hash.ts";

/** A process has a few modules and many rooms: each module is deflated once. */
const packed = new WeakMap<GameModule, Promise<Uint8Array>>();

/** What a journal must hold of a module to run it again years later, on another machine. */
export async function packRules(game: GameModule, fuelPerTick: number): Promise<PackedRules> {
	let bytes = packed.get(game);
	if (!bytes) {
		bytes = deflate(game.raw, SMALL);
		packed.set(game, bytes);
	}
	return {
		moduleHash: game.hash,
		schemaHash: schemaHash(game.descriptor),
		fuelPerTick,
		length: game.raw.length,
		packed: await bytes,
	};
}
