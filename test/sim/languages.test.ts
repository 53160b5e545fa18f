import { expect, it } from "vitest";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { swapRoom } from "../../server/swap/swap-room.ts";
import { createWorld, type Room } from "../../testing/index.ts";
import { LANGUAGES, orbsIn } from "../support/build-language.ts";

/**
 * Four players; every 2 s the rules go on in the next language. Nobody fires: what a module remembers of
 * the last ticks, to look back at, does not go over.
 */
async function play(games: readonly GameModule[]) {
	const [first, ...others] = games as [GameModule, ...GameModule[]];
	const world = await createWorld({ games: [first], seed: 7, link: { delayMs: 30 } });
	const players: Room[] = [];
	for (const name of ["Ann", "Bob", "Cy", "Dee"]) {
		players.push(await world.connect({ game: "orbs", name }));
	}
	const random = new SeededRandom(11);
	const stop = world.every(50, () => {
		for (const { input } of players) {
			Object.assign(input, { dx: random.below(256) - 128, dy: random.below(256) - 128 });
		}
	});
	const lost: string[] = [];
	for (const player of players) player.onStatus((status) => lost.push(status));
	const room = world.serverRoomOf(players[0] as Room);
	if (!room) throw new Error("no room");
	const hashes: string[] = [];
	for (const next of [first, ...others]) {
		if (next !== room.game) expect(swapRoom(room, next)).toHaveProperty("report");
		await world.run(2_000);
		hashes.push(`${room.tick} ${stateHash(room.simulation, room.tick)}`);
	}
	stop();
	const { droppedTicks, abortedTicks, swaps } = room.counters;
	return { hashes, lost, failed: droppedTicks + abortedTicks, swaps };
}

it("changes its language again and again while it is played, and nobody can tell", async () => {
	const built = await Promise.all([...LANGUAGES, "assemblyscript" as const].map(orbsIn));
	const games = built.filter((game) => game !== null);
	const original = games[0] as GameModule;
	const changed = await play(games);
	const same = await play(games.map(() => original));
	expect(changed.hashes).toEqual(same.hashes);
	expect([changed.swaps, same.swaps]).toEqual([games.length - 1, 0]);
	expect([changed.lost, same.lost]).toEqual([[], []]);
	expect(changed.failed).toBe(0);
	console.log(`${games.length} languages, the last hash: ${changed.hashes.at(-1)}`);
}, 240_000);
