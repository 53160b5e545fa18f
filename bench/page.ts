import type { Bar, BarGroup } from "./bar-chart.ts";
import type { HistoryLine } from "./history.ts";
import type { Measurement, Peer, Result } from "./result.ts";

/** More would be a long picture; the table has them all. */
const DRAWN_GROUPS = 3;

/** The newest result of a measurement, and the run that it comes from. */
interface Latest {
	measurement: Measurement;
	result: Result;
	run: HistoryLine;
}

/** Of each measurement the newest result, in the order in which they run. */
function latestOf(history: readonly HistoryLine[], measurements: readonly Measurement[]): Latest[] {
	return measurements.flatMap((measurement) => {
		for (const run of history.toReversed()) {
			const found = run.results.find(({ id }) => id === measurement.id);
			if (found && !("failed" in found)) return [{ measurement, result: found, run }];
		}
		return [];
	});
}

/** Figures that several contenders have: peers named `contender: figure`. */
function compared(peers: readonly Peer[]): BarGroup[] {
	const groups = new Map<string, { title: string; unit: string; bars: Bar[] }>();
	for (const peer of peers) {
		const split = peer.name.lastIndexOf(": ");
		if (split < 0) continue;
		const title = peer.name.slice(split + 2);
		const group = groups.get(title) ?? { title, unit: peer.unit, bars: [] };
		group.bars.push({ name: peer.name.slice(0, split), value: peer.value });
		groups.set(title, group);
	}
	return [...groups.values()].filter(({ bars }) => bars.length > 1);
}

/** What of a result is drawn: what contenders have in common, else peers of the value's unit. */
export function groupsOf({ value, unit, peers }: Result): BarGroup[] {
	const shared = compared(peers);
	if (shared.length > 0) return shared.slice(0, DRAWN_GROUPS);
	const alike = peers.filter((peer) => peer.unit === unit && unit !== "");
	if (alike.length === 0) return [];
	const others = alike.map((peer) => ({ name: peer.name, value: peer.value }));
	return [{ title: unit, unit, bars: [{ name: "hotstep", value }, ...others] }];
}

function goalText({ goal, atLeast }: { goal: number | null; atLeast: boolean }): string {
	return goal === null ? "" : `${atLeast ? "≥" : "≤"} ${Number(goal.toPrecision(4))}`;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

function table(rows: readonly (readonly string[])[]): string {
	const [head = [], ...body] = rows;
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.trim()).join(" | ")} |`;
	return `${[line(head), line(head.map(() => "---")), ...body.map(line)].join("\n")}\n`;
}

/** What several contenders have in common, a column for each of them. */
function contenders({ peers }: Result): string[] {
	const groups = compared(peers);
	const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
	if (names.length === 0) return [];
	const rows = groups.map(({ title, unit, bars }) => [
		`${title}, ${unit}`,
		...names.map((name) => String(bars.find((bar) => bar.name === name)?.value ?? "")),
	]);
	return [table([["", ...names], ...rows])];
}

function section({ measurement, result, run }: Latest): string {
	const { id, peers, checks, notMeasured, value, unit, spread, goal, atLeast } = result;
	const isWithin = goal !== null && (atLeast ? value >= goal : value <= goal);
	const yes = (met: boolean) => (met ? "yes" : "**no**");
	const drawn = new Set(
		compared(peers).flatMap(({ title, bars }) => bars.map((b) => `${b.name}: ${title}`)),
	);
	const rows = [
		["", "", "goal", "met"],
		["**result**", `${value} ${unit}`, goalText(result), goal === null ? "" : yes(isWithin)],
		...checks.map((c) => [c.name, `${c.value} ${c.unit}`, goalText(c), yes(c.met)]),
		...peers.filter((p) => !drawn.has(p.name)).map((p) => [p.name, `${p.value} ${p.unit}`, "", ""]),
	];
	const repeats = `Spread of the repeats: ${Math.round(spread * 100)} %.`;
	const where = `Commit ${run.commit}, ${run.time.slice(0, 10)}, Node ${run.machine.node}.`;
	return [
		`## ${id}\n`,
		`${capital(measurement.about)}. ${repeats} ${where}\n`,
		table(rows),
		...contenders(result),
		...(groupsOf(result).length > 0 ? [`![${id}](benchmarks/${id}.svg)\n`] : []),
		...notMeasured.map((what) => `Not measured: ${what.replace(/\s+/g, " ")}\n`),
	].join("\n");
}

interface BenchPage {
	markdown: string;
	/** By measurement. */
	charts: Map<string, BarGroup[]>;
}

/** The page of the newest figures of every measurement. */
export function benchPage(
	history: readonly HistoryLine[],
	measurements: readonly Measurement[],
): BenchPage {
	const found = latestOf(history, measurements);
	const charts = new Map<string, BarGroup[]>();
	for (const { result } of found) {
		const groups = groupsOf(result);
		if (groups.length > 0) charts.set(result.id, groups);
	}
	const machine = history.at(-1)?.machine;
	const missing = measurements.filter(({ id }) => !found.some(({ result }) => result.id === id));
	const why = (id: string): string => {
		const results = history.flatMap((run) => run.results);
		const last = results.findLast((result) => result.id === id);
		return last && "failed" in last ? `: ${last.failed.replace(/\s+/g, " ")}` : "";
	};
	const markdown = [
		"# Benchmarks\n",
		"Written by `npm run bench -- --write`; `bench/history.jsonl` has all runs. Each figure is the median of several rounds, in which the contenders take turns on one machine. Compare ratios, not times: absolute times hold for this machine only.\n",
		machine
			? `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; servers and clients share it. Each server is a separate process and reports its own CPU time. The clients read only frame headers (\`bench/load/\`) and send one short message every 250 ms. Peers: \`bench/peers/\`.\n`
			: "",
		...found.map(section),
		...(missing.length > 0
			? [
					`## Without a result\n\n${missing.map(({ id, about }) => `- \`${id}\` (${about})${why(id)}`).join("\n")}\n`,
				]
			: []),
	].join("\n");
	return { markdown, charts };
}
