import { describe, expect, it } from "vitest";
import type { QueueConfig } from "../../server/match/queues/queue-config.ts";
import { LEAD_KEY } from "../../server/match/queues/queue-records.ts";
import type { Change } from "../../server/match/store/store.ts";
import { QueueWorld, type QueueWorldOptions } from "./queue-world.ts";
import { FAULTS, QUEUES } from "./sim-queues.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
process.stdout.write(`queue seed: SEED=${seed}\n`);

describe("queues, with crashes, lost answers and leaders that sleep", () => {
	for (const [name, config] of Object.entries(QUEUES)) {
		it(`lose nobody and put nobody into two matches: ${name}`, async () => {
			const world = new QueueWorld({ config, seed, faults: FAULTS });
			await world.play(1_000);
			const { placed = 0, crashed = 0, killed = 0, followed = 0 } = world.counts;
			// the run was one
			expect(Math.min(placed, crashed, killed, followed)).toBeGreaterThan(5);
			process.stdout.write(`${name}: ${JSON.stringify(world.counts)}\n`);
		});
	}
});

/** Plays until the checker finds damage; null when it finds none. */
async function damage(options: Partial<QueueWorldOptions>): Promise<string | null> {
	for (let i = 0; i < 12; i++) {
		const config = QUEUES["teams that accept"] as QueueConfig;
		const world = new QueueWorld({ config, seed: seed + i, faults: FAULTS, ...options });
		const problem = await world.play(400).then(
			() => null,
			(thrown: Error) => thrown.message,
		);
		if (problem !== null) return problem;
	}
	return null;
}

const without = (isMeant: (change: Change) => boolean) => (changes: readonly Change[]) => [
	changes.filter((change) => !isMeant(change)),
];

describe("the checker finds the damage of a queue that", () => {
	it("does not look whether something has changed meanwhile, nor whether it leads", async () => {
		const spoil = (changes: readonly Change[]): Change[][] => {
			// it takes the lead as it should, and then trusts in it
			if (changes.length === 1 && changes[0]?.key === LEAD_KEY) return [[...changes]];
			const others = changes.filter(({ key }) => key !== LEAD_KEY);
			return [others.map(({ expect: _, ...rest }) => rest)];
		};
		expect(await damage({ spoil })).not.toBeNull();
	});

	it("changes one thing after the other instead of all at once", async () => {
		const spoil = (changes: readonly Change[]) => changes.map((change) => [change]);
		expect(await damage({ spoil })).not.toBeNull();
	});

	it("forgets to let users go", async () => {
		const isGoodbye = ({ key, value }: Change) => key.startsWith("u/") && value === null;
		expect(await damage({ spoil: without(isGoodbye) })).toMatch(/cannot wait any more/);
	});

	it("drops the tickets of a match that came to nothing", async () => {
		const isReturn = ({ key, value }: Change) =>
			key.startsWith("t/") && value?.includes('"state":"waiting"') === true;
		expect(await damage({ spoil: without(isReturn) })).toMatch(
			/match that is not there|left behind/,
		);
	});

	it("opens another room each time it is asked for a match's", async () => {
		expect(await damage({ forgetRooms: true })).toMatch(/two rooms/);
	});
});
