import { MATCH_LIMITS } from "../match-limits.ts";
import type { Change } from "../store/store.ts";
import { type Formed, matchWaiting } from "./match-waiting.ts";
import type { QueueConfig } from "./queue-config.ts";
import {
	isOver,
	type MatchRecord,
	matchKey,
	type Read,
	type TicketEnd,
	type TicketRecord,
	ticketKey,
	userKey,
} from "./queue-records.ts";
import type { Opening } from "./waiting.ts";

/** What a queue's leader has read, and what it knows from elsewhere. */
interface QueueState {
	readonly tickets: readonly Read<TicketRecord>[];
	readonly matches: readonly Read<MatchRecord>[];
	/** Users in the rooms of open matches, by match; null for a room that is over. What is missing is not known. */
	readonly rosters: ReadonlyMap<string, readonly string[] | null>;
	/** Time of day, ms. */
	readonly nowMs: number;
	/** Ids of matches to be. */
	readonly newId: () => string;
}

/** Changes that must happen together or not at all, and what they are for. */
export interface Step {
	readonly why: string;
	readonly changes: readonly Change[];
	/** What is to have a room once this is done; a ticket without a version has the commit's, as has the match. */
	readonly toPlace?: {
		readonly match: MatchRecord;
		readonly tickets: readonly { readonly record: TicketRecord; readonly version?: number }[];
	};
}

/** A ticket that is over: it stays for a moment so that its owner hears of it, and its users may wait anew. */
export function endTicket(
	{ record, version }: Read<TicketRecord>,
	state: TicketEnd,
	match?: string,
): Change[] {
	const value = JSON.stringify({ ...record, state, ...(match === undefined ? {} : { match }) });
	return [
		{ key: ticketKey(record.id), expect: version, value, ttlMs: MATCH_LIMITS.outcomeMs },
		...record.members.map(({ user }) => ({ key: userKey(user), value: null })),
	];
}

function put<T extends { readonly id: string }>(key: string, record: T, version: number): Change {
	return { key, expect: version, value: JSON.stringify(record) };
}

function backToQueue({ record, version }: Read<TicketRecord>): Change {
	const { match: _, ...rest } = record;
	return put(ticketKey(record.id), { ...rest, state: "waiting" as const }, version);
}

/** Teams without those who are still awaited: who plays there already. */
function playing({ teams, awaited }: MatchRecord): string[][] {
	return teams.map((team) => team.filter((user) => !awaited.includes(user)));
}

/**
 * A match that comes to nothing, or a running one that does not get its new players. Those who would not play are
 * out, the others wait on where they stood.
 */
function dissolve(
	{ record: match, version }: Read<MatchRecord>,
	tickets: ReadonlyMap<string, Read<TicketRecord>>,
	goOn: (ticket: TicketRecord) => boolean,
	why: string,
	nowMs: number,
): Step {
	const teams = playing(match);
	const isRunning = teams.some((team) => team.length > 0);
	const still: MatchRecord = {
		...match,
		...{
			state: "open",
			tickets: [],
			awaited: [],
			accepted: [],
			declined: [],
			teams,
			deadlineMs: nowMs,
			seenMs: nowMs,
		},
	};
	const changes: Change[] = [
		isRunning
			? { ...put(matchKey(match.id), still, version), ttlMs: MATCH_LIMITS.matchMs }
			: { key: matchKey(match.id), expect: version, value: null },
	];
	for (const id of match.tickets.flat()) {
		const ticket = tickets.get(id);
		if (ticket?.record.match !== match.id || isOver(ticket.record)) continue;
		if (goOn(ticket.record)) changes.push(backToQueue(ticket));
		else changes.push(...endTicket(ticket, "declined", match.id));
	}
	return { why, changes };
}

/** Who is in the room now: those who came are awaited no more, those who left or did not come make room. */
function lookIn(
	{ record: match, version }: Read<MatchRecord>,
	roster: readonly string[] | null | undefined,
	nowMs: number,
): Step | null {
	if (roster === undefined) return null;
	if (roster === null) {
		return { why: "over", changes: [{ key: matchKey(match.id), expect: version, value: null }] };
	}
	const isLate = nowMs >= match.deadlineMs;
	const awaited = isLate ? [] : match.awaited.filter((user) => !roster.includes(user));
	const stays = (user: string) => roster.includes(user) || awaited.includes(user);
	const teams = match.teams.map((team) => team.filter(stays));
	const count = (of: readonly (readonly string[])[]) => of.flat().length;
	const isSame = count(teams) === count(match.teams) && awaited.length === match.awaited.length;
	// now and then all the same, so that the record outlives its time
	if (isSame && nowMs - match.seenMs < MATCH_LIMITS.matchMs / 3) return null;
	const next: MatchRecord = { ...match, awaited, teams, tickets: [], seenMs: nowMs };
	const change = { ...put(matchKey(match.id), next, version), ttlMs: MATCH_LIMITS.matchMs };
	return { why: "roster", changes: [change] };
}

function settleMatch(
	match: Read<MatchRecord>,
	tickets: ReadonlyMap<string, Read<TicketRecord>>,
	{ nowMs, rosters }: QueueState,
): Step | null {
	const { record, version } = match;
	const isLate = nowMs >= record.deadlineMs;
	const { accepted, declined, awaited, state } = record;
	if (state === "open") return lookIn(match, rosters.get(record.id), nowMs);
	if (state === "placing") {
		return isLate ? dissolve(match, tickets, () => true, "no room", nowMs) : null;
	}
	if (awaited.every((user) => accepted.includes(user))) {
		const deadlineMs = nowMs + MATCH_LIMITS.placeMs;
		const next: MatchRecord = { ...record, state: "placing", accepted: [], deadlineMs };
		const own = record.tickets.flat().flatMap((id) => tickets.get(id) ?? []);
		const changes = [put(matchKey(record.id), next, version)];
		return { why: "accepted", changes, toPlace: { match: next, tickets: own } };
	}
	if (declined.length === 0 && !isLate) return null;
	// whoever was still thinking when another declined has done nothing wrong
	const goesOn = ({ members }: TicketRecord) =>
		members.every(({ user }) => (isLate ? accepted.includes(user) : !declined.includes(user)));
	return dissolve(match, tickets, goesOn, "declined", nowMs);
}

