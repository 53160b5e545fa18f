import type { Histogram } from "../metrics/histogram.ts";
import type { Point, Series } from "../metrics/series.ts";
import { inColumns, percent, type Row } from "./describe.ts";

const BAR = 30;
const HISTORY = 40;
/** Of a terminal that does not tell. */
const USUAL_WIDTH = 80;
const BLOCKS = "▁▂▃▄▅▆▇█";

/** A line of blocks that grow with the values. */
function sparkline(values: readonly number[]): string {
	const most = Math.max(...values, 1e-9);
	return values.map((v) => BLOCKS[Math.min(7, Math.floor((v / most) * 7.99))]).join("");
}

function ms(value: number): string {
	return `${value.toFixed(1)} ms`;
}

/** A percentile of what a second brought; one in which nothing came is not one of no time at all. */
function at(histogram: Histogram, share: number): string {
	return histogram.total === 0 ? "none" : ms(histogram.percentileMs(share));
}

/** On a terminal a view that is drawn over itself each second; elsewhere one line for each second. */
export class LiveView {
	private readonly out: NodeJS.WriteStream;
	private readonly clients: number;
	private drawn = 0;

	constructor(clients: number, out: NodeJS.WriteStream) {
		this.clients = clients;
		this.out = out;
	}

	/** Shows the last whole second. */
	show(series: Series, phase: string, seconds: number, ofSeconds: number | null): void {
		const points = series.points.filter(({ workers }) => workers > 0);
		const point = points.at(-1);
		if (point === undefined) return;
		if (!this.out.isTTY) {
			this.out.write(`  ${phase.padEnd(10)} ${this.line(point)}\n`);
			return;
		}
		const rows = inColumns(this.rows(points, point, phase, seconds, ofSeconds))
			.trimEnd()
			.split("\n");
		this.clear();
		// a line that wraps would be two, and one of them stay when the view is drawn anew
		const width = this.out.columns || USUAL_WIDTH;
		this.out.write(rows.map((row) => `${row.slice(0, width)}\n`).join(""));
		this.drawn = rows.length;
	}

	private line(point: Point): string {
		const { playing, snapshots, seconds, gaps, refused, disconnects } = point;
		const each = playing > 0 ? snapshots / seconds / playing : 0;
		const troubles = refused + disconnects > 0 ? `  ${refused} refused, ${disconnects} lost` : "";
		return `${playing}/${point.clients || this.clients} connected  ${each.toFixed(1)} snapshots/s each  gap p99 ${at(gaps, 0.99)}${troubles}`;
	}

	private rows(
		points: readonly Point[],
		point: Point,
		phase: string,
		seconds: number,
		ofSeconds: number | null,
	): Row[] {
		const last = points.slice(-HISTORY);
		const share = ofSeconds === null ? 0 : Math.min(1, seconds / ofSeconds);
		const full = Math.round(share * BAR);
		const bar = ofSeconds === null ? "" : `${"█".repeat(full)}${"░".repeat(BAR - full)} `;
		const { gaps, latencies, lateness, busy, toolCpu, serverCpu } = point;
		const spark = (pick: (p: Point) => number): string => sparkline(last.map(pick));
		const rows: Row[] = [
			[phase, `${bar}${seconds.toFixed(0)} s${ofSeconds === null ? "" : ` of ${ofSeconds} s`}`],
			["clients", this.line(point)],
			["snapshot gap", `p50 ${at(gaps, 0.5)}  p99 ${at(gaps, 0.99)}`],
			["", spark((p) => p.gaps.percentileMs(0.99))],
			["input latency", `p50 ${at(latencies, 0.5)}  p99 ${at(latencies, 0.99)}`],
			["", spark((p) => p.latencies.percentileMs(0.99))],
			["bytes/s", `${Math.round(point.receivedBytes / point.seconds / 1000)} kB in all`],
			[
				"this tool",
				`${toolCpu.value === null ? "CPU not measured" : `${percent(toolCpu.value)} of a core`}, busiest worker ${percent(busy)}, timers ${ms(lateness.percentileMs(0.99))} late (p99)`,
			],
		];
		const cpu = serverCpu.value;
		if (cpu !== null) rows.push(["server", `${percent(cpu)} of a core`]);
		return rows;
	}

	/** Takes the view off a terminal. */
	clear(): void {
		if (this.drawn > 0) this.out.write(`\x1b[${this.drawn}A\x1b[J`);
		this.drawn = 0;
	}
}
