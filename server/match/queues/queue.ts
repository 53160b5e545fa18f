import { randomBytes } from "node:crypto";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { MATCH_LIMITS } from "../match-limits.ts";
import type { Change, Store } from "../store/store.ts";
import { endTicket } from "./decide.ts";
import type { QueueConfig } from "./queue-config.ts";
import {
	isOver,
	type MatchRecord,
	type Member,
	matchKey,
	type Read,
	readRecord,
	type TicketRecord,
	ticketKey,
	userKey,
} from "./queue-records.ts";
import { queueSpace } from "./queue-runner.ts";
import { ratingOf } from "./waiting.ts";

/** A ticket as its owner sees it. */
interface TicketView {
	readonly id: string;
	readonly state: TicketRecord["state"];
	readonly sinceMs: number;
	/** Those who are put together, once they are. */
	readonly match: MatchRecord | null;
}

interface QueueOptions {
	config: QueueConfig;
	store: Store;
	/** Time of day, ms. */
	now: () => number;
}

/** How often a change is tried again that somebody else was faster with. */
const TRIES = 8;

/** A queue as players see it: they enter, look, accept and go. */
export class Queue {
	readonly config: QueueConfig;
	private readonly store: Store;
	private readonly now: () => number;
	private readonly space: string;
	private counted = 0;
	private countedMs = Number.NEGATIVE_INFINITY;

	constructor({ config, store, now }: QueueOptions) {
		this.config = config;
		this.store = store;
		this.now = now;
		this.space = queueSpace(config);
	}

	/** A party, or somebody alone, begins to wait. Nobody waits twice in one queue. */
	async enter(
		members: readonly Member[],
		regions: readonly string[],
	): Promise<TicketRecord | Refusal> {
		const { config } = this;
		if (members.length > config.teamSize) {
			return refusal("ERR_PARTY_TOO_LARGE", `a team has ${config.teamSize} players`);
		}
		const isKnown = regions.every((region) => config.regions.includes(region));
		if (!isKnown || new Set(regions).size !== regions.length) {
			return refusal(
				"ERR_BODY_INVALID",
				`regions are ${config.regions.join(", ") || "not asked for"}`,
			);
		}
		if ((await this.count()) >= MATCH_LIMITS.waiting) {
			return refusal("ERR_SERVER_FULL", `${MATCH_LIMITS.waiting} wait already`);
		}
		const nowMs = this.now();
		const ticket: TicketRecord = {
			id: randomBytes(12).toString("base64url"),
			members,
			rating: ratingOf(members, config),
			regions,
			sinceMs: nowMs,
			untilMs: nowMs + config.ticketMs,
			state: "waiting",
		};
		// a queue that nobody leads any more is forgotten in the end
		const ttlMs = config.ticketMs + MATCH_LIMITS.matchMs;
		const users = members.map(
			({ user }): Change => ({ key: userKey(user), expect: 0, value: ticket.id, ttlMs }),
		);
		const own = { key: ticketKey(ticket.id), expect: 0, value: JSON.stringify(ticket), ttlMs };
		const result = await this.store.commit(this.space, [own, ...users]);
		if ("version" in result) return ticket;
		if ("full" in result) return refusal("ERR_SERVER_FULL", "the store is full");
		return refusal("ERR_QUEUE_TWICE", "one of them waits already");
	}

	async look(id: string): Promise<TicketView | Refusal> {
		const entry = await this.store.get(this.space, ticketKey(id));
		if (!entry) return refusal("ERR_QUEUE_TICKET", "no such ticket, any more");
		const { record } = readRecord<TicketRecord>(entry);
		const match = record.match === undefined ? null : await this.findMatch(record.match);
		return { id, state: record.state, sinceMs: record.sinceMs, match: match?.record ?? null };
	}

	/** The ticket with which a user waits; null when there is none. */
	async ticketOf(user: string): Promise<string | null> {
		return (await this.store.get(this.space, userKey(user)))?.value ?? null;
	}

	/** The match to which a user belongs, to come back to it. */
	async matchOf(user: string): Promise<MatchRecord | null> {
		const matches = await this.store.list(this.space, "m/");
		const read = matches.map((entry) => readRecord<MatchRecord>(entry).record);
		return read.find(({ state, teams }) => state === "open" && teams.flat().includes(user)) ?? null;
	}

	/** One of a ticket's users takes it back: while it waits, or by not accepting. */
	async cancel(id: string, user: string): Promise<null | Refusal> {
		for (let tries = 0; tries < TRIES; tries++) {
			const ticket = await this.ticketFor(id, user);
			if ("error" in ticket) return ticket;
			const { record } = ticket;
			if (record.state !== "waiting") {
				return record.match === undefined ? null : this.answer(id, user, false);
			}
			const changes = endTicket(ticket, "cancelled");
			if ("version" in (await this.store.commit(this.space, changes))) return null;
		}
		return refusal("ERR_QUEUE_BUSY", "others were faster, again and again");
	}

	/** A user accepts a match, or does not; then the others wait on where they stood. */
	async answer(id: string, user: string, accepts: boolean): Promise<null | Refusal> {
		for (let tries = 0; tries < TRIES; tries++) {
			const ticket = await this.ticketFor(id, user);
			if ("error" in ticket) return ticket;
			const match = await this.findMatch(ticket.record.match ?? "");
			if (match?.record.state !== "accepting") {
				return refusal("ERR_QUEUE_TICKET", "there is nothing to accept");
			}
			const { record, version } = match;
			const others = (list: readonly string[]) => list.filter((other) => other !== user);
			const accepted = [...others(record.accepted), ...(accepts ? [user] : [])];
			// who has declined has: the others are not to be kept waiting by second thoughts
			const declined = [...others(record.declined), ...(accepts ? [] : [user])];
			if (accepts && record.declined.includes(user)) {
				return refusal("ERR_QUEUE_TICKET", "it was declined");
			}
			const value = JSON.stringify({ ...record, accepted, declined });
			const change = { key: matchKey(record.id), expect: version, value };
			if ("version" in (await this.store.commit(this.space, [change]))) return null;
		}
		return refusal("ERR_QUEUE_BUSY", "others were faster, again and again");
	}

	/** How many wait, as of a moment ago, and those who have come since. */
	private async count(): Promise<number> {
		const nowMs = this.now();
		if (Math.abs(nowMs - this.countedMs) >= MATCH_LIMITS.cycleMs) {
			this.countedMs = nowMs;
			this.counted = (await this.store.list(this.space, "t/")).length;
		}
		return this.counted++;
	}

	private async ticketFor(id: string, user: string): Promise<Read<TicketRecord> | Refusal> {
		const entry = await this.store.get(this.space, ticketKey(id));
		const read = entry && readRecord<TicketRecord>(entry);
		const isTheirs = read?.record.members.some((member) => member.user === user) ?? false;
		if (!read || !isTheirs || isOver(read.record)) {
			return refusal("ERR_QUEUE_TICKET", "no such ticket, any more");
		}
		return read;
	}

	private async findMatch(id: string): Promise<Read<MatchRecord> | null> {
		const entry = id === "" ? null : await this.store.get(this.space, matchKey(id));
		return entry && readRecord<MatchRecord>(entry);
	}
}