/** Matches that lack players, and wait for nobody. */
function openingsOf(matches: readonly Read<MatchRecord>[], config: QueueConfig): Opening[] {
	return matches.flatMap(({ record }) => {
		const { id, state, awaited, teams, region, rating, sinceMs } = record;
		if (state !== "open" || awaited.length > 0) return [];
		const free = teams.map((team) => Math.max(0, config.teamSize - team.length));
		const isWanted = free.some((seats) => seats > 0) && teams.some((team) => team.length > 0);
		return isWanted ? [{ match: id, region, free, rating, sinceMs }] : [];
	});
}

function usersOf(tickets: readonly Read<TicketRecord>[]): string[] {
	return tickets.flatMap(({ record }) => record.members.map(({ user }) => user));
}

function meanRating(tickets: readonly Read<TicketRecord>[]): number {
	const players = usersOf(tickets).length;
	const sum = tickets.reduce((all, { record }) => all + record.rating * record.members.length, 0);
	return sum / players;
}

function formedStep(
	formed: Formed,
	config: QueueConfig,
	tickets: ReadonlyMap<string, Read<TicketRecord>>,
	matches: ReadonlyMap<string, Read<MatchRecord>>,
	{ nowMs, newId }: QueueState,
): Step {
	const read = (id: string) => tickets.get(id) as Read<TicketRecord>;
	const teams = formed.teams.map((team) => team.map(({ id }) => read(id)));
	const known = formed.kind === "backfill" ? matches.get(formed.match) : undefined;
	const asked = config.acceptMs > 0 && !known;
	const id = known?.record.id ?? newId();
	const match: MatchRecord = {
		id,
		game: config.game,
		region: formed.kind === "match" ? formed.region : (known?.record.region ?? null),
		tickets: teams.map((team) => team.map(({ record }) => record.id)),
		awaited: usersOf(teams.flat()),
		state: asked ? "accepting" : "placing",
		deadlineMs: nowMs + (asked ? config.acceptMs : MATCH_LIMITS.placeMs),
		accepted: [],
		declined: [],
		teams: teams.map((team, i) => [...(known?.record.teams[i] ?? []), ...usersOf(team)]),
		rating: known?.record.rating ?? meanRating(teams.flat()),
		sinceMs: known?.record.sinceMs ?? nowMs,
		seenMs: nowMs,
	};
	const matched = teams.flat().map(({ record, version }) => ({
		record: { ...record, state: "matched" as const, match: id },
		version,
	}));
	return {
		why: formed.kind,
		changes: [
			put(matchKey(id), match, known?.version ?? 0),
			...matched.map(({ record, version }) => put(ticketKey(record.id), record, version)),
		],
		...(asked ? {} : { toPlace: { match, tickets: matched.map(({ record }) => ({ record })) } }),
	};
}

/**
 * What a queue's leader does next, each step a commit of its own: it ends what is over, settles matches whose
 * time has come, and puts those who wait together. Nothing here waits for anything or knows the time by
 * itself, so that crashes, delays and rivals can be played through in a simulation.
 */
export function decide(config: QueueConfig, state: QueueState): Step[] {
	const { nowMs } = state;
	const tickets = new Map(state.tickets.map((read) => [read.record.id, read]));
	const matches = new Map(state.matches.map((read) => [read.record.id, read]));
	const steps: Step[] = [];
	const waiting: TicketRecord[] = [];
	for (const ticket of state.tickets) {
		const { record } = ticket;
		if (isOver(record) || record.state === "matched") continue;
		if (nowMs >= record.untilMs)
			steps.push({ why: "expired", changes: endTicket(ticket, "expired") });
		else waiting.push(record);
	}
	const settled = new Set<string>();
	for (const match of state.matches) {
		const step = settleMatch(match, tickets, state);
		if (!step) continue;
		steps.push(step);
		settled.add(match.record.id);
	}
	// what has just changed is looked at again in the next cycle
	const others = state.matches.filter(({ record }) => !settled.has(record.id));
	const pool = waiting.map(({ id, members, rating, regions, sinceMs }) => ({
		id,
		size: members.length,
		rating,
		regions,
		sinceMs,
	}));
	for (const formed of matchWaiting(config, pool, openingsOf(others, config), nowMs)) {
		steps.push(formedStep(formed, config, tickets, matches, state));
	}
	return steps;
}

/** A match that has a room now: its tickets have come to their end, and their users are awaited there. */
export function placedStep(
	match: Read<MatchRecord>,
	tickets: readonly Read<TicketRecord>[],
	config: QueueConfig,
	nowMs: number,
): Step {
	const { record, version } = match;
	const deadlineMs = nowMs + config.reserveMs;
	const open: MatchRecord = { ...record, state: "open", deadlineMs, seenMs: nowMs };
	return {
		why: "placed",
		changes: [
			{ ...put(matchKey(record.id), open, version), ttlMs: MATCH_LIMITS.matchMs },
			...tickets
				.filter(({ record: ticket }) => ticket.match === record.id && !isOver(ticket))
				.flatMap((ticket) => endTicket(ticket, "placed", record.id)),
		],
	};
}
