import type {
	ClosedAnswer,
	ClosedRoomLine,
	Overview,
	RoomLine,
	RoomTotals,
} from "../../../protocol/admin-answers.ts";
import type { RoomLogLine } from "../../../protocol/operator-answers.ts";
import { type RoomOrder, rankOf } from "../../ops/admin/choose-rooms.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";

/** An answer and the number of the worker that gave it. */
export interface Answered<T> {
	readonly worker: number;
	readonly answer: T;
}

function sum<T>(all: readonly Answered<T>[], read: (answer: T) => number): number {
	return all.reduce((total, { answer }) => total + read(answer), 0);
}

function mergeTotals(all: readonly Answered<Overview>[]): RoomTotals {
	const kinds: Record<string, number> = {};
	for (const { answer } of all) {
		for (const [kind, count] of Object.entries(answer.totals.kinds)) {
			kinds[kind] = (kinds[kind] ?? 0) + count;
		}
	}
	return {
		players: sum(all, ({ totals }) => totals.players),
		spectators: sum(all, ({ totals }) => totals.spectators),
		alarm: sum(all, ({ totals }) => totals.alarm),
		attention: sum(all, ({ totals }) => totals.attention),
		kinds,
	};
}

/** The rooms of all workers in one order, each with its worker. */
export function mergeRooms(
	all: readonly Answered<readonly RoomLine[]>[],
	sort: RoomOrder,
): RoomLine[] {
	return all
		.flatMap(({ worker, answer }) => answer.map((line) => ({ ...line, worker })))
		.map((line) => ({ line, rank: rankOf(line, sort) }))
		.sort((a, b) => b.rank - a.rank)
		.map(({ line }) => line);
}

/** One overview of all workers; `rooms` holds what each of them has from its first room on. */
export function mergeOverviews(
	all: readonly Answered<Overview>[],
	rooms: readonly RoomLine[],
	own: Pick<
		Overview,
		"timeMs" | "version" | "uptimeSeconds" | "connections" | "offset" | "workers" | "auditRevision"
	>,
): Overview {
	const most = (read: (process: Overview["process"]) => number): number =>
		Math.max(0, ...all.map(({ answer }) => read(answer.process)));
	return {
		...own,
		faults: sum(all, ({ faults }) => faults),
		process: {
			cpuSeconds: sum(all, ({ process }) => process.cpuSeconds),
			rssBytes: sum(all, ({ process }) => process.rssBytes),
			heapBytes: sum(all, ({ process }) => process.heapBytes),
			loopP99Ms: most(({ loopP99Ms }) => loopP99Ms),
			loopUtilization: most(({ loopUtilization }) => loopUtilization),
		},
		roomCount: sum(all, ({ roomCount }) => roomCount),
		matched: sum(all, ({ matched }) => matched),
		totals: mergeTotals(all),
		closed: {
			failed: sum(all, ({ closed }) => closed.failed),
			revision: sum(all, ({ closed }) => closed.revision),
		},
		roomLog: mergeLogs(all.flatMap(({ answer }) => answer.roomLog ?? [])),
		rooms,
	};
}

/** Held when all are. */
function mergeLogs(logs: readonly RoomLogLine[]): RoomLogLine | null {
	if (logs.length === 0) return null;
	const lagBytes = logs.reduce((total, log) => total + log.lagBytes, 0);
	return { isHeld: logs.every(({ isHeld }) => isHeld), lagBytes };
}

/** The key of a closed room on this machine, from its worker's own. */
function machineKey(worker: number, key: number): number {
	return key * WORKER_LIMITS.workers + worker - 1;
}

export function workerKey(key: number): { worker: number; key: number } {
	const { workers } = WORKER_LIMITS;
	return { worker: (key % workers) + 1, key: Math.floor(key / workers) };
}

/** The rooms that closed last, newest first. */
export function mergeClosed(all: readonly Answered<ClosedAnswer>[]): ClosedAnswer {
	const rooms = all.flatMap(({ worker, answer }) =>
		answer.rooms.map(
			(line): ClosedRoomLine => ({ ...line, key: machineKey(worker, line.key), worker }),
		),
	);
	return { rooms: rooms.sort((a, b) => b.closedAtMs - a.closedAtMs) };
}

interface Rules {
	readonly game: string;
	readonly version: number;
	readonly hash: string;
	readonly rooms: readonly object[];
}

/** The rules of each game, and the rooms of all workers that run them. */
export function mergeGames(all: readonly Answered<readonly Rules[]>[]): Rules[] {
	const games = new Map<string, Rules>();
	for (const { worker, answer } of all) {
		for (const rules of answer) {
			const known = games.get(rules.game) ?? { ...rules, rooms: [] };
			const rooms = rules.rooms.map((room) => ({ ...room, worker }));
			games.set(rules.game, { ...known, rooms: [...known.rooms, ...rooms] });
		}
	}
	return [...games.values()];
}

/** Lists in an answer that each worker has its own part of. */
const LISTS = ["swapped", "refused", "trials"] as const;

/** What came of the same deployment in all workers. */
export function mergeDeployment(all: readonly Answered<Record<string, unknown>>[]): object {
	const merged: Record<string, unknown> = { ...all[0]?.answer };
	for (const name of LISTS) {
		if (!Array.isArray(merged[name])) continue;
		merged[name] = all.flatMap(({ answer }) => (answer[name] as unknown[] | undefined) ?? []);
	}
	return merged;
}
