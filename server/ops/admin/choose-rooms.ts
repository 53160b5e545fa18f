import type { RoomLine, RoomTotals, RoomWarning } from "../../../protocol/admin-answers.ts";
import type { Room } from "../../room/room.ts";
import type { RoomWatch } from "../metrics/room-watch.ts";
import { warningsOf } from "./warnings.ts";

/** Orders of the list of rooms. */
export const ROOM_ORDERS = ["attention", "opened", "players", "lateness", "time", "fuel"] as const;

export type RoomOrder = (typeof ROOM_ORDERS)[number];

export interface RoomQuery {
	/** Words that an id, a game, `vN` or a player's name must contain; empty for all. */
	readonly search: string;
	readonly sort: RoomOrder;
	/** A kind of warning or a grade that a room must have; empty for all. */
	readonly only: string;
}

interface JudgedRoom {
	readonly room: Room;
	readonly watch: RoomWatch | null;
	readonly warnings: readonly RoomWarning[];
	/** 2 for an alarm, 1 for attention, 0. */
	readonly grade: number;
	/** Within a grade: the severity of the worst warning. */
	readonly weight: number;
}

/** A room that is paused or failing comes before one that is briefly slow. */
const WEIGHTS: Readonly<Record<RoomWarning["kind"], number>> = {
	paused: 8,
	failed: 7,
	lagging: 6,
	fuel: 5,
	dropped: 4,
	late: 3,
	probation: 2,
	rolledBack: 1,
};

function weightOf(warnings: readonly RoomWarning[], grade: number): number {
	const counting = warnings.filter((warning) => (warning.grade === "alarm") === (grade === 2));
	return Math.max(0, ...counting.map(({ kind }) => WEIGHTS[kind]));
}

function gradeOf(warnings: readonly RoomWarning[]): number {
	if (warnings.some(({ grade }) => grade === "alarm")) return 2;
	return warnings.length > 0 ? 1 : 0;
}

export function judgeRooms(
	rooms: Iterable<Room>,
	watchOf: (room: Room) => RoomWatch | null,
): JudgedRoom[] {
	return Array.from(rooms, (room) => {
		const watch = watchOf(room);
		const warnings = warningsOf(room, watch);
		const grade = gradeOf(warnings);
		return { room, watch, warnings, grade, weight: weightOf(warnings, grade) };
	});
}

/** The totals over all rooms. */
export function totalsOf(judged: readonly JudgedRoom[]): RoomTotals {
	const totals = { players: 0, spectators: 0, alarm: 0, attention: 0, kinds: {} };
	const kinds: Record<string, number> = totals.kinds;
	for (const { room, warnings, grade } of judged) {
		totals.players += room.population;
		for (const viewer of room.seats.viewers) if (viewer.player === null) totals.spectators++;
		if (grade === 2) totals.alarm++;
		else if (grade === 1) totals.attention++;
		for (const { kind } of warnings) kinds[kind] = (kinds[kind] ?? 0) + 1;
	}
	return totals;
}

function hasWord({ id, game, players }: Room, word: string): boolean {
	if (`${id} ${game.name} v${game.version}`.toLowerCase().includes(word)) return true;
	for (const { name } of players.values()) if (name.toLowerCase().includes(word)) return true;
	return false;
}

const BY: Readonly<Record<RoomQuery["sort"], (judged: JudgedRoom) => number>> = {
	attention: ({ grade, weight }) => grade * 10 + weight,
	opened: () => 0,
	players: ({ room }) => room.population,
	lateness: ({ watch }) => watch?.latenessMsPeak.value ?? 0,
	time: ({ watch }) => watch?.frameMsPeak.value ?? 0,
	fuel: ({ room, watch }) => (watch?.fuelPeak.value ?? 0) / room.simulation.fuelPerTick,
};

/** What a room's line ranks by, as `BY` does: for lists of several processes that are put together. */
export function rankOf(line: RoomLine, sort: RoomOrder): number {
	const grade = gradeOf(line.warnings);
	if (sort === "attention") return grade * 10 + weightOf(line.warnings, grade);
	if (sort === "players") return line.players;
	if (sort === "lateness") return line.latenessMsPeak;
	if (sort === "time") return line.frameMsPeak;
	return sort === "fuel" ? line.fuelPeak / line.fuelPerTick : 0;
}

/** The rooms that match, the largest value first; equal ones in the order they were opened. */
export function chooseRooms(
	judged: readonly JudgedRoom[],
	{ search, sort, only }: RoomQuery,
): JudgedRoom[] {
	const words = search.toLowerCase().split(/\s+/).filter(Boolean);
	const isWanted = ({ room, warnings, grade }: JudgedRoom): boolean => {
		if (only === "alarm" || only === "attention") {
			if (grade !== (only === "alarm" ? 2 : 1)) return false;
		} else if (only !== "" && !warnings.some(({ kind }) => kind === only)) return false;
		return words.every((word) => hasWord(room, word));
	};
	const value = BY[sort];
	return judged
		.filter(isWanted)
		.map((one) => ({ one, value: value(one) }))
		.sort((a, b) => b.value - a.value)
		.map(({ one }) => one);
}
