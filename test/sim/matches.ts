// Random matches, each a function of its seed: node dist/test/sim/matches.js --matches 1000 --seed 1
// A match that goes wrong prints its seed; `--matches 1 --seed <that>` plays it again.
import { parseArgs } from "node:util";
import { BROKEN_SERVERS } from "./match/broken-servers.ts";
import { hunt } from "./match/hunt.ts";
import { playMatch } from "./match/match.ts";
import { loadSimGames } from "./match/sim-games.ts";

const { values } = parseArgs({
	options: {
		matches: { type: "string", default: "100" },
		seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
		/** A line for each match. */
		verbose: { type: "boolean", default: false },
		/** How many matches each broken server survives, instead of matches on a whole one. */
		broken: { type: "boolean", default: false },
	},
});
const first = Number(values.seed);
const count = Number(values.matches);
const games = await loadSimGames();
if (values.broken) {
	for (const [what, broken] of Object.entries(BROKEN_SERVERS)) {
		const { matches, what: noticed } = await hunt(games, broken, first, count);
		console.log(`a server that ${what}: ${noticed ?? "NOT NOTICED"} in match ${matches}`);
	}
	process.exit();
}
console.log(`${count} matches from seed ${first}`);
const sums: Record<string, number> = {};
const drops: Record<string, number> = {};
const operations: Record<string, number> = {};
let failed = 0;
const startMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
	try {
		const { drops: named, operations: did, ...report } = await playMatch(games, seed);
		if (values.verbose)
			console.log(seed, JSON.stringify({ ...report, drops: named, operations: did }));
		for (const [key, value] of Object.entries(report)) {
			if (typeof value === "number") sums[key] = (sums[key] ?? 0) + value;
		}
		for (const [name, n] of Object.entries(named)) drops[name] = (drops[name] ?? 0) + n;
		for (const [name, n] of Object.entries(did)) operations[name] = (operations[name] ?? 0) + n;
	} catch (thrown) {
		failed++;
		console.log(`FAILED seed ${seed}: ${(thrown as Error).stack}`);
	}
}
const seconds = (performance.now() - startMs) / 1000;
const { virtualMs = 0 } = sums;
console.log(JSON.stringify({ ...sums, drops, operations }));
console.log(
	`${count} matches, ${failed} failed: ${Math.round(virtualMs / 1000)} s of virtual time in ` +
		`${seconds.toFixed(1)} s, ${Math.round(virtualMs / 1000 / seconds)} times real time`,
);
process.exitCode = failed > 0 ? 1 : 0;
