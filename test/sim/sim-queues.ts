import { type QueueConfig, readQueueConfig } from "../../server/match/queues/queue-config.ts";
import type { Faults } from "./faulty-store.ts";

function queue(more: object): QueueConfig {
	const base = {
		name: "q",
		game: "arena",
		ticketMs: 60_000,
		window: { start: 100, perSecond: 50, most: 600 },
	};
	const config = readQueueConfig({ ...base, ...more });
	if ("problem" in config) throw new Error(config.problem);
	return config;
}

/** Queues of several kinds, in which things happen soon. */
export const QUEUES: Readonly<Record<string, QueueConfig>> = {
	duels: queue({ teams: 2, teamSize: 1 }),
	"teams that accept": queue({ teams: 2, teamSize: 3, acceptMs: 5_000 }),
	"a crowd of at least two": queue({ teamSize: 8, incomplete: { teamSize: 2, afterMs: 10_000 } }),
	regions: queue({ teams: 2, teamSize: 2, regions: ["eu", "us"], regionStepMs: 5_000 }),
};
/** A process crashes or sleeps about once in a cycle of ten. */
export const FAULTS: Faults = { crash: 0.01, lostAnswer: 0.01, sleep: 0.02 };
