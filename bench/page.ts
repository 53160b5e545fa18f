import type { BarGroup } from "./bar-chart.ts";
import type { HistoryLine } from "./history.ts";
import type { Measurement, Result } from "./result.ts";

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

/**
 * What of a result can be drawn: figures that several contenders have (`name: figure`), else peers
 * that have the unit of the value.
 */
export function groupsOf({ value, unit, peers }: Result): BarGroup[] {
	const groups = new Map<
		string,
		{ title: string; unit: string; bars: BarGroup["bars"][number][] }
	>();
	for (const peer of peers) {
		const split = peer.name.lastIndexOf(": ");
		if (split < 0) continue;
		const title = peer.name.slice(split + 2);
		const group = groups.get(title) ?? { title, unit: peer.unit, bars: [] };
		group.bars.push({ name: peer.name.slice(0, split), value: peer.value });
		groups.set(title, group);
	}
	const shared = [...groups.values()].filter(({ bars }) => bars.length > 1);
	if (shared.length > 0) return shared;
	const alike = peers.filter((peer) => peer.unit === unit && unit !== "");
	if (alike.length === 0) return [];
	return [
		{
			title: unit,
			unit,
			bars: [{ name: "hotstep", value }, ...alike.map(({ name, value }) => ({ name, value }))],
		},
	];
}

function goalText({ goal, atLeast }: { goal: number | null; atLeast: boolean }): string {
	return goal === null ? "" : `${atLeast ? "≥" : "≤"} ${Number(goal.toPrecision(3))}`;
}

function section({ measurement, result, run }: Latest): string {
	const { id, peers, checks, notMeasured, value, unit, spread } = result;
	const within =
		result.goal === null ? null : result.atLeast ? value >= result.goal : value <= result.goal;
	const rows = [
		[
			"**result**",
			`${value} ${unit}`,
			goalText(result),
			within === null ? "" : within ? "yes" : "no",
		],
		...checks.map((c) => [c.name, `${c.value} ${c.unit}`, goalText(c), c.met ? "yes" : "no"]),
		...peers.map((p) => [p.name, `${p.value} ${p.unit}`, "", ""]),
	];
	return [
		`## ${id}\n`,
		`${measurement.about}. Spread of the repeats: ${Math.round(spread * 100)} %. Commit ${run.commit}, ${run.time.slice(0, 10)}, Node ${run.machine.node}.\n`,
		...(groupsOf(result).length > 0 ? [`![${id}](benchmarks/${id}.svg)\n`] : []),
		"| | | goal | met |\n|---|---|---|---|",
		`${rows.map((cells) => `| ${cells.map((c) => c.trim()).join(" | ")} |`).join("\n")}\n`,
		...notMeasured.map((what) => `Not measured: ${what.replace(/\s+/g, " ")}\n`),
	].join("\n");
}

export interface BenchPage {
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
		"Written by `npm run bench -- --write`; `bench/history.jsonl` has all runs. Each figure is the median of several rounds in which the contenders take turns on one machine. Compare ratios, not times: they hold for this machine only.\n",
		machine
			? `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; servers and clients share it. Servers are processes of their own and report their own CPU time; their clients are light readers of frame headers (\`bench/load/\`) that send one short message every 250 ms. Peers: \`bench/peers/\`.\n`
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
