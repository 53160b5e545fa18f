import { WORKER_LIMITS } from "./worker-limits.ts";

/** What a worker says of itself every second. */
export interface WorkerLoad {
	/** Cores that it used since the last report: 1 when it never rested. */
	readonly cpu: number;
	/** How late its rooms' ticks began, the hundredth part that was latest, ms. */
	readonly latenessP99Ms: number;
	/** Players in its rooms. */
	readonly seats: number;
	readonly rooms: number;
	readonly connections: number;
	readonly rssBytes: number;
	/** It takes nobody more: as many connections or rooms as it may have. */
	readonly isFull: boolean;
}

const IDLE: WorkerLoad = {
	cpu: 0,
	latenessP99Ms: 0,
	seats: 0,
	rooms: 0,
	connections: 0,
	rssBytes: 0,
	isFull: false,
};

interface Entry {
	load: WorkerLoad;
	/** Clients sent there since its last report. */
	arrivals: number;
}

/**
 * How busy a worker is, in cores. Its last report is a second old: whoever was sent there since is counted with what
 * a player costs there, or usually. One whose ticks are late has too much already, whatever its processor says: each
 * tick of 60 Hz that it lags counts as another core.
 */
export function busyness({ cpu, latenessP99Ms, seats }: WorkerLoad, arrivals: number): number {
	const { seatCost, knownSeats, lateMs, tickMs } = WORKER_LIMITS;
	const cost = seats >= knownSeats ? cpu / seats : seatCost;
	const late = latenessP99Ms > lateMs ? latenessP99Ms / tickMs : 0;
	return cpu + arrivals * cost + late;
}

/** The loads of the workers that take clients, and who takes the next. */
export class LoadBook {
	private readonly entries = new Map<number, Entry>();

	/** A worker is ready to take clients. */
	add(worker: number): void {
		this.entries.set(worker, { load: IDLE, arrivals: 0 });
	}

	/** It takes none any more. */
	remove(worker: number): void {
		this.entries.delete(worker);
	}

	report(worker: number, load: WorkerLoad): void {
		if (this.entries.has(worker)) this.entries.set(worker, { load, arrivals: 0 });
	}

	/** A client is sent there. */
	arrive(worker: number): void {
		const entry = this.entries.get(worker);
		if (entry) entry.arrivals++;
	}

	loadOf(worker: number): WorkerLoad | null {
		return this.entries.get(worker)?.load ?? null;
	}

	/** Whether a worker takes somebody. */
	isFit(worker: number): boolean {
		return this.entries.get(worker)?.load.isFull === false;
	}

	/** All workers, the least busy first. */
	byLoad(): number[] {
		const ranked = [...this.entries].map(([worker, { load, arrivals }]) => {
			return { worker, busy: busyness(load, arrivals) };
		});
		return ranked.sort((a, b) => a.busy - b.busy).map(({ worker }) => worker);
	}

	/** The least busy worker; of those that are as good, the one with the fewest players, then rooms. Null without any. */
	leastBusy(): number | null {
		let best: { worker: number; rank: readonly number[] } | null = null;
		for (const [worker, { load, arrivals }] of this.entries) {
			if (load.isFull) continue;
			const rank = [busyness(load, arrivals), load.seats + arrivals, load.rooms];
			if (best === null || isLess(rank, best.rank)) best = { worker, rank };
		}
		return best?.worker ?? null;
	}
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
	const at = a.findIndex((value, i) => value !== b[i]);
	return at >= 0 && (a[at] as number) < (b[at] as number);
}
