import path from "node:path";
import { SHIP_TOP_SPEED } from "../../game-logic/arena/constants.ts";
import type arena from "../../game-logic/arena/schema.ts";
import { createWorld, type Link } from "../../testing/index.ts";
import { flyAtRandom, watch } from "./prediction-flight.ts";

/** A line of 100 ms there and back; one with jitter, and a fiftieth of the time nothing for 200 ms. */
const LINES = {
	clean: { delayMs: 50 },
	rough: { delayMs: 50, jitterMs: 30, stallsPerSecond: 0.1, stallMs: 200 },
} as const satisfies Record<string, Link>;

/** Flies `ships` ships at random and tells how the first one's prediction did. */
async function measure(
	module: string,
	{ link, ships, minutes, seed }: { link: Link; ships: number; minutes: number; seed: number },
) {
	const world = await createWorld({ games: [module], seed, link });
	const enter = (name: string, isWatched: boolean) =>
		world.connect<typeof arena>({
			game: "arena",
			name,
			predict: isWatched,
			interpolate: isWatched,
		});
	const room = await enter("Ann", true);
	flyAtRandom(world, room, seed);
	for (let i = 1; i < ships; i++) flyAtRandom(world, await enter(`Bob ${i}`, false), seed + i);
	await world.run(2_000);
	const { flight } = watch(world, room, SHIP_TOP_SPEED);
	await world.run(minutes * 60_000);
	const { isOn } = room.stats.prediction;
	const sizes = [...flight.sizes].sort((a, b) => a - b);
	await world.settle();
	return {
		isOn,
		way: flight.way,
		corrections: flight.corrections,
		perSecond: flight.corrections / (minutes * 60),
		moved: sizes.length,
		median: sizes[sizes.length >> 1] ?? 0,
		p95: sizes[Math.floor(sizes.length * 0.95)] ?? 0,
		largest: sizes.at(-1) ?? 0,
		rerunPerSecond: flight.rerunTicks / (minutes * 60),
		snap: flight.snap,
		jerk: flight.jerk,
		delayTicks: flight.delayTicks,
		differences: world.differences(room).length,
	};
}

const MATCHES = [
	["lone ship, clean 100 ms", LINES.clean, 1],
	["lone ship, jitter 30 ms, 2 % stalls of 200 ms", LINES.rough, 1],
	["8 ships, clean 100 ms", LINES.clean, 8],
	["8 ships, jitter 30 ms, 2 % stalls of 200 ms", LINES.rough, 8],
] as const;

/** Built: `node dist/test/sim/prediction.js [virtual minutes] [seed]`. */
async function main([minutes = "10", seed = "1"]: string[]): Promise<void> {
	const module = path.resolve(import.meta.dirname, "../../games/arena.wasm");
	for (const [name, link, ships] of MATCHES) {
		const options = { link, ships, minutes: Number(minutes), seed: Number(seed) };
		const found = await measure(module, options);
		const units = (n: number): string => n.toFixed(3);
		console.log(`${name}: ${minutes} virtual minutes, prediction ${found.isOn ? "on" : "off"}
  ${found.corrections} corrections, ${units(found.perSecond)}/s; ${found.moved} moved the ship: median ${units(found.median)}, p95 ${units(found.p95)}, largest ${units(found.largest)} units
  ${found.rerunPerSecond.toFixed(0)} ticks/s run again; ${found.delayTicks.toFixed(1)} ticks of delay at most
  shown: largest snap ${units(found.snap)}, largest step beyond top speed ${units(found.jerk)} units, of ${found.way.toFixed(0)} flown
  ${found.differences} shown columns differ from the server's at the end`);
	}
}

await main(process.argv.slice(2));
