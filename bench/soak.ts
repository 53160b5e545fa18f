// Lets players come and go for a long time, and tells whether everything they used comes back:
//
//     node dist/bench/soak.js --minutes 20
import { parseArgs } from "node:util";
import { Churn, type CycleReport } from "./soak/churn.ts";
import { slope } from "./soak/memory.ts";

const { values } = parseArgs({
	options: {
		minutes: { type: "string", default: "20" },
		cycle: { type: "string", default: "20" },
		clients: { type: "string", default: "100" },
		json: { type: "boolean", default: false },
	},
});
const cycleSeconds = Number(values.cycle);
const untilMs = performance.now() + Number(values.minutes) * 60_000;

function mib(bytes: number): string {
	return (bytes / 2 ** 20).toFixed(1);
}

function line(c: CycleReport, n: number): string {
	const held = `heap ${mib(c.heapBytes)} external ${mib(c.externalBytes)} rss ${mib(c.rssBytes)} MiB`;
	const left = `${c.files} files, ${c.instances} instances, ${c.rooms} rooms, ${c.connections} connections`;
	return `${String(n).padStart(4)}  ${c.joins} joins, ${c.roomsOpened} rooms, ${c.swapped} swapped, ${c.lost} lost${c.lost > 0 ? ` ${JSON.stringify(c.drops)}` : ""}  |  ${held}, ${left}`;
}

const churn = await Churn.start();
const cycles: CycleReport[] = [];
do {
	const report = await churn.cycle(Number(values.clients), cycleSeconds);
	cycles.push(report);
	if (!values.json) process.stdout.write(`${line(report, cycles.length)}\n`);
} while (performance.now() < untilMs);
await churn.stop();

// the first cycle compiles code and fills caches: what it left is the level to come back to
const settled = cycles.slice(1);
const perCycle = (of: (report: CycleReport) => number) => slope(settled.map(of));
const slopes = {
	heap: perCycle((c) => c.heapBytes),
	external: perCycle((c) => c.externalBytes),
	rss: perCycle((c) => c.rssBytes),
	files: perCycle((c) => c.files),
};
if (values.json) process.stdout.write(`${JSON.stringify({ cycles, slopes })}\n`);
else {
	const kib = (bytes: number) => (bytes / 1024).toFixed(1);
	process.stdout.write(
		`slope for each cycle: heap ${kib(slopes.heap)} KiB, external ${kib(slopes.external)} KiB, rss ${kib(slopes.rss)} KiB, files ${slopes.files.toFixed(2)}\n`,
	);
}
