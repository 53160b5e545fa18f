import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { groupLines } from "../../../server/ops/group-lines.ts";

describe("groupLines", () => {
	let lines: [message: string, fields: Record<string, unknown>][];
	const grouped = () => groupLines((_, message, fields = {}) => lines.push([message, fields]));
	beforeEach(() => {
		lines = [];
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it("writes the first of what goes wrong, and ten seconds later the last and how many", () => {
		const { log } = grouped();
		for (let n = 0; n < 26_000; n++) log("info", "dropped", { name: "ERR_TEXT_FRAME", n });
		expect(lines).toEqual([["dropped", { name: "ERR_TEXT_FRAME", n: 0 }]]);
		vi.advanceTimersByTime(10_000);
		expect(lines.slice(1)).toEqual([
			["dropped", { name: "ERR_TEXT_FRAME", n: 25_999, repeats: 25_999 }],
		]);
		log("info", "dropped", { name: "ERR_TEXT_FRAME", n: 1 });
		expect(lines).toHaveLength(3);
		vi.advanceTimersByTime(60_000);
		expect(lines).toHaveLength(3);
	});

	it("tells rooms, errors and messages apart", () => {
		const { log } = grouped();
		for (let n = 0; n < 60; n++) {
			log("error", "tick failed", { room: "a", kind: "trap" });
			log("error", "tick failed", { room: "b", kind: "trap" });
			log("error", "tick failed", { room: "b", kind: "fuel" });
		}
		expect(lines.map(([, { room, kind }]) => `${room} ${kind}`)).toEqual([
			"a trap",
			"b trap",
			"b fuel",
		]);
	});

	it("lets twenty pass where nothing went wrong", () => {
		const { log } = grouped();
		for (let n = 0; n < 30; n++) log("info", "joined", { room: "a", name: `player ${n}` });
		expect(lines).toHaveLength(20);
		vi.advanceTimersByTime(10_000);
		expect(lines.at(-1)).toEqual(["joined", { room: "a", name: "player 29", repeats: 10 }]);
	});

	it("remembers no more than a thousand kinds", () => {
		const { log } = grouped();
		for (let n = 0; n < 5000; n++) {
			log("info", `line ${n}`, { room: "a", from: "module" });
		}
		expect(lines).toHaveLength(1000 + 20);
	});

	it("writes what it holds when told to", () => {
		const { log, flush } = grouped();
		for (let n = 0; n < 3; n++) log("warn", "wrong admin token", { error: "ERR_ADMIN_TOKEN" });
		flush();
		expect(lines.at(-1)?.[1]).toMatchObject({ repeats: 2 });
		vi.advanceTimersByTime(10_000);
		expect(lines).toHaveLength(2);
	});
});
