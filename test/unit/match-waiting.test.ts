import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchWaiting } from "../../server/match/queues/match-waiting.ts";
import { balanceTeams, packTeams, unfairness } from "../../server/match/queues/pack-teams.ts";
import { type QueueConfig, readQueueConfig } from "../../server/match/queues/queue-config.ts";
import {
	ratingOf,
	takesRegion,
	type Waiting,
	windowOf,
} from "../../server/match/queues/waiting.ts";
import { simulateRush } from "../sim/simulate-rush.ts";
import { holds } from "../support/holds.ts";

function queue(json: object): QueueConfig {
	const config = readQueueConfig({ name: "q", game: "arena", ...json });
	if ("problem" in config) throw new Error(config.problem);
	return config;
}

let ids = 0;
function one(rating: number, more: Partial<Waiting> = {}): Waiting {
	return { id: `w${ids++}`, size: 1, rating, regions: [], sinceMs: 0, ...more };
}

const ratings = (teams: readonly (readonly Waiting[])[]) =>
	teams.map((team) => team.map(({ rating }) => rating));

describe("a queue's configuration", () => {
	it("has sound defaults, and says what is wrong with it", () => {
		expect(queue({ teamSize: 2 })).toMatchObject({ teams: 1, backfill: true, acceptMs: 0 });
		const cases: [object | null | unknown[], RegExp][] = [
			[null, /object/],
			[[], /object/],
			[{}, /teamSize/],
			[{ teamSize: 1 }, /two players/],
			[{ teamSize: 2.5 }, /teamSize is a whole/],
			[{ teamSize: 33, teams: 2 }, /at most 64/],
			[{ teamSize: 2, name: "a b" }, /name/],
			[{ teamSize: 2, game: "" }, /game/],
			[{ teamSize: 2, window: { start: 1 } }, /window\.perSecond/],
			[{ teamSize: 2, window: { start: Number.NaN, perSecond: 1, most: 1 } }, /window\.start/],
			[{ teamSize: 2, incomplete: { teamSize: 3, afterMs: 0 } }, /incomplete\.teamSize/],
			[{ teamSize: 2, regions: ["eu", "eu"] }, /regions/],
			[{ teamSize: 2, regions: "eu" }, /regions/],
			[{ teamSize: 2, partyRating: "worst" }, /partyRating/],
			[{ teamSize: 2, backfill: 1 }, /backfill/],
			[{ teamSize: 2, acceptMs: -1 }, /acceptMs/],
			[{ teamSize: 2, teamsize: 3 }, /no "teamsize"/],
		];
		for (const [json, problem] of cases) {
			const given = json === null || Array.isArray(json) ? json : { name: "q", game: "g", ...json };
			expect(readQueueConfig(given)).toEqual({ problem: expect.stringMatching(problem) });
		}
	});
});

describe("what somebody takes", () => {
	const config = queue({
		teamSize: 2,
		window: { start: 50, perSecond: 10, most: 200 },
		regions: ["eu", "us", "asia"],
		regionStepMs: 5_000,
	});

	it("widens with the time that they wait, up to a limit", () => {
		const waiting = one(1_500, { sinceMs: 1_000 });
		expect([0, 1_000, 2_000, 11_000, 99_000].map((ms) => windowOf(waiting, config, ms))).toEqual([
			50, 50, 60, 150, 200,
		]);
	});

	it("begins with their first wish of a region, and goes on to the next ones", () => {
		const waiting = one(1_500, { regions: ["us", "eu"] });
		const at = (ms: number) =>
			["eu", "us", "asia", null].map((r) => takesRegion(waiting, r, config, ms));
		expect(at(0)).toEqual([false, true, false, true]);
		expect(at(5_000)).toEqual([true, true, false, true]);
		expect(at(99_000)).toEqual([true, true, false, true]);
		expect(takesRegion(one(1_500), "asia", config, 0)).toBe(true);
	});

	it("is a party's as its mean or its best, where nobody's rating is missing", () => {
		const party = [{ rating: 1_000 }, { rating: null }, { rating: 2_300 }];
		expect(ratingOf(party, config)).toBe(1_600);
		expect(ratingOf(party, queue({ teamSize: 3, partyRating: "best" }))).toBe(2_300);
	});
});

