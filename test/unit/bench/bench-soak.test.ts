import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { CycleReport } from "../../../bench/soak/churn.ts";

const SOAK = path.resolve(import.meta.dirname, "../../../dist/bench/soak.js");
/** Heap that may still grow over the few cycles after the first: caches and compiled code, no rooms. */
const HEAP_BOUND = 6 * 1024 * 1024;

interface Soak {
	cycles: CycleReport[];
	slopes: Record<string, number>;
}

describe("after players came and went and rules were swapped", () => {
	let soak: Soak;
	beforeAll(async () => {
		// a minute: the full soak is this program with --minutes 20
		const args = [SOAK, "--minutes", "1", "--cycle", "6", "--clients", "40", "--json"];
		const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 240_000 });
		soak = JSON.parse(stdout);
	}, 270_000);

	it("joins, new rooms and swaps did take place, and nobody was thrown out", () => {
		expect(soak.cycles.length).toBeGreaterThanOrEqual(3);
		for (const cycle of soak.cycles) {
			expect(cycle.joins).toBeGreaterThan(40);
			expect(cycle.roomsOpened).toBeGreaterThanOrEqual(4);
			expect(cycle.swapped).toBeGreaterThanOrEqual(1);
			expect(cycle.lost).toBe(0);
		}
	});

	it("no room, connection or instance of rules is left", () => {
		for (const { rooms, connections, instances } of soak.cycles) {
			expect({ rooms, connections, instances }).toEqual({ rooms: 0, connections: 0, instances: 0 });
		}
	});

	it("every file and socket is closed", () => {
		const files = soak.cycles.map((cycle) => cycle.files);
		// the keep-alive connection of the last look at /healthz may be open or not
		for (const open of files.slice(1)) expect(open).toBeLessThanOrEqual((files[0] ?? 0) + 2);
	});

	it("the heap comes back", () => {
		const [, second, ...rest] = soak.cycles.map((cycle) => cycle.heapBytes);
		const last = rest.at(-1) ?? 0;
		expect(last - (second ?? 0)).toBeLessThan(HEAP_BOUND);
	});
});
