import type { Entry } from "../store/store.ts";

/** A player of a ticket. */
export interface Member {
	readonly user: string;
	readonly name: string | null;
	readonly rating: number | null;
}

/** Somebody who waits, alone or as a party: entry `t/<id>` of the queue's space. */
export interface TicketRecord {
	readonly id: string;
	readonly members: readonly Member[];
	readonly rating: number;
	readonly regions: readonly string[];
	/** Since when they wait, time of day, ms: a match that came to nothing does not take their place from them. */
	readonly sinceMs: number;
	readonly untilMs: number;
	readonly state: "waiting" | "matched" | TicketEnd;
	/** While matched, and when over with a match. */
	readonly match?: string;
}

/** How it ended: to play, or not. */
export type TicketEnd = "placed" | "cancelled" | "expired" | "declined";

/** Players who are put together: entry `m/<id>`. The id is the room's as well, whoever opens it. */
export interface MatchRecord {
	readonly id: string;
	readonly game: string;
	readonly region: string | null;
	/** Tickets of those who were put together last, by team. */
	readonly tickets: readonly (readonly string[])[];
	/** Users who are asked, or are to come. */
	readonly awaited: readonly string[];
	readonly state: "accepting" | "placing" | "open";
	/** When waiting for answers, a room, or players ends: time of day, ms. */
	readonly deadlineMs: number;
	/** Who has accepted, and who would not. */
	readonly accepted: readonly string[];
	readonly declined: readonly string[];
	/** Who belongs to which team, those who are in the room and those to come. */
	readonly teams: readonly (readonly string[])[];
	readonly rating: number;
	readonly sinceMs: number;
	/** When its room was last heard of. */
	readonly seenMs: number;
}

/** Something that was read, with the version to expect when it is changed. */
export interface Read<T> {
	readonly record: T;
	readonly version: number;
}

export const LEAD_KEY = "lead";

export function ticketKey(id: string): string {
	return `t/${id}`;
}

export function matchKey(id: string): string {
	return `m/${id}`;
}

/** Entry that keeps a user from waiting twice; its value is the ticket's id. */
export function userKey(user: string): string {
	return `u/${user}`;
}

export function readRecord<T>(entry: Entry): Read<T> {
	return { record: JSON.parse(entry.value) as T, version: entry.version };
}

export function isOver({ state }: TicketRecord): boolean {
	return state !== "waiting" && state !== "matched";
}
