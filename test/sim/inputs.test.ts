import { describe, expect, it } from "vitest";
import { createWorld } from "../../testing/index.ts";
import { loadVariant, replace } from "../support/variant.ts";

describe("inputs", () => {
	it.each([
		[60, 60],
		[60, 30],
		[60, 10],
		[60, 5],
		[240, 30],
	])("are in time at %i ticks and %i messages a second", async (tickRate, sendRate) => {
		const game = await loadVariant({
			schema: replace("tickRate: 60", `tickRate: ${tickRate}`),
		});
		const world = await createWorld({ games: [game], seed: 4, link: { delayMs: 20 } });
		const ann = await world.connect({ game: "dots", name: "Ann", sendRate });
		// the clocks find each other
		await world.run(4_000);
		const room = world.serverRoomOf(ann);
		if (!room) throw new Error("no room");
		const { inputsLate, inputsRepeated, inputsDropped } = room.counters;
		await world.run(10_000);
		expect(room.counters).toMatchObject({ inputsLate, inputsRepeated, inputsDropped });
	});

	it("are in time mostly on an uneven path, though each waits for some", async () => {
		const game = await loadVariant({});
		const link = { delayMs: 50, jitterMs: 100 };
		const world = await createWorld({ games: [game], seed: 4, link });
		const ann = await world.connect({ game: "dots", name: "Ann" });
		await world.run(6_000);
		const room = world.serverRoomOf(ann);
		if (!room) throw new Error("no room");
		const { tick, counters } = room;
		const { inputsLate } = counters;
		await world.run(30_000);
		// as many as every third would be, were the mean held instead
		expect((counters.inputsLate - inputsLate) / (room.tick - tick)).toBeLessThan(0.15);
	});
});
