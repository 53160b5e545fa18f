import { writeFile } from "node:fs/promises";
import type { Capacity } from "../capacity/search.ts";
import { describe, describeSetting, describeVerdicts, type Row } from "../console/describe.ts";
import type { Mean, Point, Series } from "../metrics/series.ts";
import { seriesRows } from "../metrics/series-rows.ts";
import type { Summary } from "../metrics/summary.ts";
import type { Verdict } from "../metrics/thresholds.ts";
import type { Phase } from "../run-load.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { drawPlot, escapeHtml, type Plot, type PlotLine } from "./plot.ts";

/** What a report tells of. */
interface Report {
	readonly summary: Summary;
	readonly series: Series;
	readonly phases: readonly Phase[];
	readonly verdicts: readonly Verdict[];
	/** Of a search; null for a single run. */
	readonly capacity: Capacity | null;
}

type Pick = (point: Point) => number | null;

function plotsOf({ summary, series, phases, verdicts }: Report): Plot[] {
	const points = series.points.filter(({ workers }) => workers > 0);
	const line = (name: string, style: PlotLine["style"], pick: Pick): PlotLine => ({
		name,
		style,
		points: points.map((p) => [p.second + p.seconds, pick(p)] as const),
	});
	const bands = phases.filter(({ name }) => name !== "measuring");
	const bound = verdicts.find(({ text }) => /^snapshotGapMs\.p99>=?/.test(text))?.text;
	const gapMark = bound ? { name: bound, y: Number(bound.replace(/^.*[>=]/, "")) } : null;
	const share = ({ value }: Mean): number | null => (value === null ? null : value * 100);
	const some = (count: number, value: number): number | null => (count > 0 ? value : null);
	const plot = (title: string, unit: string, lines: PlotLine[]): Plot => ({
		title,
		unit,
		lines,
		bands,
		mark: null,
		missing: summary.server.missing ?? "nothing came",
	});
	const perClient = (p: Point, n: number): number | null =>
		some(p.playing, n / p.seconds / p.playing);
	return [
		{
			...plot("Snapshot gap", "ms", [
				line("p50", "a", (p) => some(p.gaps.total, p.gaps.percentileMs(0.5))),
				line("p99", "b", (p) => some(p.gaps.total, p.gaps.percentileMs(0.99))),
			]),
			mark: gapMark,
		},
		plot("Input latency", "ms", [
			line("p50", "a", (p) => some(p.latencies.total, p.latencies.percentileMs(0.5))),
			line("p99", "b", (p) => some(p.latencies.total, p.latencies.percentileMs(0.99))),
		]),
		plot("Bytes per client", "bytes/s", [
			line("to it", "a", (p) => perClient(p, p.receivedBytes)),
			line("from it", "b", (p) => perClient(p, p.sentBytes)),
		]),
		plot("Server: tick lateness", "ms, p99", [line("p99", "b", (p) => p.tickLatenessP99Ms)]),
		plot("Server: CPU", "% of a core", [line("server", "a", (p) => share(p.serverCpu))]),
		plot("This tool", "% of a core", [
			line("CPU", "a", (p) => share(p.toolCpu)),
			line("busiest worker", "b", (p) => p.busy * 100),
		]),
		plot("This tool: timers late", "ms, p99", [
			line("p99", "b", (p) => some(p.lateness.total, p.lateness.percentileMs(0.99))),
		]),
		plot("Clients", "playing", [
			line("playing", "a", (p) => p.playing),
			line("wanted", "c", (p) => p.clients),
		]),
	];
}

function table(rows: readonly Row[]): string {
	const cells = rows.map(([name, text]) => {
		const mark = name === "FAILED" ? "failed" : name === "passed" ? "passed" : "";
		return `<tr><th class="${mark}">${escapeHtml(name)}</th><td>${escapeHtml(text)}</td></tr>`;
	});
	return `<div class="card"><table>${cells.join("")}</table></div>`;
}

