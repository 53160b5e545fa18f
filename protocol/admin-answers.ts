import type { RoomLogLine } from "./operator-answers.ts";
import type { ScalarName } from "./schema/scalar.ts";

/*
 * What the admin API answers to those who watch: see docs/operations.md. Sums only grow while a room
 * lives; whoever asks twice takes differences.
 */

/** What is unusual about a room. */
export interface RoomWarning {
	/** `alarm`: players notice it now. `attention`: they may soon, or did. */
	readonly grade: "alarm" | "attention";
	readonly kind:
		| "paused"
		| "failed"
		| "dropped"
		| "late"
		| "lagging"
		| "fuel"
		| "probation"
		| "rolledBack";
	/** Failed or dropped ticks, ms late, lagging clients, share of the fuel, rollbacks; otherwise 1. */
	readonly value: number;
}

/** One room in a list. */
export interface RoomLine {
	readonly id: string;
	readonly game: string;
	readonly version: number;
	readonly hash: string;
	/** Number of the tick computed next. */
	readonly tick: number;
	readonly tickRate: number;
	readonly players: number;
	readonly maxPlayers: number;
	readonly isPaused: boolean;
	/** On probation: a fault would bring the old rules back. */
	readonly onProbation: boolean;
	/** Frames, and the sums of their times, lateness and fuel. */
	readonly frames: number;
	readonly frameMs: number;
	readonly latenessMs: number;
	readonly fuel: number;
	/** Largest values of the last one to two seconds. */
	readonly frameMsPeak: number;
	readonly latenessMsPeak: number;
	readonly fuelPeak: number;
	/** What a tick may spend. */
	readonly fuelPerTick: number;
	readonly snapshotBytes: number;
	readonly droppedTicks: number;
	readonly abortedTicks: number;
	readonly rollbacks: number;
	readonly warnings: readonly RoomWarning[];
	/** Grows by one whenever the room goes on elsewhere, or again: of two that say they have it, the higher one does. */
	readonly epoch: number;
	/** Number of the worker that has it, where there are several. */
	readonly worker?: number;
}

/** Sums over all rooms. */
export interface RoomTotals {
	readonly players: number;
	readonly spectators: number;
	/** Rooms by their worst warning. */
	readonly alarm: number;
	readonly attention: number;
	/** Rooms by each kind of warning that they have. */
	readonly kinds: Readonly<Partial<Record<RoomWarning["kind"], number>>>;
}

/** GET /admin/closed: the rooms that closed last, newest first. */
export interface ClosedAnswer {
	readonly rooms: readonly ClosedRoomLine[];
}

export interface ClosedRoomLine {
	/** For `closed/KEY`: one id may close more than once. */
	readonly key: number;
	readonly id: string;
	readonly game: string;
	readonly version: number;
	readonly hash: string;
	/** Number of the tick that would have been next. */
	readonly tick: number;
	readonly tickRate: number;
	readonly why: "empty" | "fault" | "shutdown" | "replaced";
	/** ms since 1970 */
	readonly closedAtMs: number;
	readonly faults: number;
	readonly lastFault: string | null;
	/** Name of the journal's file, if there is one. */
	readonly file: string | null;
	/** Number of the worker that had it, where there are several. */
	readonly worker?: number;
}

/** Something that happened to a room, for its timeline. */
export interface MomentLine {
	readonly kind: "join" | "leave" | "fault" | "dropped" | "swap" | "rollback" | "pause" | "resume";
	/** The first and the last tick, if it happened repeatedly. */
	readonly tick: number;
	readonly toTick: number;
	readonly count: number;
	readonly detail: string;
}

/** GET /admin/overview */
export interface Overview {
	/** The server's clock, ms, from any origin. */
	readonly timeMs: number;
	readonly version: string;
	readonly uptimeSeconds: number;
	readonly connections: number;
	readonly faults: number;
	readonly process: {
		readonly cpuSeconds: number;
		readonly rssBytes: number;
		readonly heapBytes: number;
		readonly loopP99Ms: number;
		readonly loopUtilization: number;
	};
	/** Open rooms, and those of them that were asked for. */
	readonly roomCount: number;
	readonly matched: number;
	readonly totals: RoomTotals;
	/** Closed rooms still remembered; `revision` changes when another room closes. */
	readonly closed: { readonly failed: number; readonly revision: number };
	/** Changes when an operator changes something: see GET /admin/audit. */
	readonly auditRevision: number;
	/** The room log of all processes; null when nothing is logged. */
	readonly roomLog: RoomLogLine | null;
	readonly offset: number;
	readonly rooms: readonly RoomLine[];
	/** The processes that share the rooms; none where one process is all. */
	readonly workers?: readonly WorkerLine[];
}

