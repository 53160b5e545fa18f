import { expect, it } from "vitest";
import { replay } from "../../../server/replay/replay.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { buildDots, openBytes, recordMatch, swap } from "./journal-match.ts";

it("a journal tells of rules that were taken back for a value that is no number, seen after its tick", async () => {
	const game = await loadFixture("dots");
	const { game: sick } = await buildDots([
		["version: 1", "version: 2"],
		[
			"export function tick(): void {",
			"export function tick(): void { if (ctx.tick == 80) dot.x[0] = NaN;",
		],
	]);
	const { bytes, room, stopped } = await recordMatch({
		game,
		ticks: 200,
		seed: 3,
		before: (running, tick) => {
			if (tick === 60) swap(running, sick);
		},
	});
	expect([stopped, room.game.version, room.counters.rollbacks]).toEqual([null, 1, 1]);
	const again = replay(openBytes(bytes));
	expect(again).toMatchObject({ departure: null, fault: null, ticks: 200, swaps: 2 });
});
