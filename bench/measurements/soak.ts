import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { check, judge, type Measurement } from "../result.ts";
import { DIST } from "../root.ts";
import type { CycleReport } from "../soak/churn.ts";

const MINUTES = 20;

/** Says that a third of the cycles were over: by then code is compiled and caches are full. */
function settled<T>(cycles: readonly T[]): T {
	return cycles[Math.floor(cycles.length / 3)] as T;
}

export const soak: Measurement = {
	id: "soak",
	about: `players come and go for ${MINUTES} minutes, rooms are made and swapped: what grows`,
	async run() {
		const args = [path.join(DIST, "bench/soak.js"), "--minutes", String(MINUTES), "--json"];
		const options = { timeout: (MINUTES + 5) * 60_000, maxBuffer: 16 * 1024 * 1024 };
		const { stdout } = await promisify(execFile)(process.execPath, args, options);
		const { cycles, slopes } = JSON.parse(stdout) as {
			cycles: CycleReport[];
			slopes: Record<"heap" | "external" | "rss" | "files", number>;
		};
		const [first, level, last] = [cycles[0], settled(cycles), cycles.at(-1)] as CycleReport[];
		const sum = (of: (cycle: CycleReport) => number) => cycles.reduce((n, c) => n + of(c), 0);
		const peer = (name: string, value: number, unit: string) => ({ name, value, unit });
		return judge({
			id: this.id,
			value: slopes.heap / 1024,
			unit: "KiB of heap a cycle",
			spread: 0,
			checks: [
				check("heap at the end, of a third of the way", last.heapBytes / level.heapBytes, "", 1.1),
				check("rss at the end, of a third of the way", last.rssBytes / level.rssBytes, "", 1.1),
				check("files more than after the first cycle", last.files - first.files, "", 2),
				check(
					"rooms, connections and instances left",
					last.rooms + last.connections + last.instances,
					"",
					0,
				),
				check(
					"players lost",
					sum((c) => c.lost),
					"",
					0,
				),
			],
			peers: [
				peer("cycles", cycles.length, ""),
				peer(
					"joins",
					sum((c) => c.joins),
					"",
				),
				peer(
					"rooms opened",
					sum((c) => c.roomsOpened),
					"",
				),
				peer(
					"rooms swapped",
					sum((c) => c.swapped),
					"",
				),
				peer("slope of external memory", slopes.external / 1024, "KiB a cycle"),
				peer("slope of rss", slopes.rss / 1024, "KiB a cycle"),
				peer("slope of open files", slopes.files, "a cycle"),
			],
		});
	},
};
