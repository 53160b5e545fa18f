import { randomInt } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../../testing/index.ts";
import { type MatchReport, playMatch } from "./match/match.ts";
import { loadSimGames, type SimGame } from "./match/sim-games.ts";

/** Ten that are always played, and some that are new each time: MATCH_SEED plays those again. */
const FIXED = Array.from({ length: 10 }, (_, i) => i + 1);
const FRESH = 20;
const given = process.env.MATCH_SEED;
const freshSeed = given === undefined ? randomInt(1e9) : Number(given);

let games: SimGame[];
beforeAll(async () => {
	games = await loadSimGames();
}, 120_000);

describe("random matches", () => {
	it("end with every client's view equal to what the server would show it", async () => {
		const reports: MatchReport[] = [];
		for (const seed of FIXED) reports.push(await playMatch(games, seed));
		// what they are meant to try did happen
		const sum = (
			key: "reconnects" | "swaps" | "skipped" | "rows" | "inputs" | "replayed",
		): number => reports.reduce((n, report) => n + report[key], 0);
		expect(sum("reconnects")).toBeGreaterThan(30);
		expect(sum("swaps")).toBeGreaterThan(5);
		expect(sum("skipped")).toBeGreaterThan(300);
		expect(sum("rows")).toBeGreaterThan(2_000);
		expect(sum("inputs")).toBeGreaterThan(10_000);
		expect(sum("replayed")).toBeGreaterThan(10);
	}, 120_000);

	it(`end so from seed ${freshSeed} on too (MATCH_SEED=${freshSeed})`, async () => {
		for (let n = 0; n < FRESH; n++) await playMatch(games, freshSeed + n);
	}, 120_000);

	it("go the same way again from their seed", async () => {
		const [first, again] = [await playMatch(games, 12), await playMatch(games, 12)];
		expect(again).toEqual(first);
	});

	it("name their seed when something is wrong", async () => {
		const [chosen] = games as [SimGame];
		const broken: SimGame = {
			...chosen,
			behaviour: {
				thinksPerSecond: 1,
				looks: false,
				create: () => () => {
					throw new Error("a bot gave up");
				},
			},
		};
		await expect(playMatch([broken], 77)).rejects.toThrow(/a bot gave up .*seed 77/);
	});
});

describe("a world whose players have gone", () => {
	/** Has a match in `world` and gives hold of its room without holding it. */
	async function playAndLeave(world: World): Promise<WeakRef<object>> {
		const players = [];
		for (let i = 0; i < 4; i++) players.push(await world.connect({ game: "arena" }));
		await world.run(3_000);
		const [room] = world.directory.rooms.values();
		if (!room) throw new Error("no room");
		for (const player of players) player.leave();
		await world.run(3_000);
		expect([world.directory.rooms.size, room.players.size, room.seats.viewers.size]).toEqual([
			0, 0, 0,
		]);
		return new WeakRef(room);
	}

	it("keeps nothing of the room, although the clients and the server live on", async () => {
		const arena = games.find(({ game }) => game.name === "arena")?.game;
		if (!arena) throw new Error("no arena");
		const world = await createWorld({
			games: [arena],
			seed: 1,
			server: { rooms: { emptyRoomMs: 500 } },
		});
		const room = await playAndLeave(world);
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		for (let i = 0; i < 10 && room.deref(); i++) {
			await world.run(1_000);
			collect();
		}
		expect(room.deref()).toBeUndefined();
		expect(world.counters.roomsClosed).toBe(1);
	});
});
