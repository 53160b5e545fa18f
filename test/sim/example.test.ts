import { createWorld } from "hotstep/testing";
import { expect, it } from "vitest";
import type arena from "../../game-logic/arena/schema.ts";

it("shows a shot to both players, over a bad line", async () => {
	const world = await createWorld({
		games: ["dist/games/arena.wasm"],
		link: { delayMs: 60, jitterMs: 30, stallsPerSecond: 0.5, stallMs: 200 },
	});
	const ann = await world.connect<typeof arena>({ game: "arena", name: "Ann" });
	const bob = await world.connect<typeof arena>({ game: "arena", name: "Bob" });
	ann.input.fire = true;
	await world.run(2_000); // two seconds of play, in a few milliseconds
	world.linkOf(bob).cut(); // Bob's connection breaks; he comes back by himself
	await world.run(5_000);
	await world.settle(); // clean lines, everybody caught up, the room stands still
	ann.update();
	expect(ann.state.bullet.used).toBeGreaterThan(0);
	expect(bob.reconnects).toBe(1);
	expect([...world.differences(ann), ...world.differences(bob)]).toEqual([]);
});
