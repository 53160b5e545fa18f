import { describe, expect, it } from "vitest";
import { type GameModule, instantiate } from "../../server/module/game-module.ts";
import { randomPlayers } from "../../server/swap/random-inboxes.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { loadVariant, replace } from "../support/variant.ts";

/** Plays with two players; what memory was after a minute of the game, and at the end. */
function play(game: GameModule, ticks: number): { early: number; late: number } {
	const simulation = instantiate(game, () => {});
	expect(simulation.init(1)).toBeNull();
	const inboxOf = randomPlayers(game.descriptor, { seed: 1, players: 2 });
	let early = 0;
	for (let tick = 0; tick < ticks; tick++) {
		simulation.inbox.load(inboxOf(tick));
		const fault = simulation.tick(tick);
		if (fault) throw new Error(`tick ${tick}: ${fault.kind}: ${fault.detail}`);
		if (tick === 60 * game.descriptor.tickRate) early = simulation.memoryBytes;
	}
	return { early, late: simulation.memoryBytes };
}

const GAMES: Readonly<Record<string, () => Promise<GameModule>>> = {
	arena: () => loadFixture("arena"),
	dots: () => loadFixture("dots"),
	meadow: () => loadFixture("meadow"),
	"the template": () => loadVariant({ game: "template", schema: replace("__NAME__", "coins") }),
	// all 10,000 agents take three quarters of an hour for it
	"swarm with 100 agents": () =>
		loadVariant({
			game: "swarm",
			others: { "constants.ts": replace("AGENTS = 10000", "AGENTS = 100") },
		}),
	"dots that log a line each second": () =>
		loadVariant({
			main: (source) =>
				source
					.replace("import { ctx,", "import { log, ctx,")
					.replace(
						"tick(): void {",
						`tick(): void { if (ctx.tick % 60 == 0) log(\`at \${ctx.tick}\`);`,
					),
		}),
};

describe("a room that is open for 24 hours", () => {
	it.each(Object.keys(GAMES))(
		"uses no more memory than after a minute: %s",
		async (name) => {
			const game = await (GAMES[name] as () => Promise<GameModule>)();
			const { early, late } = play(game, 24 * 3600 * game.descriptor.tickRate);
			expect(early).toBeGreaterThan(0);
			expect(late).toBe(early);
		},
		240_000,
	);
});
