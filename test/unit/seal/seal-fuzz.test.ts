import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { sealModule } from "../../../server/module/seal/seal-module.ts";
import { moduleFile } from "../../fixtures/build-module.ts";
import { checkSealing } from "../../fuzz/compare-runs.ts";
import { checkDamaged, damaged } from "../../fuzz/damage.ts";
import { randomModule } from "../../fuzz/random-module.ts";

/** `SEAL_SEED=… npx vitest run test/unit/seal-fuzz.test.ts` draws the same cases again. */
const SEED = Number(process.env.SEAL_SEED ?? Date.now() % 1_000_000);
const MODULES = 80;
const DAMAGES = 500;

describe(`from seed ${SEED}`, () => {
	it("random modules do the same once sealed, and pay for it, the same each time", () => {
		for (let seed = SEED; seed < SEED + MODULES; seed++) {
			const made = randomModule(seed);
			expect(WebAssembly.validate(made.bytes), `seed ${seed} is a valid module`).toBe(true);
			expect(checkSealing(made.bytes, made), `seed ${seed}`).toBeNull();
		}
	});

	it.each(["dots", "arena"] as const)(
		"%s is refused or harmless with random damage",
		async (name) => {
			const bytes = new Uint8Array(await readFile(await moduleFile(name)));
			const random = new SeededRandom(SEED);
			for (let i = 0; i < DAMAGES; i++) {
				expect(checkDamaged(damaged(bytes, random)), `damage ${i}`).toBeNull();
			}
		},
	);

	it("random bytes behind a header are refused", () => {
		const random = new SeededRandom(SEED);
		for (let i = 0; i < 500; i++) {
			const bytes = Uint8Array.from({ length: 8 + random.below(300) }, () => random.below(256));
			bytes.set([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
			expect("error" in sealModule(bytes)).toBe(true);
		}
	});
});

describe("a real module", () => {
	it("cut anywhere, or with a bit of any byte flipped, is refused or harmless", async () => {
		const bytes = new Uint8Array(await readFile(await moduleFile("dots")));
		for (let length = 0; length < bytes.length; length++) {
			expect(checkDamaged(bytes.slice(0, length)), `cut to ${length}`).toBeNull();
		}
		const random = new SeededRandom(SEED);
		for (let at = 0; at < bytes.length; at++) {
			const flipped = bytes.slice();
			flipped[at] = flipped[at] ^ (1 << random.below(8));
			expect(checkDamaged(flipped), `byte ${at}`).toBeNull();
		}
	});
});
