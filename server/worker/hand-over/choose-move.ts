import type { WorkerId } from "./messages.ts";

/** When rooms move by themselves, each number with its reason. Shares are of one core. */
export const BALANCE_LIMITS = {
	/** A worker is hot from here on: ticks begin to be late when a core has no idle tenth left. */
	hotCpu: 0.85,
	/** And no longer hot below this: between the two nothing changes, so that nothing swings. */
	coolCpu: 0.7,
	/** A p99 of lateness above this is one that players see: a tick of 60 Hz. It counts as hot whatever the CPU says. */
	hotLateMs: 16,
	coolLateMs: 8,
	/** Hot for so long before a room has to go: longer than a burst of joins or a collection. */
	hotMs: 3_000,
	/** After a move both workers' figures need so long to tell what it did. */
	restMs: 5_000,
	/** A room that has moved stays for so long: nobody should see two hiccups in one fight. */
	roomRestMs: 30_000,
	/** What a move must bring: as much as a hand-over costs for a second. */
	gainCpu: 0.01,
	/** A room that could not leave a draining worker is asked again after this: others go first. */
	drainRetryMs: 1_000,
} as const;

interface RoomLoad {
	readonly room: string;
	/** Share of a core that it takes. */
	readonly cpu: number;
	/** A move of it is under way. */
	readonly isMoving: boolean;
}

/** A worker that runs. */
export interface WorkerLoad {
	readonly worker: WorkerId;
	/** Share of a core that the process takes. */
	readonly cpu: number;
	/** p99 of how late its ticks were of late, ms. */
	readonly lateMs: number;
	/** All rooms are to leave: its operator wants it empty, it stops, or it has the old code. */
	readonly isDraining: boolean;
	/** Seats are free, it is well, it has the code that the rooms need. */
	readonly takesRooms: boolean;
	readonly rooms: readonly RoomLoad[];
}

/** What is remembered between two looks. */
export interface BalanceState {
	/** Since when workers are hot. */
	readonly hotSinceMs: ReadonlyMap<WorkerId, number>;
	/** When a room last left or reached a worker, and when a room was last chosen. */
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
 * Which room moves now, if one does: none while another is on its way. First those of draining workers, then one of a
 * worker that has been hot for a while, if another has room for it and is no later. Pure; to be asked about once a second,
 * and when a move has ended. A move that is refused is simply chosen again later.
 */
export function chooseMove(
	state: BalanceState,
	loads: readonly WorkerLoad[],
	nowMs: number,
	isBalancing = true,
): { readonly state: BalanceState; readonly move: ChosenMove | null } {
	const looked: BalanceState = { ...state, hotSinceMs: hotWorkers(state, loads, nowMs) };
	const isBusy = loads.some(({ rooms }) => rooms.some(({ isMoving }) => isMoving));
	const move = isBusy
		? null
		: (drainOne(looked, loads, nowMs) ?? (isBalancing ? coolOne(looked, loads, nowMs) : null));
	return { state: remember(looked, loads, move, nowMs), move };
}

/** One room of a draining worker, the heaviest of those that wait longest, to whoever has most to spare. */
function drainOne(
	{ movedAtMs }: BalanceState,
	loads: readonly WorkerLoad[],
	nowMs: number,
): ChosenMove | null {
	const triedAtMs = ({ room }: RoomLoad): number => movedAtMs.get(room) ?? Number.NEGATIVE_INFINITY;
	const takers = loads.filter((load) => load.takesRooms && !load.isDraining);
	const to = leastBusy(takers);
	if (to === null) return null;
	for (const from of loads.filter((load) => load.isDraining)) {
		const [room] = from.rooms
			.filter((one) => nowMs - triedAtMs(one) >= BALANCE_LIMITS.drainRetryMs)
			.sort((a, b) => compare(triedAtMs(a), triedAtMs(b)) || b.cpu - a.cpu);
		if (room) return { room: room.room, from: from.worker, to: to.worker, why: "drain" };
	}
	return null;
}

/** One room of the busiest worker that is hot, and that may lose one. */
function coolOne(
	state: BalanceState,
	loads: readonly WorkerLoad[],
	nowMs: number,
): ChosenMove | null {
	const { hotSinceMs } = state;
	const sources = loads
		.filter(({ worker, isDraining }) => {
			const sinceMs = hotSinceMs.get(worker) ?? Number.POSITIVE_INFINITY;
			return !isDraining && nowMs - sinceMs >= BALANCE_LIMITS.hotMs;
		})
		.filter(({ worker }) => !isResting(state, worker, nowMs))
		.sort((a, b) => busyness(b) - busyness(a));
	for (const from of sources) {
		const to = leastBusy(
			loads.filter(
				(load) =>
					load.takesRooms &&
					!load.isDraining &&
					!hotSinceMs.has(load.worker) &&
					!isResting(state, load.worker, nowMs) &&
					load.lateMs <= from.lateMs,
			),
		);
		const room = to && bestRoom(state, from, to, nowMs);
		if (room) return { room: room.room, from: from.worker, to: to.worker, why: "balance" };
	}
	return null;
}

function compare(a: number, b: number): number {
	return a === b ? 0 : a < b ? -1 : 1;
}

/** In cores; whose ticks are late has too much already, whatever its processor says. */
function busyness({ cpu, lateMs }: WorkerLoad): number {
	return cpu + (lateMs > BALANCE_LIMITS.coolLateMs ? lateMs / BALANCE_LIMITS.hotLateMs : 0);
}

function leastBusy(loads: readonly WorkerLoad[]): WorkerLoad | null {
	let least: WorkerLoad | null = null;
	for (const load of loads) if (!least || busyness(load) < busyness(least)) least = load;
	return least;
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
				? cpu >= hotCpu || lateMs > hotLateMs
				: cpu >= coolCpu || lateMs > coolLateMs;
		if (isHot) hot.set(worker, sinceMs ?? nowMs);
	}
	return hot;
}

