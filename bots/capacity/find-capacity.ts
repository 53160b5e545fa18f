import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../../server/config-error.ts";
import { describeErrors } from "../console/describe.ts";
import type { Series } from "../metrics/series.ts";
import { stageOf } from "../metrics/stage-of.ts";
import { type Summary, summarise } from "../metrics/summary.ts";
import { judge, readThreshold, type Threshold, type Verdict } from "../metrics/thresholds.ts";
import { mergeTotals, type Totals } from "../metrics/totals.ts";
import type { BotsOptions } from "../options.ts";
import type { Phase } from "../run-load.ts";
import { Workers } from "../workers.ts";
import { type Capacity, type Stage, searchCapacity } from "./search.ts";

/**
 * After a stage that was too much a server needs time: queues drain, clients that were behind catch up,
 * rooms that were left stay open for a while (30 s by default). Half of what comes next plays until it is well.
 */
const MOST_RESTS = 35;
const REST_SECONDS = 1;
/** A gap is late from one and a half times the interval between two snapshots. */
const LATE_GAP = 1.5;

interface FoundCapacity {
	readonly capacity: Capacity;
	readonly series: Series;
	readonly phases: readonly Phase[];
	/** Of the last stage with the answer's number of clients. */
	readonly summary: Summary;
	readonly verdicts: readonly Verdict[];
}

/** What holds besides: a client that is refused or lost is never all right. */
const ALWAYS = ["refused>0", "gone>0", "disconnects>0", "decodeErrors>0"].map(readThreshold);

function thresholdsFor(failOn: readonly Threshold[], snapshotRate: number): readonly Threshold[] {
	if (failOn.length > 0) return [...failOn, ...ALWAYS];
	const gapMs = Math.round((LATE_GAP * 1000) / Math.max(1, snapshotRate));
	const usual = [`snapshotGapMs.p99>${gapMs}`, "snapshotShare<0.99"].map(readThreshold);
	return [...usual, ...ALWAYS];
}

/** Runs stages with one set of workers, whose bots become more and fewer. */
class StageRunner {
	readonly phases: Phase[] = [];
	readonly workers: Workers;
	readonly summaries = new Map<number, { summary: Summary; verdicts: Verdict[] }>();
	private readonly options: BotsOptions;
	private readonly print: (line: string) => void;
	private clients = 0;
	private beginning = mergeTotals([]);

	constructor(options: BotsOptions, print: (line: string) => void) {
		this.options = options;
		this.print = print;
		this.workers = new Workers(options, () => {});
	}

	readonly run = async (clients: number): Promise<Stage> => {
		const { workers, options } = this;
		const from = workers.now;
		if (clients <= this.clients) this.beginning = await this.recover(clients);
		this.clients = clients;
		await workers.scaleTo(clients, options.joinsPerSecond);
		const { totals: joined } = await workers.measure(0);
		await sleep(options.warmUpMs);
		this.phases.push({ name: `to ${clients} clients`, from, to: workers.now });
		const measured = await workers.measure(options.durationMs / 1000);
		const totals = stageOf(this.beginning, joined, measured.totals);
		this.beginning = measured.totals;
		const summary = summarise(options, { ...measured, totals });
		if (totals.connected === 0 && this.phases.length === 1) {
			throw new ConfigError(`nobody could connect to ${options.url}: ${describeErrors(summary)}`);
		}
		const verdicts = judge(thresholdsFor(options.failOn, totals.snapshotRate), summary);
		const failed = verdicts.filter((verdict) => verdict.failed);
		const stage: Stage = {
			clients,
			passed: failed.length === 0,
			why: failed.map(({ text, value }) => `${text} (${value ?? "not measured"})`),
			isToolLimited: !summary.trustworthy,
			gapP99Ms: summary.snapshotGapMs.p99,
			snapshotShare: summary.snapshotShare,
		};
		if (stage.passed || !this.summaries.has(clients)) {
			this.summaries.set(clients, { summary, verdicts });
		}
		this.print(this.line(stage, summary));
		return stage;
	};

	/**
	 * Waits until the server is well again with fewer clients than before, or it is long enough; returns
	 * what was counted up to then.
	 */
	private async recover(next: number): Promise<Totals> {
		const { workers, options } = this;
		const step = options.perRoom ?? 1;
		await workers.scaleTo(
			Math.max(step, Math.floor(next / 2 / step) * step),
			options.joinsPerSecond,
		);
		let { beginning } = this;
		for (let rests = 0; rests < MOST_RESTS; rests++) {
			const measured = await workers.measure(REST_SECONDS);
			const summary = summarise(options, {
				...measured,
				totals: stageOf(beginning, beginning, measured.totals),
			});
			beginning = measured.totals;
			const thresholds = thresholdsFor(options.failOn, measured.totals.snapshotRate);
			const times = thresholds.filter((threshold) => !ALWAYS.includes(threshold));
			// nobody need have joined in a second of rest
			if (judge(times, summary).every(({ failed, value }) => !failed || value === null)) break;
		}
		return beginning;
	}

	private line({ clients, passed, why }: Stage, summary: Summary): string {
		const { snapshotShare, snapshotGapMs, server, toolBusy, trustReason } = summary;
		const cpu = server.cpu === null ? "" : `  server ${Math.round(server.cpu * 100)} %`;
		const metrics = `${(snapshotShare * 100).toFixed(1)} % of snapshots  gap p99 ${snapshotGapMs.p99} ms${cpu}  tool ${Math.round(toolBusy * 100)} %`;
		const doubt = trustReason === null ? "" : `  (${trustReason})`;
		const errors = summary.errors > 0 ? `, errors ${describeErrors(summary)}` : "";
		const verdict = passed ? "passed" : `FAILED ${why.join(", ")}${errors}`;
		return `  ${String(clients).padStart(6)} clients  ${metrics}  ${verdict}${doubt}`;
	}
}

/** `--find-capacity`: prints its stages as it goes. */
export async function findCapacity(
	options: BotsOptions,
	print: (line: string) => void,
): Promise<FoundCapacity> {
	const { start, most } = options.findCapacity ?? { start: 1, most: options.clients };
	const runner = new StageRunner(options, print);
	try {
		const step = options.perRoom ?? 1;
		const capacity = await searchCapacity(runner.run, { start, most, step });
		print(capacity.answer);
		await runner.workers.leave();
		const last = capacity.clients > 0 ? capacity.clients : (capacity.stages.at(-1)?.clients ?? 0);
		const found = runner.summaries.get(last);
		if (found === undefined) throw new Error(`there is no stage of ${last} clients`);
		return { ...found, capacity, series: runner.workers.series, phases: runner.phases };
	} finally {
		await runner.workers.kill();
	}
}
