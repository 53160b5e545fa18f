// How fast virtual time goes: node dist/test/sim/speed.js [game] [clients] [seconds]
import type { Behaviour } from "../../bots/behaviour.ts";
import { genericBehaviour } from "../../bots/generic-behaviour.ts";
import { createWorld, SeededRandom } from "../../testing/index.ts";
import { loadSimGames } from "./match/sim-games.ts";

const [name = "arena", clients = "8", seconds = "120"] = process.argv.slice(2);
const chosen = (await loadSimGames()).find(({ game }) => game.name === name);
if (!chosen) throw new Error(`no game "${name}"`);
const { game } = chosen;
const behaviour: Behaviour = chosen.behaviour ?? genericBehaviour(game.schema.input);
const world = await createWorld({ games: [game], seed: 1, link: { delayMs: 40, jitterMs: 20 } });
for (let i = 0; i < Number(clients); i++) {
	const client = await world.connect({ game: name, name: `bot ${i}` });
	const think = behaviour.create(new SeededRandom(i).next);
	world.every(1_000 / behaviour.thinksPerSecond, () => {
		client.update();
		const { state, player, input } = client;
		think({ state, player, input, nowMs: world.nowMs });
	});
}
await world.run(20_000);
const startMs = performance.now();
await world.run(Number(seconds) * 1_000);
const tookMs = performance.now() - startMs;
console.log(
	`${game.name}, ${clients} clients: ${seconds} s of virtual time in ${tookMs.toFixed(0)} ms, ` +
		`${((Number(seconds) * 1_000) / tookMs).toFixed(0)} times real time`,
);
