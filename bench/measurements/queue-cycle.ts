import { SeededRandom } from "../../protocol/seeded-random.ts";
import { matchWaiting } from "../../server/match/queues/match-waiting.ts";
import { Queue } from "../../server/match/queues/queue.ts";
import { type QueueConfig, readQueueConfig } from "../../server/match/queues/queue-config.ts";
import { QueueRunner } from "../../server/match/queues/queue-runner.ts";
import type { Waiting } from "../../server/match/queues/waiting.ts";
import { MemoryStore } from "../../server/match/store/memory-store.ts";
import { median, spreadOf } from "../measure.ts";
import { check, judge, type Measurement } from "../result.ts";

const TICKETS = 1_000;
const ROUNDS = 15;

function queue(json: object): QueueConfig {
	const config = readQueueConfig({ name: "bench", game: "arena", ...json });
	if ("problem" in config) throw new Error(config.problem);
	return config;
}

/** Two teams of five out of parties of up to five, near enough to one another for most to find a match. */
const CONFIG = queue({ teams: 2, teamSize: 5, window: { start: 100, perSecond: 10, most: 1_000 } });
/** Ratings so far apart that nobody matches, which looks at everybody. */
const APART = queue({ teams: 2, teamSize: 5, window: { start: 0.1, perSecond: 0, most: 1 } });

function partySize(random: SeededRandom): number {
	return random.chance(0.7) ? 1 : 2 + random.below(4);
}

function crowd(seed: number): Waiting[] {
	const random = new SeededRandom(seed);
	return Array.from({ length: TICKETS }, (_, i) => ({
		id: String(i),
		size: partySize(random),
		rating: random.between(800, 2_200),
		regions: [],
		sinceMs: i,
	}));
}

function timed(run: () => void): number {
	const startMs = performance.now();
	run();
	return performance.now() - startMs;
}

/** One whole cycle of a leader, with the store in memory and rooms that cost nothing. */
async function timedCycle(seed: number): Promise<number> {
	let nowMs = 0;
	const now = () => nowMs;
	const store = new MemoryStore({ now });
	const players = new Queue({ config: CONFIG, store, now });
	const random = new SeededRandom(seed);
	for (let i = 0; i < TICKETS; i++) {
		const rating = random.between(800, 2_200);
		const members = Array.from({ length: partySize(random) }, (_, n) => ({
			user: `user-${i}-${n}`,
			name: "somebody",
			rating,
		}));
		await players.enter(members, []);
	}
	const rooms = { place: async () => true, look: async () => new Map() };
	const runner = new QueueRunner({ config: CONFIG, store, now, rooms });
	nowMs += 500;
	const startMs = performance.now();
	await runner.cycle();
	return performance.now() - startMs;
}

export const queueCycle: Measurement = {
	id: "queue-cycle",
	about: `one cycle of a queue in which ${TICKETS} tickets wait, parties of up to five for five against five`,
	async run() {
		const whole: number[] = [];
		const pure: number[] = [];
		const apart: number[] = [];
		for (let round = -3; round < ROUNDS; round++) {
			const cycleMs = await timedCycle(round);
			const waiting = crowd(round);
			const pureMs = timed(() => matchWaiting(CONFIG, waiting, [], 20_000));
			const apartMs = timed(() => matchWaiting(APART, waiting, [], 20_000));
			// the first ones only let the engine compile
			if (round < 0) continue;
			whole.push(cycleMs);
			pure.push(pureMs);
			apart.push(apartMs);
		}
		return judge({
			id: this.id,
			value: median(whole),
			unit: "ms",
			spread: spreadOf(whole),
			goal: 20,
			peers: [
				{ name: "of it the matcher alone", value: median(pure), unit: "ms" },
				{ name: "the matcher where nobody matches", value: median(apart), unit: "ms" },
			],
			checks: [check("slowest of all rounds", Math.max(...whole), "ms", 20)],
		});
	},
};
