import type { SeededRandom } from "../../protocol/seeded-random.ts";
import { sealModule } from "../../server/module/seal/seal-module.ts";

/** A copy of a module with something wrong: bytes changed, cut, repeated, or moved. */
export function damaged(bytes: Uint8Array, random: SeededRandom): Uint8Array<ArrayBuffer> {
	const copy = new Uint8Array(bytes);
	switch (random.below(5)) {
		case 0:
			return copy.slice(0, random.below(copy.length));
		case 1: {
			const from = random.below(copy.length);
			copy.copyWithin(random.below(copy.length), from, from + random.below(64));
			return copy;
		}
		case 2: {
			const at = random.below(copy.length);
			const more = Array.from({ length: random.below(8) }, () => random.below(256));
			return new Uint8Array([...copy.subarray(0, at), ...more, ...copy.subarray(at)]);
		}
		default:
			for (let left = 1 + random.below(4); left > 0; left--) {
				const at = 8 + random.below(copy.length - 8);
				copy[at] = random.chance(0.5) ? copy[at] ^ (1 << random.below(8)) : random.below(256);
			}
			return copy;
	}
}

/**
 * Seals whatever it is given. Anything may be refused, by the seal or then by the engine; but what the
 * engine takes raw and the seal takes too must still validate. Returns what is wrong, or null.
 */
export function checkDamaged(bytes: Uint8Array<ArrayBuffer>): string | null {
	const result = sealModule(bytes);
	if ("error" in result) return null;
	const isValidRaw = WebAssembly.validate(bytes);
	const isValidSealed = WebAssembly.validate(result.sealed);
	if (isValidRaw === isValidSealed) return null;
	return isValidRaw ? "valid before and not after sealing" : "valid only after sealing";
}
