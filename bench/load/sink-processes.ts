import path from "node:path";
import { Histogram } from "../../bots/metrics/histogram.ts";
import { DIST } from "../root.ts";
import { Child, ChildError } from "./child.ts";
import type { Contender } from "./contender.ts";
import type { SinkCounts, SinkOptions, SinkReport } from "./sink-program.ts";

/** What all sinks saw in a window of time; `rates` ascend. */
export interface SinkFacts extends SinkCounts {
	gaps: Histogram;
	/** CPU of all sink processes, as a share of one core. */
	load: number;
}

const PROGRAM = path.join(DIST, "bench/load/sink-program.js");
/** One process can read so many connections of 20 messages a second on half a core. */
const CONNECTIONS_EACH = 1_500;
const CONNECT_MS = 90_000;

/** The clients of one server, in as many processes as they need. */
export class SinkProcesses {
	private readonly children: Child[] = [];
	private readonly contender: Contender;

	constructor(contender: Contender) {
		this.contender = contender;
	}

	/** Opens all connections. @throws ChildError when one is refused */
	async open(port: number, connections: number): Promise<void> {
		const { dialect, game, name, inputBytes = 0, wholeEvery = 0 } = this.contender;
		const opened: Promise<{ connected: number; failed: string }>[] = [];
		for (let first = 0; first < connections; first += CONNECTIONS_EACH) {
			const count = Math.min(CONNECTIONS_EACH, connections - first);
			const options: SinkOptions = {
				...{ port, dialect, game, first, connections: count },
				...{ inputBytes, wholeEvery },
			};
			const child = new Child(`a sink of ${name}`, PROGRAM, options);
			this.children.push(child);
			opened.push(child.next("connected", CONNECT_MS));
		}
		const answers = await Promise.all(opened);
		const open = answers.reduce((sum, { connected }) => sum + connected, 0);
		if (open === connections) return;
		const why = answers.find(({ failed }) => failed !== "")?.failed;
		throw new ChildError(`${open} of ${connections} clients of ${name} are connected: ${why}`);
	}

	async observe(windowMs: number): Promise<SinkFacts> {
		const reports = await Promise.all(
			this.children.map((child) => {
				const report = child.next<{ report: SinkReport }>("report", windowMs + 20_000);
				child.send({ windowMs });
				return report;
			}),
		);
		return total(reports.map(({ report }) => report));
	}

	async stop(): Promise<void> {
		await Promise.all(this.children.map((child) => child.stop()));
	}
}

function total(reports: readonly SinkReport[]): SinkFacts {
	const sum = (of: (report: SinkReport) => number): number =>
		reports.reduce((all, report) => all + of(report), 0);
	const gaps = new Histogram();
	for (const report of reports) gaps.merge(report.gaps);
	const windowMs = sum((r) => r.windowMs) / reports.length;
	return {
		connected: sum((r) => r.connected),
		lost: sum((r) => r.lost),
		whole: sum((r) => r.whole),
		decodeErrors: sum((r) => r.decodeErrors),
		updates: sum((r) => r.updates),
		updateBytes: sum((r) => r.updateBytes),
		wireBytes: sum((r) => r.wireBytes),
		windowMs,
		rates: reports.flatMap((r) => r.rates).sort((a, b) => a - b),
		gaps,
		load: sum((r) => r.cpuMs) / windowMs,
	};
}
