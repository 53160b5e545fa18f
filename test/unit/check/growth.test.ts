import { describe, expect, it } from "vitest";
import { type Check, checkGame } from "../../../server/check/check-game.ts";
import { showCheck } from "../../../server/check/check-report.ts";
import { growthTest } from "../../../server/check/growth-test.ts";
import { type GameModule, instantiate } from "../../../server/module/game-module.ts";
import { randomPlayers } from "../../../server/swap/random-inboxes.ts";
import { buildDots } from "../journal/journal-match.ts";

const TICK = "export function tick(): void {";

/** dots with `top` above its tick and `rules` in it. */
async function dotsWith(top: string, rules: string): Promise<GameModule> {
	const { game } = await buildDots([
		["import { ctx,", "import { log, ctx,"],
		[TICK, `${top}\n$&\n${rules}`],
	]);
	return game;
}

function check(game: GameModule): Check {
	let ms = 0;
	return checkGame(game, { seed: 7, ticks: 600, players: 16 }, () => ms++);
}

/** Plays with two players and returns what the module's memory has grown to. */
function memoryAfter(game: GameModule, ticks: number, each?: (line: string) => void): number {
	const simulation = instantiate(game, (_, line) => each?.(line));
	expect(simulation.init(1)).toBeNull();
	const inboxOf = randomPlayers(game.descriptor, { seed: 1, players: 2 });
	for (let tick = 0; tick < ticks; tick++) {
		simulation.inbox.load(inboxOf(tick));
		expect(simulation.tick(tick)).toBeNull();
	}
	return simulation.memoryBytes;
}

describe("what a tick allocates", () => {
	it.each([
		[
			"a log line with a number each second",
			"",
			`if (ctx.tick % 60 == 0) log(\`tick \${ctx.tick}\`);`,
		],
		["an array in each tick", "", "const few: i32[] = [1, 2, 3]; few.push(<i32>ctx.tick);"],
		["a kilobyte of text in each tick", "", 'log("x".repeat(1000) + ctx.tick.toString());'],
	])("is given back: %s", async (_, top, rules) => {
		const game = await dotsWith(top, rules);
		const hour = 60 * 60 * 60;
		expect(memoryAfter(game, hour)).toBe(memoryAfter(game, 600));
		expect(check(game).growth.growth).toBeNull();
	});

	it("stays where something still refers to it", async () => {
		// rounds of objects are kept for a second each, and read again while garbage is collected around them
		const game = await dotsWith(
			`class Shot { constructor(public at: u32, public next: Shot | null) {} }
			let shots: Shot | null = null;
			const kept: string[] = [];`,
			`if (ctx.tick % 60 == 0) shots = null;
			shots = new Shot(ctx.tick, shots);
			let at = ctx.tick;
			for (let shot: Shot | null = shots; shot != null; shot = shot!.next, at--) assert(shot!.at == at);
			assert(at == ctx.tick - ctx.tick % 60 - 1);
			if (kept.length < 100) kept.push("kept " + ctx.tick.toString());
			for (let i = 0; i < kept.length; i++) assert(kept[i] == "kept " + i.toString());`,
		);
		const first = memoryAfter(game, 1200);
		expect(memoryAfter(game, 12_000)).toBe(first);
	});

	it("costs a game without objects nothing: its module has no collector", async () => {
		const { bytes: plain } = await buildDots([]);
		const game = await dotsWith("", `log(\`tick \${ctx.tick}\`);`);
		expect(plain.length).toBeLessThan(3500);
		expect(game.raw.length).toBeGreaterThan(plain.length + 2000);
	});
});

describe("the growth test", () => {
	it("names the place that keeps ever more, and when memory will be full", async () => {
		const game = await dotsWith(
			"const seen: string[] = [];",
			"if (ctx.tick % 30 == 0) seen.push(ctx.tick.toString());",
		);
		const result = check(game);
		const { growth } = result.growth;
		expect(growth?.bytesPerTick).toBeGreaterThan(0.5);
		expect(growth?.bytesPerTick).toBeLessThan(10);
		expect(growth?.frames.join("\n")).toMatch(/main\.ts:\d+/);
		const text = showCheck(result);
		expect(text).toMatch(/GROWTH TEST FAILS: \d+ B a second/);
		expect(text).toMatch(/used up after about \d+\.\d h more/);
	});

	it("forgives a store that is filled once and then used again", async () => {
		const game = await dotsWith(
			"const ring: i32[] = [];",
			"if (ring.length < 2000) ring.push(0); else ring[ctx.tick % 2000] = <i32>ctx.tick;",
		);
		expect(check(game).growth).toEqual({ ticks: 36_000, growth: null });
	});

	it("needs no language's help: memory that is just written further and further is found", async () => {
		const { game } = await buildDots([
			[
				TICK,
				"let at: usize = 40000;\n$&\nif (ctx.tick % 60 == 0) { store<u32>(at, 7); at += 16; }",
			],
		]);
		const found = growthTest(game, () => instantiate(game, () => {}), {
			seed: 1,
			ticks: 600,
			players: 2,
			fuelPerTick: 1000,
		});
		expect(found.growth?.bytesPerTick).toBeCloseTo(16 / 60, 1);
		expect(found.growth?.frames[0]).toMatch(/(main|entry)\.ts:\d+/);
	});
});
