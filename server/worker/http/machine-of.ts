import type { WorkerLine } from "../../../protocol/admin-answers.ts";
import { VERSION } from "../../installation.ts";
import type { AuditList } from "../../ops/audit/audit-list.ts";
import type { ProcessMetrics } from "../../ops/metrics/process-metrics.ts";
import type { ClientRouter } from "../client-router.ts";
import type { WorkerLoad } from "../load-book.ts";
import type { Balancer } from "../moves/balancer.ts";
import type { MoveCounts } from "../moves/move-counts.ts";
import type { MoveRegister } from "../moves/move-register.ts";
import { writeSupervisorMetrics } from "../supervisor-metrics.ts";
import type { Upgrader } from "../take-over/upgrader.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { ControlClient, ControlPlace } from "./control-client.ts";
import type { Machine } from "./machine.ts";

interface MachineParts {
	readonly pool: WorkerPool;
	readonly router: ClientRouter;
	readonly moves: MoveRegister;
	readonly balancer: Balancer;
	readonly upgrader: Upgrader;
	readonly moveCounts: MoveCounts;
	readonly process: ProcessMetrics;
	readonly control: ControlClient;
	readonly placeOf: (worker: number) => ControlPlace;
	readonly audit: AuditList;
}

function loadLine(load: WorkerLoad | null): WorkerLine["load"] {
	return load && { ...load, roomLog: load.roomLog ?? null };
}

/** A supervisor, as the machine's HTTP sees it. */
export function machineOf(parts: MachineParts): Machine {
	const { pool, router, moves, balancer, upgrader, control, placeOf } = parts;
	const { loads, index } = router;
	const workers = (): WorkerLine[] =>
		pool.workers.map((line) => {
			const { worker } = line;
			return { ...line, load: loadLine(loads.loadOf(worker)), drain: balancer.progressOf(worker) };
		});
	return {
		...{ upgrader, control, moves, balancer, workers, audit: parts.audit },
		startedMs: Date.now(),
		running: () =>
			pool.workers
				.filter(({ state }) => state === "running")
				.map(({ worker }) => ({ worker, place: placeOf(worker) })),
		ownerOf: (room) => index.ownerOf(room),
		nextWorker() {
			const worker = loads.leastBusy();
			if (worker !== null) loads.arrive(worker);
			return worker;
		},
		connections: () => router.size,
		byLoad: () => loads.byLoad(),
		metrics: () =>
			writeSupervisorMetrics({
				version: VERSION,
				workers: workers(),
				router,
				moves: parts.moveCounts,
				process: parts.process,
			}),
	};
}
