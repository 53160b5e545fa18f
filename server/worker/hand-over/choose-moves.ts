import type { WorkerId } from "./messages.ts";

/** When rooms move by themselves, each number with its reason. Shares are of one core. */
export const BALANCE_LIMITS = {
	/** A worker is hot from here on: ticks begin to be late when a core has no idle tenth left. */
	hotCpu: 0.85,
	/** And no longer hot below this: between the two nothing changes, so that nothing swings. */
	coolCpu: 0.7,
	/** A p99 of lateness that players see: a tick of 60 Hz. It counts as hot whatever the CPU says. */
	hotLateMs: 16,
	coolLateMs: 8,
	/** Hot for so long before a room has to go: longer than a burst of joins or a collection. */
	hotMs: 3_000,
	/** After a move a worker's figures need so long to tell what it did. */
	restMs: 5_000,
	/** A room that has moved stays for so long: nobody should see two hiccups in one fight. */
	roomRestMs: 30_000,
	/** What a move must bring: the two are nearer by so much. A hand-over costs about 0.01 for a second. */
	gainCpu: 0.05,
	/** Rooms that leave a draining worker at once: each is frozen for about a tick of one core. */
	drainAtOnce: 4,
} as const;

interface RoomLoad {
	readonly room: string;
	/** Share of a core that it takes. */
	readonly cpu: number;
	/** A move of it is under way. */
	readonly isMoving: boolean;
}

export interface WorkerLoad {
	readonly worker: WorkerId;
	/** Share of a core that the process takes. */
	readonly cpu: number;
	/** p99 of how late its ticks were of late, ms. */
	readonly lateMs: number;
	/** All rooms are to leave: it stops, or has the old code. */
	readonly isDraining: boolean;
	/** Seats are free, it is well, it has the code that the rooms need. */
	readonly takesRooms: boolean;
	readonly rooms: readonly RoomLoad[];
}

/** What is remembered between two looks. */
export interface BalanceState {
	/** Since when workers are hot. */
	readonly hotSinceMs: ReadonlyMap<WorkerId, number>;
	/** When a room last left or reached a worker, and when a room last moved. */
	readonly changedAtMs: ReadonlyMap<WorkerId, number>;
	readonly movedAtMs: ReadonlyMap<string, number>;
}

export interface ChosenMove {
	readonly room: string;
	readonly from: WorkerId;
	readonly to: WorkerId;
	readonly why: "drain" | "balance";
}

export const NO_BALANCE: BalanceState = {
	hotSinceMs: new Map(),
	changedAtMs: new Map(),
	movedAtMs: new Map(),
};

/**
 * Which rooms move now: all of a draining worker's, a few at once, and one of each worker that has been hot for a
 * while, if another has room for it. Pure; to be asked about once a second. A move that is refused is simply chosen
 * again later.
 */
export function chooseMoves(
	state: BalanceState,
	loads: readonly WorkerLoad[],
	nowMs: number,
): { readonly state: BalanceState; readonly moves: readonly ChosenMove[] } {
	const hotSinceMs = hotWorkers(state, loads, nowMs);
	const moves: ChosenMove[] = [];
	const planned = new Map(loads.map(({ worker, cpu }) => [worker, cpu]));
	const plan = (from: WorkerLoad, to: WorkerLoad, { room, cpu }: RoomLoad): void => {
		const why = from.isDraining ? "drain" : "balance";
		moves.push({ room, from: from.worker, to: to.worker, why });
		planned.set(from.worker, cpuOf(planned, from) - cpu);
		planned.set(to.worker, cpuOf(planned, to) + cpu);
	};
	for (const from of loads.filter((load) => load.isDraining)) {
		const free = BALANCE_LIMITS.drainAtOnce - from.rooms.filter((room) => room.isMoving).length;
		const waiting = from.rooms.filter((room) => !room.isMoving).sort(heaviestFirst);
		for (const room of waiting.slice(0, Math.max(0, free))) {
			const to = leastLoaded(loads, from, planned);
			if (to) plan(from, to, room);
		}
	}
	for (const from of loads.filter((load) => !load.isDraining)) {
		const sinceMs = hotSinceMs.get(from.worker);
		if (sinceMs === undefined || nowMs - sinceMs < BALANCE_LIMITS.hotMs) continue;
		if (isResting(state, from.worker, nowMs) || from.rooms.some((room) => room.isMoving)) continue;
		const to = leastLoaded(loads, from, planned);
		if (!to || hotSinceMs.has(to.worker) || isResting(state, to.worker, nowMs)) continue;
		const room = bestRoom(state, from, cpuOf(planned, from), cpuOf(planned, to), nowMs);
		if (room) plan(from, to, room);
	}
	return { state: remember(state, hotSinceMs, loads, moves, nowMs), moves };
}

