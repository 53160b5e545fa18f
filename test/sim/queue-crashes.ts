// Queues with crashes, each run a function of its seed: node dist/test/sim/queue-crashes.js --cycles 100000 --seed 1
// A run that goes wrong prints its seed; `--seed <that> --cycles 1000` plays it again.
import { parseArgs } from "node:util";
import { QueueWorld } from "./queue-world.ts";
import { FAULTS, QUEUES } from "./sim-queues.ts";

const { values } = parseArgs({
	options: {
		cycles: { type: "string", default: "100000" },
		seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
	},
});
const RUN_CYCLES = 1_000;
const first = Number(values.seed);
const runs = Math.ceil(Number(values.cycles) / RUN_CYCLES);
const sums: Record<string, number> = {};
let failed = 0;
const startMs = performance.now();
for (let seed = first; seed < first + runs; seed++) {
	const names = Object.keys(QUEUES);
	const name = names[seed % names.length] as string;
	const config = QUEUES[name];
	if (!config) continue;
	const world = new QueueWorld({ config, seed, faults: FAULTS });
	try {
		await world.play(RUN_CYCLES);
	} catch (thrown) {
		failed++;
		console.log(`FAILED seed ${seed} (${name}): ${(thrown as Error).stack}`);
	}
	for (const [what, count] of Object.entries(world.counts)) sums[what] = (sums[what] ?? 0) + count;
}
console.log(JSON.stringify(sums));
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(`${runs * RUN_CYCLES} cycles from seed ${first}, ${failed} runs failed, ${seconds} s`);
process.exitCode = failed > 0 ? 1 : 0;