function isResting({ changedAtMs }: BalanceState, worker: WorkerId, nowMs: number): boolean {
	return nowMs - (changedAtMs.get(worker) ?? Number.NEGATIVE_INFINITY) < BALANCE_LIMITS.restMs;
}

/**
 * The room that brings both workers nearest to each other without making the taker the busier one, if that is
 * worth a move and leaves the taker cool.
 */
function bestRoom(
	{ movedAtMs }: BalanceState,
	from: WorkerLoad,
	to: WorkerLoad,
	nowMs: number,
): RoomLoad | null {
	const { gainCpu, coolCpu, roomRestMs } = BALANCE_LIMITS;
	let best: RoomLoad | null = null;
	for (const room of from.rooms) {
		if (nowMs - (movedAtMs.get(room.room) ?? Number.NEGATIVE_INFINITY) < roomRestMs) continue;
		if (room.cpu < gainCpu || room.cpu > (from.cpu - to.cpu) / 2) continue;
		if (to.cpu + room.cpu >= coolCpu) continue;
		if (!best || room.cpu > best.cpu) best = room;
	}
	return best;
}

/** Forgets workers and rooms that are no more. */
function remember(
	state: BalanceState,
	loads: readonly WorkerLoad[],
	move: ChosenMove | null,
	nowMs: number,
): BalanceState {
	const workers = new Set(loads.map(({ worker }) => worker));
	const rooms = new Set(loads.flatMap((load) => load.rooms.map(({ room }) => room)));
	const changedAtMs = new Map([...state.changedAtMs].filter(([worker]) => workers.has(worker)));
	const movedAtMs = new Map([...state.movedAtMs].filter(([room]) => rooms.has(room)));
	if (move) {
		changedAtMs.set(move.from, nowMs);
		changedAtMs.set(move.to, nowMs);
		movedAtMs.set(move.room, nowMs);
	}
	return { hotSinceMs: state.hotSinceMs, changedAtMs, movedAtMs };
}
