import { beforeAll, describe, expect, it } from "vitest";
import type { GameModule } from "../../server/module/game-module.ts";
import { createWorld, type Link } from "../../testing/index.ts";
import type dots from "../fixtures/dots/schema.ts";
import { loadFixture } from "../support/load-fixture.ts";

let game: GameModule;
beforeAll(async () => {
	game = await loadFixture("dots");
});

const BAD: Link = {
	delayMs: 50,
	jitterMs: 30,
	stallsPerSecond: 0.5,
	stallMs: 200,
	bytesPerSecond: 20_000,
};

/** Two players who move, one of whom is cut off once; gives what was sent and what the world was like. */
async function play(seed: number) {
	const world = await createWorld({ games: [game], seed, link: BAD });
	const ann = await world.connect<typeof dots>({ game: "dots", name: "Ann" });
	const bob = await world.connect<typeof dots>({ game: "dots", name: "Bob" });
	ann.input.dx = 40;
	bob.input.dy = -25;
	await world.run(3_000);
	world.linkOf(bob).cut();
	await world.run(3_000);
	await world.settle();
	return { world, ann, bob };
}

describe("a simulated world", () => {
	it("runs real clients and a real server to the same state, over a bad line", async () => {
		const { world, ann, bob } = await play(5);
		expect(world.differences(ann)).toEqual([]);
		expect(world.differences(bob)).toEqual([]);
		expect([ann.status, ann.reconnects, ann.decodeErrors]).toEqual(["playing", 0, 0]);
		expect([bob.status, bob.reconnects, bob.decodeErrors]).toEqual(["playing", 1, 0]);
		bob.update();
		expect(bob.state.dot.used).toBe(2);
		expect(bob.state.dot.x[ann.player]).toBeGreaterThan(100);
		expect(bob.state.dot.y[bob.player]).toBeLessThan(-50);
	});

	it("is a function of its seed: the same bytes at the same times, or others for another", async () => {
		const runs = [await play(7), await play(7), await play(8)];
		const [a, b, c] = runs.map(({ world }) => ({ ...world.sent, hex: world.sent.hex }));
		expect(a?.messages).toBeGreaterThan(500);
		expect(b).toEqual(a);
		expect(c?.hex).not.toBe(a?.hex);
	});
});
