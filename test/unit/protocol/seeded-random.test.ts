import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

describe("seeded random numbers", () => {
	it("are those of splitmix32, today and tomorrow: seeds in reports stay good", () => {
		const random = new SeededRandom(1);
		const words = Array.from({ length: 4 }, () => random.u32().toString(16));
		expect(words).toEqual(["96a0f96b", "12bc8390", "971e9964", "79adc7e7"]);
	});

	it("do not depend on what another part of the program has drawn", () => {
		const draw = (label: number): Uint8Array => SeededRandom.fork(7, label).bytes(16);
		const before = draw(3);
		expect(draw(4)).not.toEqual(before);
		expect(draw(3)).toEqual(before);
	});

	it("fill their range evenly", () => {
		const random = new SeededRandom(99);
		const counts = new Array(8).fill(0);
		for (let i = 0; i < 8000; i++) counts[random.below(8)]++;
		expect(Math.min(...counts)).toBeGreaterThan(900);
		expect(Math.max(...counts)).toBeLessThan(1100);
	});
});
