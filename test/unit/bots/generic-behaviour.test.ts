import { describe, expect, it } from "vitest";
import type { BotView } from "../../../bots/behaviour.ts";
import { genericBehaviour } from "../../../bots/generic-behaviour.ts";
import { layoutRecord } from "../../../protocol/schema/define-game.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

describe("a behaviour by the input's types", () => {
	it("stays within each type, moves everything, and repeats itself with its seed", () => {
		const spec = layoutRecord([
			["turn", "i8"],
			["level", "u8"],
			["aim", "f32"],
			["fire", "bool"],
		]);
		const play = (): Record<string, number | boolean>[] => {
			const think = genericBehaviour(spec).create(new SeededRandom(5).next);
			const input: Record<string, number | boolean> = { turn: 0, level: 0, aim: 0, fire: false };
			return Array.from({ length: 300 }, (_, i) => {
				think({ state: {}, player: 0, input, nowMs: i * 200 } as unknown as BotView);
				return { ...input };
			});
		};
		const plays = play();
		expect(play()).toEqual(plays);
		const range = (name: string) => {
			const values = plays.map((p) => Number(p[name]));
			return { least: Math.min(...values), most: Math.max(...values) };
		};
		expect(range("turn").least).toBeGreaterThanOrEqual(-128);
		expect(range("turn").most).toBeLessThanOrEqual(127);
		expect(range("level").least).toBe(0);
		expect(range("level").most).toBeLessThanOrEqual(255);
		expect(range("aim").most).toBeLessThanOrEqual(1);
		expect(range("fire")).toEqual({ least: 0, most: 1 });
		for (const name of ["turn", "level", "aim"]) expect(range(name).most).toBeGreaterThan(0);
	});
});