function cpuOf(planned: ReadonlyMap<WorkerId, number>, { worker, cpu }: WorkerLoad): number {
	return planned.get(worker) ?? cpu;
}

function heaviestFirst(a: RoomLoad, b: RoomLoad): number {
	return b.cpu - a.cpu;
}

function hotWorkers(
	{ hotSinceMs }: BalanceState,
	loads: readonly WorkerLoad[],
	nowMs: number,
): Map<WorkerId, number> {
	const { hotCpu, coolCpu, hotLateMs, coolLateMs } = BALANCE_LIMITS;
	const hot = new Map<WorkerId, number>();
	for (const { worker, cpu, lateMs } of loads) {
		const sinceMs = hotSinceMs.get(worker);
		const isHot =
			sinceMs === undefined
				? cpu >= hotCpu || lateMs >= hotLateMs
				: cpu >= coolCpu || lateMs >= coolLateMs;
		if (isHot) hot.set(worker, sinceMs ?? nowMs);
	}
	return hot;
}

function isResting({ changedAtMs }: BalanceState, worker: WorkerId, nowMs: number): boolean {
	return nowMs - (changedAtMs.get(worker) ?? Number.NEGATIVE_INFINITY) < BALANCE_LIMITS.restMs;
}

function leastLoaded(
	loads: readonly WorkerLoad[],
	from: WorkerLoad,
	planned: ReadonlyMap<WorkerId, number>,
): WorkerLoad | null {
	let least: WorkerLoad | null = null;
	for (const load of loads) {
		if (load === from || load.isDraining || !load.takesRooms) continue;
		if (!least || cpuOf(planned, load) < cpuOf(planned, least)) least = load;
	}
	return least;
}

/**
 * The room that brings both workers nearest to each other without making the taker the busier one, if that is
 * worth a move and leaves the taker cool.
 */
function bestRoom(
	{ movedAtMs }: BalanceState,
	from: WorkerLoad,
	fromCpu: number,
	toCpu: number,
	nowMs: number,
): RoomLoad | null {
	const { gainCpu, coolCpu, roomRestMs } = BALANCE_LIMITS;
	let best: RoomLoad | null = null;
	for (const room of from.rooms) {
		if (nowMs - (movedAtMs.get(room.room) ?? Number.NEGATIVE_INFINITY) < roomRestMs) continue;
		if (room.cpu < gainCpu || room.cpu > (fromCpu - toCpu) / 2) continue;
		if (toCpu + room.cpu >= coolCpu) continue;
		if (!best || room.cpu > best.cpu) best = room;
	}
	return best;
}

/** Forgets workers and rooms that are no more. */
function remember(
	state: BalanceState,
	hotSinceMs: ReadonlyMap<WorkerId, number>,
	loads: readonly WorkerLoad[],
	moves: readonly ChosenMove[],
	nowMs: number,
): BalanceState {
	const workers = new Set(loads.map(({ worker }) => worker));
	const rooms = new Set(loads.flatMap((load) => load.rooms.map(({ room }) => room)));
	const changedAtMs = new Map([...state.changedAtMs].filter(([worker]) => workers.has(worker)));
	const movedAtMs = new Map([...state.movedAtMs].filter(([room]) => rooms.has(room)));
	for (const { room, from, to } of moves) {
		changedAtMs.set(from, nowMs);
		changedAtMs.set(to, nowMs);
		movedAtMs.set(room, nowMs);
	}
	return { hotSinceMs, changedAtMs, movedAtMs };
}
