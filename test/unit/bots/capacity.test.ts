import { describe, expect, it } from "vitest";
import { type Stage, searchCapacity } from "../../../bots/capacity/search.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

const bounds = { start: 32, most: 10_000, step: 1 };

function stage(clients: number, passed: boolean, isToolLimited = false): Stage {
	const why = passed ? [] : ["snapshotGapMs.p99>75 (90)"];
	return { clients, passed, why, isToolLimited, gapP99Ms: 0, snapshotShare: 1 };
}

describe("the search for a capacity", () => {
	it.each([1, 33, 100, 777, 5_000])(
		"finds a sharp edge at %i within 15 %%, twice",
		async (edge) => {
			const found = await searchCapacity(async (n) => stage(n, n <= edge), bounds);
			expect(found.limitedBy).toBe("server");
			expect(found.answers).toHaveLength(2);
			expect(found.agreed).toBe(true);
			for (const answer of found.answers) {
				expect(answer).toBeLessThanOrEqual(edge);
				expect(answer).toBeGreaterThanOrEqual(Math.floor(edge * 0.85));
			}
			expect(found.stages.length).toBeLessThan(60);
		},
	);

	it("bears stages that fail for no reason now and then", async () => {
		const random = new SeededRandom(11).next;
		const run = async (n: number): Promise<Stage> => stage(n, n <= 700 && random() > 0.05);
		const { answers, clients } = await searchCapacity(run, bounds);
		expect(clients, `answers ${answers}`).toBeGreaterThan(550);
	});

	it("says when it ended at its bound, and that nobody fits", async () => {
		const all = await searchCapacity(async (n) => stage(n, true), { ...bounds, most: 300 });
		expect(all).toMatchObject({ clients: 300, limitedBy: "max-clients", agreed: true });
		const none = await searchCapacity(async (n) => stage(n, false), bounds);
		expect(none).toMatchObject({ clients: 0, limitedBy: "server" });
		expect(none.answer).toContain("snapshotGapMs.p99>75");
	});

	it("calls its answer a lower bound when this tool was what gave way", async () => {
		const found = await searchCapacity(async (n) => stage(n, n <= 200, n > 200), bounds);
		expect(found.limitedBy).toBe("tool");
		expect(found.answer).toMatch(/^At least \d+ clients: a lower bound/);
	});

	it("fills whole rooms only", async () => {
		const tried: number[] = [];
		const run = async (n: number): Promise<Stage> => {
			tried.push(n);
			return stage(n, n <= 240);
		};
		const { clients } = await searchCapacity(run, { start: 32, most: 1_000, step: 50 });
		expect(clients).toBe(200);
		expect(tried.every((n) => n % 50 === 0)).toBe(true);
	});

	it("says so when its searches do not agree", async () => {
		let calls = 0;
		// a machine that holds half as much with every search
		const run = async (n: number): Promise<Stage> => stage(n, n <= 3_000 * 0.9 ** calls++);
		const found = await searchCapacity(run, bounds);
		expect(found.answers).toHaveLength(3);
		expect(found.agreed).toBe(false);
		expect(found.answer).toContain("do not agree");
	});
});
