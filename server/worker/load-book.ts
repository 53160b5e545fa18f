import type { RoomLogLine } from "../../protocol/operator-answers.ts";
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
	/** Its room log; null when nothing is logged. */
	readonly roomLog?: RoomLogLine | null | undefined;
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
	hasReported: boolean;
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
	/** Workers that get no new rooms, also in later lives. */
	private readonly drained = new Set<number>();

	/** A worker is ready to take clients. */
	add(worker: number): void {
		this.entries.set(worker, { load: IDLE, arrivals: 0, hasReported: false });
	}

	/** A worker is to get no new rooms, or may get them again. Clients still come to the rooms that it has. */
	drain(worker: number, isDrained: boolean): void {
		if (isDrained) this.drained.add(worker);
		else this.drained.delete(worker);
	}

	/** All that are ready, drained or not. */
	workers(): number[] {
		return [...this.entries.keys()];
	}

	/** Whether rooms may be moved to a worker: one that has said nothing yet is not known to be well. */
	takesRooms(worker: number): boolean {
		const entry = this.entries.get(worker);
		return entry?.hasReported === true && !entry.load.isFull && !this.drained.has(worker);
	}

	/** It takes none any more. */
	remove(worker: number): void {
		this.entries.delete(worker);
	}

	report(worker: number, load: WorkerLoad): void {
		if (this.entries.has(worker))
			this.entries.set(worker, { load, arrivals: 0, hasReported: true });
	}

	/** A client is sent there. */
	arrive(worker: number): void {
		const entry = this.entries.get(worker);
		if (entry) entry.arrivals++;
	}

	loadOf(worker: number): WorkerLoad | null {
		return this.entries.get(worker)?.load ?? null;
	}

	/** Whether somebody may come to a room that a worker has. */
	isFit(worker: number): boolean {
		return this.entries.get(worker)?.load.isFull === false;
	}

	/** All workers that may get new rooms, the least busy first. */
	byLoad(): number[] {
		return this.ranked().filter((worker) => !this.drained.has(worker));
	}

	/** Who goes on with the rooms of the dead, the best first: drained workers only if there are no others. */
	heirs(): number[] {
		const fit = this.byLoad();
		return fit.length > 0 ? fit : this.ranked();
	}

	private ranked(): number[] {
		const ranked = [...this.entries].map(([worker, { load, arrivals }]) => {
			return { worker, busy: busyness(load, arrivals) };
		});
		return ranked.sort((a, b) => a.busy - b.busy).map(({ worker }) => worker);
	}

	/**
	 * The least busy worker for a new room; of those that are as good, the one with the fewest players, then rooms. Null
	 * without any.
	 */
	leastBusy(): number | null {
		let best: { worker: number; rank: readonly number[] } | null = null;
		for (const [worker, { load, arrivals }] of this.entries) {
			if (load.isFull || this.drained.has(worker)) continue;
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