describe("teams", () => {
	const parties = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 });

	it("are packed without parting anybody, wherever trying everything finds a way", () => {
		const fits = (sizes: readonly number[], free: readonly number[]): boolean => {
			const [size, ...rest] = sizes;
			if (size === undefined) return true;
			return free.some((seats, i) => seats >= size && fits(rest, free.with(i, seats - size)));
		};
		let found = 0;
		let possible = 0;
		holds(
			fc.property(parties, (sizes) => {
				const all = sizes.map((size) => one(1_500, { size }));
				const packed = packTeams(all, 2, 5);
				if (fits(sizes, [5, 5])) possible++;
				if (!packed) return;
				found++;
				expect(new Set(packed.flat())).toEqual(new Set(all));
				for (const team of packed) {
					expect(team.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(5);
				}
			}),
			1_000,
		);
		expect(found).toBe(possible);
	});

	it("are balanced: the same players, whole parties, and never less fair", () => {
		const players = fc.array(
			fc.record({
				size: fc.integer({ min: 1, max: 3 }),
				rating: fc.integer({ min: 0, max: 3_000 }),
			}),
			{ minLength: 2, maxLength: 8 },
		);
		holds(
			fc.property(players, (all) => {
				const packed = packTeams(
					all.map(({ size, rating }) => one(rating, { size })),
					2,
					5,
				);
				const players = packed?.flat().reduce((sum, { size }) => sum + size, 0);
				if (!packed || players !== 10) return;
				const balanced = balanceTeams(packed, 5);
				expect(new Set(balanced.flat())).toEqual(new Set(packed.flat()));
				for (const team of balanced) {
					expect(team.reduce((sum, { size }) => sum + size, 0)).toBe(5);
				}
			}),
			2_000,
		);
		const even = balanceTeams(
			[
				[one(2_000), one(1_900)],
				[one(1_100), one(1_000)],
			],
			2,
		);
		expect(unfairness(even)).toBe(0);
	});
});

