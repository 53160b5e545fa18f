import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { CLOSE_CODES, type CloseName } from "../../protocol/errors.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { type CloseFrame, type LiveServer, listen, Neighbour } from "./live-server.ts";
import { loadFixture } from "./load-fixture.ts";

/** What the close frame of a drop says. */
export function frameOf(name: CloseName): CloseFrame {
	return { code: CLOSE_CODES[name], reason: name };
}

/** A server of dots with one honest player, for the tests of a file; filled before the first of them. */
export interface Neighbourhood {
	dots: GameModule;
	live: LiveServer;
	neighbour: Neighbour;
	dropsOf(name: CloseName): number;
}

/**
 * Opens it for a file's tests. Whatever a test does, afterwards the neighbour has got every snapshot, and
 * nobody else is left.
 */
export function openNeighbourhood(): Neighbourhood {
	const here = {
		dropsOf: (name: CloseName) => here.live.server.core.counters.drops.get(name) ?? 0,
	} as Neighbourhood;
	beforeAll(async () => {
		here.dots = await loadFixture("dots");
		here.live = await listen({ games: [here.dots] });
		here.neighbour = await Neighbour.join(here.live.url, "dots");
	});
	afterAll(async () => {
		await here.neighbour.leave();
		await here.live.server.close();
	});
	afterEach(async () => {
		const { live, neighbour } = here;
		await expect.poll(async () => (await live.health()).connections, { timeout: 5000 }).toBe(1);
		await neighbour.moreSnapshots(2);
		expect(neighbour.endings).toEqual([]);
		expect(neighbour.gaps).toEqual([3]);
		const room = live.server.core.directory.rooms.get(neighbour.room);
		await expect.poll(() => room?.players.size).toBe(1);
	});
	return here;
}
