import { describe, expect, it } from "vitest";
import { MOVE_REFUSALS } from "../../../server/worker/hand-over/move-refusal.ts";
import { playHandOvers } from "./hand-over-run.ts";
import { CORES, VARIANTS } from "./variants.ts";

// 3,000 of the seeds that `node dist/test/sim/hand-over/hand-overs.js --runs 100000` goes through
const FIRST = 1;
const RUNS = 3_000;
const FRESH_RUNS = 500;
/** A broken rule shows in one of so many runs. */
const MOST_RUNS = 1_500;

async function play(first: number, runs: number): Promise<Record<string, number>> {
	const sums: Record<string, number> = {};
	for (let seed = first; seed < first + runs; seed++) {
		for (const [what, times] of Object.entries(await playHandOvers(seed, CORES))) {
			sums[what] = (sums[what] ?? 0) + times;
		}
	}
	return sums;
}

describe("random hand-overs", () => {
	it("keep one owner, one history and every input, and end, whatever dies or is lost", async () => {
		const sums = await play(FIRST, RUNS);
		// what they are meant to try did happen
		expect(sums.done).toBeGreaterThan(5_000);
		expect(sums.workersKilled).toBeGreaterThan(1_000);
		expect(sums.recoveries).toBeGreaterThan(1_000);
		expect(sums.registerKilled).toBeGreaterThan(200);
		expect(sums.registerSucceeded).toBeGreaterThan(200);
		expect(sums.givenUp).toBeGreaterThan(200);
		expect(sums.linesClosed).toBeGreaterThan(1_000);
		// a model room is never over
		const reached = MOVE_REFUSALS.filter((name) => name !== "ERR_MOVE_OVER");
		for (const name of reached) expect([name, sums[name] ?? 0]).not.toEqual([name, 0]);
	}, 120_000);

	it("do so with seeds that nobody has tried", async () => {
		const first = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fffffff));
		process.stdout.write(`hand-over seeds: SEED=${first}, ${FRESH_RUNS} of them\n`);
		await play(first, FRESH_RUNS);
	}, 120_000);

	it("go the same way again from their seed", async () => {
		expect(await playHandOvers(77, CORES)).toEqual(await playHandOvers(77, CORES));
	});
});

describe("the simulator notices that", () => {
	it.each(Object.entries(VARIANTS))(
		"%s",
		async (_, { cores, faults }) => {
			let broken = 0;
			let reason = "";
			for (let seed = FIRST; seed < FIRST + MOST_RUNS && broken === 0; seed++) {
				try {
					await playHandOvers(seed, cores, faults);
				} catch (thrown) {
					broken = seed;
					reason = (thrown as Error).message;
				}
			}
			expect(broken).toBeGreaterThan(0);
			expect(reason).toContain(`seed ${broken}`);
			// and what it noticed is the broken rule: the whole ones go well there
			await playHandOvers(broken, CORES, faults);
		},
		60_000,
	);
});
