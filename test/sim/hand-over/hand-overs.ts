// Random hand-overs, each run a function of its seed: node dist/test/sim/hand-over/hand-overs.js --runs 100000 --seed 1
// A run that goes wrong prints its seed; `--runs 1 --seed <that>` plays it again. `--variant NAME` breaks a rule.
import { parseArgs } from "node:util";
import { playHandOvers } from "./hand-over-run.ts";
import { CORES, VARIANTS } from "./variants.ts";

const { values } = parseArgs({
	options: {
		runs: { type: "string", default: "1000" },
		seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
		variant: { type: "string" },
	},
});
const first = Number(values.seed);
const count = Number(values.runs);
const variant = values.variant === undefined ? { cores: CORES } : VARIANTS[values.variant];
if (!variant)
	throw new Error(`no variant "${values.variant}": ${Object.keys(VARIANTS).join("; ")}`);
const { cores, faults } = variant;
console.log(`${count} runs from seed ${first}`);
const sums: Record<string, number> = {};
let failed = 0;
const startMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
	try {
		for (const [what, times] of Object.entries(await playHandOvers(seed, cores, faults))) {
			sums[what] = (sums[what] ?? 0) + times;
		}
	} catch (thrown) {
		if (failed++ < 20) console.log(`FAILED ${(thrown as Error).message}`);
	}
}
console.log(JSON.stringify(sums));
const seconds = (performance.now() - startMs) / 1000;
console.log(`${count} runs, ${failed} failed, in ${seconds.toFixed(1)} s`);
process.exitCode = failed > 0 ? 1 : 0;