describe("the matcher", () => {
	const duels = queue({ teams: 2, teamSize: 1, window: { start: 100, perSecond: 10, most: 500 } });

	it("puts neighbours together, and beginning with whoever has waited longest", () => {
		const waiting = [
			one(1_500),
			one(1_590, { sinceMs: 5 }),
			one(1_510, { sinceMs: 9 }),
			one(3_000),
		];
		const formed = matchWaiting(duels, waiting, [], 10);
		expect(formed.map(({ teams }) => ratings(teams).flat().sort())).toEqual([[1_500, 1_510]]);
	});

	it("asks both sides: a newcomer is not taken far because the other has waited long", () => {
		const old = one(1_500, { sinceMs: 0 });
		const newcomer = one(1_800, { sinceMs: 40_000 });
		expect(matchWaiting(duels, [old, newcomer], [], 40_000)).toEqual([]);
		expect(matchWaiting(duels, [old, newcomer], [], 60_000)).toHaveLength(1);
	});

	it("keeps parties together, and packs them where that needs another order", () => {
		const fives = queue({ teams: 2, teamSize: 3 });
		const sizes = [1, 1, 2, 2];
		const waiting = sizes.map((size, i) => one(1_500 + i, { size }));
		const [match] = matchWaiting(fives, waiting, [], 0);
		expect(match?.teams.map((team) => team.map(({ size }) => size).sort())).toEqual([
			[1, 2],
			[1, 2],
		]);
	});

	it("does with fewer when somebody has waited long enough, in equal teams", () => {
		const config = queue({ teams: 2, teamSize: 3, incomplete: { teamSize: 1, afterMs: 30_000 } });
		const waiting = [1, 2, 3, 4, 5].map((i) => one(1_500 + i));
		expect(matchWaiting(config, waiting, [], 29_999)).toEqual([]);
		const [match] = matchWaiting(config, waiting, [], 30_000);
		expect(match?.teams.map((team) => team.length)).toEqual([2, 2]);
		expect(matchWaiting(config, waiting.slice(0, 1), [], 30_000)).toEqual([]);
	});

	it("fills matches that lack players before it makes new ones, the oldest first", () => {
		const opening = { match: "m1", region: null, free: [1, 0], rating: 1_500, sinceMs: 10 };
		const older = { match: "m0", region: null, free: [0, 1], rating: 1_500, sinceMs: 5 };
		const waiting = [one(1_500), one(1_505, { sinceMs: 1 }), one(1_510, { sinceMs: 2 })];
		const formed = matchWaiting(duels, waiting, [opening, older], 20);
		expect(formed).toEqual([
			{ kind: "backfill", match: "m0", teams: [[], [waiting[0]]] },
			{ kind: "backfill", match: "m1", teams: [[waiting[1]], []] },
		]);
		const none = { ...duels, backfill: false };
		expect(matchWaiting(none, waiting, [opening], 20).map(({ kind }) => kind)).toEqual(["match"]);
	});

	it("lets nobody into a running match who is of another strength or elsewhere", () => {
		const config = queue({ teams: 2, teamSize: 1, regions: ["eu", "us"] });
		const opening = { match: "m", region: "eu", free: [1, 0], rating: 1_500, sinceMs: 0 };
		const strong = one(1_700, { regions: ["eu"] });
		const away = one(1_500, { regions: ["us"] });
		expect(matchWaiting(config, [strong, away], [opening], 0)).toEqual([]);
	});

	it("plays where everybody would", () => {
		const config = queue({ teams: 2, teamSize: 1, regions: ["eu", "us"], regionStepMs: 10_000 });
		const eu = one(1_500, { regions: ["eu", "us"] });
		const us = one(1_500, { regions: ["us"] });
		expect(matchWaiting(config, [eu, us], [], 9_999)).toEqual([]);
		expect(matchWaiting(config, [eu, us], [], 10_000)).toMatchObject([{ region: "us" }]);
	});

	it("gives the same for the same, takes nobody twice, and keeps to every promise", () => {
		const config = queue({ teams: 2, teamSize: 3, regions: ["eu", "us"] });
		const somebody = fc.record({
			size: fc.integer({ min: 1, max: 3 }),
			rating: fc.integer({ min: 1_000, max: 2_000 }),
			regions: fc.constantFrom<string[][]>(["eu"], ["us"], ["us", "eu"], []),
			sinceMs: fc.nat(60_000),
		});
		holds(
			fc.property(fc.array(somebody, { maxLength: 40 }), (all) => {
				const waiting = all.map((more, i): Waiting => ({ id: `p${i}`, ...more }));
				const formed = matchWaiting(config, waiting, [], 60_000);
				expect(matchWaiting(config, [...waiting].reverse(), [], 60_000)).toEqual(formed);
				const taken = formed.flatMap(({ teams }) => teams.flat());
				expect(new Set(taken).size).toBe(taken.length);
				for (const match of formed) {
					if (match.kind !== "match") throw new Error("there was nothing to fill");
					const players = match.teams.flat();
					for (const team of match.teams) {
						expect(team.reduce((sum, { size }) => sum + size, 0)).toBe(3);
					}
					const isNear = (a: Waiting, b: Waiting) =>
						Math.abs(a.rating - b.rating) <= windowOf(a, config, 60_000) &&
						Math.abs(a.rating - b.rating) <= windowOf(b, config, 60_000);
					// somebody is near to all of them
					expect(players.some((one) => players.every((other) => isNear(one, other)))).toBe(true);
					for (const player of players) {
						expect(takesRegion(player, match.region, config, 60_000)).toBe(true);
					}
				}
			}),
			500,
		);
	});

	it("serves a rush: nearly everybody soon, and near to one another", () => {
		const config = queue({ teams: 2, teamSize: 1, window: { start: 50, perSecond: 5, most: 400 } });
		const rush = simulateRush(config, { players: 10_000, hours: 0.1, seed: 7 });
		expect(rush.matched).toBeGreaterThan(900);
		expect(rush.left).toBeLessThan(20);
		expect(rush.waitMs(0.95)).toBeLessThan(20_000);
		expect(rush.spread(0.95)).toBeLessThan(150);
	});
});
