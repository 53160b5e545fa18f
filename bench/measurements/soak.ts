import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { check, judge, type Measurement } from "../result.ts";
import { DIST } from "../root.ts";
import type { CycleReport } from "../soak/churn.ts";

const MINUTES = 20;

/** The cycle after a third of all: by then code is compiled and caches are full. */
function settled<T>(cycles: readonly T[]): T {
	return cycles[Math.floor(cycles.length / 3)];
}

export const soak: Measurement = {
	id: "soak",
	about: `what grows over ${MINUTES} minutes in which players come and go and rooms are opened and swapped`,
	async run() {
		const args = [path.join(DIST, "bench/soak.js"), "--minutes", String(MINUTES), "--json"];
		const options = { timeout: (MINUTES + 5) * 60_000, maxBuffer: 16 * 1024 * 1024 };
		const { stdout } = await promisify(execFile)(process.execPath, args, options);
		const { cycles, slopes } = JSON.parse(stdout) as {
			cycles: CycleReport[];
			slopes: Record<"heap" | "external" | "rss" | "files", number>;
		};
		const [first, level, last] = [cycles[0], settled(cycles), cycles.at(-1)] as CycleReport[];
		const left = last.rooms + last.connections + last.instances;
		const sum = (of: (cycle: CycleReport) => number) => cycles.reduce((n, c) => n + of(c), 0);
		const lost = sum((c) => c.lost);
		const counts = {
			cycles: cycles.length,
			joins: sum((c) => c.joins),
			"rooms opened": sum((c) => c.roomsOpened),
			"rooms swapped": sum((c) => c.swapped),
		};
		return judge({
			id: this.id,
			value: slopes.heap / 1024,
			unit: "KiB of heap a cycle",
			spread: 0,
			checks: [
				check("heap at the end, of a third of the way", last.heapBytes / level.heapBytes, "", 1.1),
				check("rss at the end, of a third of the way", last.rssBytes / level.rssBytes, "", 1.1),
				check("files more than after the first cycle", last.files - first.files, "", 2),
				check("rooms, connections and instances left", left, "", 0),
				check("players lost", lost, "", 0),
			],
			peers: [
				...Object.entries(counts).map(([name, value]) => ({ name, value, unit: "" })),
				{ name: "slope of external memory", value: slopes.external / 1024, unit: "KiB a cycle" },
				{ name: "slope of rss", value: slopes.rss / 1024, unit: "KiB a cycle" },
				{ name: "slope of open files", value: slopes.files, unit: "a cycle" },
			],
		});
	},
};
