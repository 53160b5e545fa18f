import { it } from "vitest";
import type arena from "../../game-logic/arena/schema.ts";
import { createWorld } from "../../testing/index.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { flyAtRandom, watch } from "./prediction-flight.ts";

for (const n of [1, 8, 16]) it("flies " + n, async () => {
	const game = await loadFixture("arena");
	const stallsPerSecond = 0.02 / 0.2;
	const world = await createWorld({ games: [game], seed: 5, link: { delayMs: 50, jitterMs: 30, stallsPerSecond, stallMs: 200 } });
	const room = await world.connect<typeof arena>({ game: "arena", name: "Ann", predict: true, interpolate: true });
	flyAtRandom(world, room, 3);
	for (let i = 1; i < n; i++) {
		const other = await world.connect<typeof arena>({ game: "arena", name: "Bob" + i });
		flyAtRandom(world, other, 100 + i);
	}
	await world.run(3000);
	const { flight } = watch(world, room, 340);
	const t0 = performance.now();
	for (let i = 0; i < 3; i++) {
		await world.run(20_000);
		const { sizes, ...rest } = flight;
		sizes.sort((a, b) => a - b);
		console.log(JSON.stringify({ ...rest, n: sizes.length, p50: sizes[sizes.length >> 1], p95: sizes[Math.floor(sizes.length * 0.95)], max: sizes.at(-1), s: room.stats.slackTicks, c: world.serverRoomOf(room)?.counters.inputsRepeated, late: world.serverRoomOf(room)?.counters.inputsLate, ms: performance.now() - t0, d: room.stats.interpolationDelayMs, p: room.stats.prediction.aheadTicks }));
	}
});