/** One of the processes that share a server's rooms; GET /admin/workers lists them too. */
export interface WorkerLine {
	/** From 1. */
	readonly worker: number;
	/** `waiting`: for its next start. `leftOut`: it crashed again and again. */
	readonly state: "starting" | "running" | "waiting" | "leftOut" | "stopped";
	readonly pid: number | null;
	/** Starts after the first. */
	readonly restarts: number;
	/** It is to be empty: how many rooms are left, have moved away, and could not yet. Null for one that takes rooms. */
	readonly drain: {
		readonly roomsLeft: number;
		readonly moved: number;
		readonly refused: number;
	} | null;
	/** As of its last report; null while it does not run. */
	readonly load: {
		/** Cores that it used: 1 when it never rested. */
		readonly cpu: number;
		/** How late its rooms' ticks began, the hundredth part that was latest, ms. */
		readonly latenessP99Ms: number;
		/** Players in its rooms. */
		readonly seats: number;
		readonly rooms: number;
		readonly connections: number;
		readonly rssBytes: number;
		/** It takes nobody more. */
		readonly isFull: boolean;
		/** Its room log; null when nothing is logged. */
		readonly roomLog: RoomLogLine | null;
	} | null;
}

export interface PlayerLine {
	readonly number: number;
	readonly name: string;
	/** Of the last heartbeat, ms; null before the first. */
	readonly pingMs: number | null;
	/** How many ticks early the last input was. */
	readonly slackTicks: number;
	/** Ticks between the last snapshot sent and the last one applied. */
	readonly lagTicks: number;
	readonly isBehind: boolean;
	readonly skippedSnapshots: number;
	/** The connection is lost, and the seat is held. */
	readonly isHeld: boolean;
	readonly inputsLate: number;
	readonly inputsRepeated: number;
	readonly inputsDropped: number;
}

/** A fault and its count; everything else describes the last occurrence. */
export interface FaultLine {
	readonly tick: number;
	readonly firstTick: number;
	readonly count: number;
	readonly kind: string;
	readonly detail: string;
	readonly version: number;
	readonly hash: string;
	/** Innermost first: `function (file:line:column)` as far as known. */
	readonly frames: readonly string[];
	readonly outcome: string;
	/** Number of the player whose input was left out, for the outcome "retried"; -1 for all. */
	readonly withoutPlayer: number | null;
	readonly fuelSpent: number;
	readonly inboxBytes: number;
	/** Its first bytes, hex. */
	readonly inbox: string;
}

/** Rules of a game, as far as a list needs them. */
interface RulesLine {
	readonly version: number;
	readonly hash: string;
}

/** GET /admin/rooms/ID, and GET /admin/closed/KEY as it was at the room's end */
export interface RoomAnswer {
	readonly timeMs: number;
	readonly room: RoomLine;
	readonly seed: number;
	readonly players: readonly PlayerLine[];
	readonly faults: readonly FaultLine[];
	/** Oldest first. */
	readonly moments: readonly MomentLine[];
	/** Set for a closed room. */
	readonly closed: Pick<ClosedRoomLine, "key" | "why" | "closedAtMs"> | null;
	/** The ticks for which {@link StateAnswer} is available; `toTick` is the present. */
	readonly recorded: {
		readonly fromTick: number;
		readonly toTick: number;
		/** The oldest one in memory. */
		readonly memoryTick: number;
		/** Name of the journal's file, if there is one. */
		readonly file: string | null;
		readonly bytes: number;
		/** Why recording stopped, by the error's name. */
		readonly stopped: string | null;
	};
	readonly memoryBytes: number;
	readonly historyBytes: number;
	/** The rules of new rooms of this game, and those a rollback would restore. */
	readonly current: RulesLine | null;
	readonly previous: RulesLine | null;
}

interface ColumnLine {
	readonly name: string;
	readonly type: ScalarName;
	readonly private: boolean;
	readonly owner: boolean;
	readonly axis: "x" | "y" | null;
}

export interface TableLine {
	readonly name: string;
	readonly capacity: number;
	/** Rows in use. */
	readonly live: number;
	readonly columns: readonly ColumnLine[];
}

/** A number, or text for numbers that JSON lacks: 64-bit integers, NaN and the infinities. */
export type Cell = number | string;

/** Live rows of one table: each is its row number, its generation, then its columns. */
export interface RowPage {
	readonly table: string;
	/** Live rows before the first one here. */
	readonly offset: number;
	readonly rows: readonly (readonly Cell[])[];
}

/** Where the rows of one table are: arrays of u16 in base64, little-endian. */
export interface PointSet {
	readonly table: string;
	readonly count: number;
	/** Row numbers. */
	readonly rows: string;
	/** 0 is the left and top edge of the bounds, 65535 the right and bottom one. */
	readonly x: string;
	readonly y: string;
	/** Player numbers, where the table has owners; 65535 for none. */
	readonly owners: string | null;
}

export interface StateMap {
	readonly minX: number;
	readonly minY: number;
	readonly maxX: number;
	readonly maxY: number;
	/** Only one in this many rows is included. */
	readonly every: number;
	readonly sets: readonly PointSet[];
}

/** GET /admin/rooms/ID/state?tick=&hold=&table=&offset=&limit=&map= */
export interface StateAnswer {
	/** The state before this tick. */
	readonly tick: number;
	readonly source: "live" | "memory" | "file";
	readonly version: number;
	readonly tables: readonly TableLine[];
	readonly page: RowPage | null;
	readonly map: StateMap | null;
}

/** POST /admin/rooms/ID/hold: the room's recent past, kept while it is being viewed. */
export interface HoldAnswer {
	/** Pass as `hold` to request a state from it. */
	readonly hold: number;
	readonly fromTick: number;
	readonly toTick: number;
}

/** Any answer with a status of 400 and more. */
export interface AdminProblem {
	readonly error: string;
	readonly detail?: string;
}
