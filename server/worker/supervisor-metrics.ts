import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { standardError } from "../ops/json-log.ts";
import { Exposition } from "../ops/metrics/exposition.ts";
import type { ProcessMetrics } from "../ops/metrics/process-metrics.ts";
import type { ClientRouter } from "./client-router.ts";
import type { MoveCounts } from "./moves/move-counts.ts";

interface SupervisorMetricsSources {
	readonly version: string;
	readonly workers: readonly WorkerLine[];
	readonly router: ClientRouter;
	readonly moves: MoveCounts;
	readonly process: ProcessMetrics;
}

const STATES = ["starting", "running", "waiting", "leftOut", "stopped"] as const;

/** What the supervisor itself shows in `/metrics`; its samples get the label `worker="supervisor"` besides. */
export function writeSupervisorMetrics({
	version,
	workers,
	router,
	moves,
	process,
}: SupervisorMetricsSources): string {
	const out = new Exposition();
	out.family("hotstep_build_info", "gauge", "Always 1; the label says the version.");
	out.sample("hotstep_build_info", { version }, 1);
	out.family("hotstep_workers", "gauge", "Workers by what they are doing.");
	for (const state of STATES) {
		const count = workers.filter((worker) => worker.state === state).length;
		out.sample("hotstep_workers", { state }, count);
	}
	const restarts = workers.reduce((sum, worker) => sum + worker.restarts, 0);
	out.single("hotstep_worker_restarts_total", "counter", "Workers started again.", restarts);
	out.single("hotstep_sockets_kept", "gauge", "Clients' sockets that are kept open.", router.size);
	out.single(
		"hotstep_sockets_accepted_total",
		"counter",
		"Clients' sockets ever accepted.",
		router.accepted,
	);
	out.single(
		"hotstep_sockets_moved_total",
		"counter",
		"Clients' sockets that went from one worker to another.",
		router.moved,
	);
	const draining = workers.filter(({ drain }) => drain !== null).length;
	out.single("hotstep_workers_drained", "gauge", "Workers that get no new rooms.", draining);
	moves.write(out);
	out.single(
		"hotstep_log_lines_lost_total",
		"counter",
		"Lines of the log that nobody read in time.",
		standardError.lost,
	);
	process.write(out);
	return out.text;
}