function tiles(summary: Summary): string {
	const all: [string, string][] = [
		[`${summary.connected} / ${summary.clients}`, "clients connected"],
		[`${summary.snapshotsPerSecond.toFixed(2)}`, "snapshots/s per client"],
		[`${summary.snapshotGapMs.p99} ms`, "snapshot gap p99"],
		[`${summary.inputLatencyMs.p99} ms`, "input latency p99"],
		[`${Math.round(summary.bytesPerClientPerSecond)}`, "bytes/s per client"],
		[`${summary.disconnects}`, "disconnects"],
	];
	const each = all.map(([b, text]) => `<div><b>${escapeHtml(b)}</b><span>${text}</span></div>`);
	return `<div class="tiles">${each.join("")}</div>`;
}

function stages({ stages: all }: Capacity): string {
	const rows = all.map(
		({ clients, passed, gapP99Ms, snapshotShare, why }) =>
			`<tr><td>${clients}</td><td class="${passed ? "passed" : "failed"}">${passed ? "passed" : "failed"}</td><td>${gapP99Ms} ms</td><td>${(snapshotShare * 100).toFixed(1)} %</td><td>${escapeHtml(why.join(", "))}</td></tr>`,
	);
	const head = "<th>clients</th><th></th><th>gap p99</th><th>snapshots</th><th>why</th>";
	return `<div class="card"><h2>Stages</h2><table><tr>${head}</tr>${rows.join("")}</table></div>`;
}

/** Whether more clients meant longer silences, and where it was too much. */
function capacityPlot({ stages: all }: Capacity, missing: string): Plot {
	const dots = (name: string, style: PlotLine["style"], passed: boolean): PlotLine => ({
		name,
		style,
		points: all
			.filter((stage) => stage.passed === passed)
			.map(({ clients, gapP99Ms }) => [clients, gapP99Ms] as const),
	});
	return {
		title: "Snapshot gap by clients",
		unit: "ms, p99 of each stage",
		lines: [dots("passed", "good dots", true), dots("failed", "bad dots", false)],
		bands: [],
		mark: null,
		missing,
	};
}

/** Only what the server itself could not keep is an answer; a bound of the tool or the search is less. */
function bannerOf({ limitedBy, agreed, clients }: Capacity): string {
	return limitedBy === "server" && agreed && clients > 0 ? "notice good" : "notice unsure";
}

function notices({ summary, verdicts, capacity }: Report): string {
	const notices: string[] = [];
	if (capacity) {
		notices.push(`<p class="${bannerOf(capacity)}">${escapeHtml(capacity.answer)}</p>`);
	}
	if (summary.trustReason !== null) {
		const text = `Do not trust these figures: ${summary.trustReason}.`;
		notices.push(`<p class="notice">${escapeHtml(text)}</p>`);
	}
	const failed = capacity ? [] : verdicts.filter((verdict) => verdict.failed);
	for (const { text, value } of failed) {
		notices.push(
			`<p class="notice">Failed: ${escapeHtml(`${text} (${value ?? "not measured"})`)}</p>`,
		);
	}
	return notices.join("");
}

/** The report as one page that needs nothing else. */
function renderReport(report: Report): string {
	const { summary, verdicts, capacity } = report;
	const { game, url, seed, seconds, sendRate } = summary;
	const title = capacity ? `How many players ${game} holds` : `Load on ${game}`;
	const sub = `${url} · ${seconds} s measured · seed ${seed} · ${sendRate} input messages/s each · ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
	const plots = plotsOf(report);
	if (capacity) plots.unshift(capacityPlot(capacity, "no stage was run"));
	const data = JSON.stringify({
		summary,
		verdicts,
		capacity,
		series: seriesRows(report.series),
	}).replaceAll("<", "\\u003c");
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${PAGE_STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1><p class="sub">${escapeHtml(sub)}</p>
${notices(report)}${tiles(summary)}
<div class="plots">${plots.map(drawPlot).join("\n")}</div>
<p class="sub">The x axes are ${capacity ? "clients in the first plot, then " : ""}seconds since the run began; grey is time that was not measured.</p>
${capacity ? stages(capacity) : ""}${table([...describe(summary), ...describeVerdicts(verdicts), ...describeSetting(summary)])}
<script type="application/json" id="figures">${data}</script>
</body></html>
`;
}

export async function writeReport(file: string, report: Report): Promise<void> {
	await writeFile(file, renderReport(report));
}
