// How long players wait: node dist/test/sim/queue-rush.js --players 10000 --hours 1 --seed 1
// Arrivals, ratings, parties and regions are drawn from the seed; printed are waits and spreads of ratings.
import { parseArgs } from "node:util";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { type QueueConfig, readQueueConfig } from "../../server/match/queues/queue-config.ts";
import { simulateRush } from "./simulate-rush.ts";

const { values } = parseArgs({
	options: {
		players: { type: "string", default: "10000" },
		hours: { type: "string", default: "1" },
		seed: { type: "string", default: "1" },
	},
});

function queue(json: object): QueueConfig {
	const config = readQueueConfig({ name: "rush", game: "arena", ...json });
	if ("problem" in config) throw new Error(config.problem);
	return config;
}

const regions = ["eu", "us", "asia"];
const window = { start: 50, perSecond: 5, most: 400 };
const QUEUES: Readonly<Record<string, QueueConfig>> = {
	"1 against 1": queue({ teams: 2, teamSize: 1, window }),
	"1 against 1, three regions": queue({ teams: 2, teamSize: 1, window, regions }),
	"5 against 5": queue({ teams: 2, teamSize: 5, window }),
	"5 against 5, three regions": queue({ teams: 2, teamSize: 5, window, regions }),
	"16 for themselves, 8 will do after 30 s": queue({
		teamSize: 16,
		window,
		incomplete: { teamSize: 8, afterMs: 30_000 },
	}),
};

const [players, hours, seed] = [values.players, values.hours, values.seed].map(Number) as [
	number,
	number,
	number,
];
console.log(
	`${players} players an hour for ${hours} h, seed ${seed}, a cycle each ${MATCH_LIMITS.cycleMs} ms`,
);
console.log(
	"| queue | matched | left over | wait p50 | p95 | p99 | spread p50 | p95 | team difference p50 |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
for (const [name, config] of Object.entries(QUEUES)) {
	const { matched, left, waitMs, spread, difference } = simulateRush(config, {
		players,
		hours,
		seed,
	});
	const s = (share: number) => `${(waitMs(share) / 1000).toFixed(1)} s`;
	const r = (of: (share: number) => number, share: number) => Math.round(of(share));
	console.log(
		`| ${name} | ${matched} | ${left} | ${s(0.5)} | ${s(0.95)} | ${s(0.99)} ` +
			`| ${r(spread, 0.5)} | ${r(spread, 0.95)} | ${r(difference, 0.5)} |`,
	);
}
