/*
 * Holds the seal against random modules and random damage for as long as it is told to:
 *
 *     npm run build && node dist/test/fuzz/seal-fuzz.js [--seconds 60] [--seed 1] [FILE.wasm …]
 *
 * Modules come from our own generator, from binaryen where `wasm-opt` is installed, and from the
 * files named, which are damaged too. The first finding is written down and ends the program with 1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { sealModule } from "../../server/module/seal/seal-module.ts";
import { BinaryenSource } from "./binaryen.ts";
import { checkSealing } from "./compare-runs.ts";
import { checkDamaged, damaged } from "./damage.ts";
import { randomModule } from "./random-module.ts";

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		seconds: { type: "string", default: "60" },
		seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
	},
});
const counts = { generated: 0, binaryen: 0, refused: 0, failed: 0, damaged: 0, harmless: 0 };

function report(seed: number, what: string, bytes: Uint8Array): never {
	const file = `seal-fuzz-${seed}.wasm`;
	writeFileSync(file, bytes);
	console.log(`seed ${seed}: ${what}\nwritten to ${file}`);
	process.exit(1);
}

function damage(seed: number, random: SeededRandom, bytes: Uint8Array, times: number): void {
	for (let i = 0; i < times; i++) {
		const broken = damaged(bytes, random);
		const wrong = checkDamaged(broken);
		if (wrong !== null) report(seed, wrong, broken);
		counts.damaged++;
		if (!("error" in sealModule(broken))) counts.harmless++;
	}
}

function tryBinaryen(seed: number, random: SeededRandom, source: BinaryenSource): void {
	const bytes = source.next(random);
	if (!bytes || !WebAssembly.validate(bytes)) {
		counts.failed++;
		return;
	}
	const result = sealModule(bytes);
	if ("error" in result) {
		// it may be above a limit; it cannot be malformed
		if (result.error === "ERR_MODULE_MALFORMED") report(seed, result.detail, bytes);
		counts.refused++;
		return;
	}
	const wrong = checkSealing(bytes);
	if (wrong !== null) report(seed, wrong, bytes);
	counts.binaryen++;
	damage(seed, random, bytes, 10);
}

const files = positionals.map((file) => new Uint8Array(readFileSync(file)));
const binaryen = BinaryenSource.isInstalled() ? new BinaryenSource() : null;
const first = Number(values.seed);
const until = Date.now() + Number(values.seconds) * 1000;
console.log(`from seed ${first}, ${binaryen ? "with" : "without"} binaryen`);
let seed = first;
for (; Date.now() < until; seed++) {
	const random = new SeededRandom(seed);
	const made = randomModule(seed);
	if (!WebAssembly.validate(made.bytes)) report(seed, "the generator made nonsense", made.bytes);
	const wrong = checkSealing(made.bytes, made);
	if (wrong !== null) report(seed, wrong, made.bytes);
	counts.generated++;
	damage(seed, random, made.bytes, 10);
	for (const bytes of files) damage(seed, random, bytes, 10);
	if (binaryen && seed % 4 === 0) tryBinaryen(seed, random, binaryen);
}
binaryen?.close();
console.log(`to seed ${seed - 1}: nothing found; ${JSON.stringify(counts)}`);
