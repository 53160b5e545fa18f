import { describe, expect, it } from "vitest";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import { runningClock } from "../../../server/room/clock.ts";

describe("the clock of a server", () => {
	it("leaves out the time for which the process stood still, and says how much", () => {
		let machineMs = 1_000;
		const said: number[] = [];
		const clock = runningClock((ms) => said.push(ms), { now: () => machineMs });
		machineMs += 900;
		expect(clock.now()).toBe(1_900);
		machineMs += SERVER_LIMITS.standstillMs;
		expect(clock.now()).toBe(1_900 + SERVER_LIMITS.standstillMs);
		expect(said).toEqual([]);
		machineMs += 3_600_000;
		expect(clock.now()).toBe(1_900 + 2 * SERVER_LIMITS.standstillMs);
		expect(said).toEqual([3_600_000 - SERVER_LIMITS.standstillMs]);
		machineMs += 16;
		expect(clock.now()).toBe(1_916 + 2 * SERVER_LIMITS.standstillMs);
	});
});
