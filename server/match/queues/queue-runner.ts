import { randomBytes } from "node:crypto";
import { MATCH_LIMITS } from "../match-limits.ts";
import type { Store } from "../store/store.ts";
import { decide, placedStep, type Step } from "./decide.ts";
import type { QueueConfig } from "./queue-config.ts";
import {
	LEAD_KEY,
	type MatchRecord,
	type Read,
	readRecord,
	type TicketRecord,
} from "./queue-records.ts";

/** The rooms in which matches are played. */
export interface MatchRooms {
	/**
	 * Opens the room of a match under the match's id, or finds that it is open, and keeps seats for those who are
	 * awaited. False: there is no room now. To be asked twice for the same match is nothing special.
	 */
	place(match: MatchRecord): Promise<boolean>;
	/** Users in the rooms of these matches; null for a room that is over, nothing for one that is not known. */
	look(matches: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | null>>;
}

interface QueueRunnerOptions {
	config: QueueConfig;
	store: Store;
	rooms: MatchRooms;
	/** Time of day, ms. */
	now: () => number;
	/** Ids of matches to be, such as rooms have. */
	newId?: () => string;
	/** Hears of each step that was done, for metrics. */
	done?: (why: string) => void;
}

export function queueSpace({ name }: Pick<QueueConfig, "name">): string {
	return `queue ${name}`;
}

/**
 * Runs a queue's cycles, if it is the one who may. All servers may try: a lease makes one of them the leader,
 * and each commit checks that it still is, so that one who slept through the end of its lease changes nothing.
 */
export class QueueRunner {
	private readonly options: QueueRunnerOptions;
	private readonly name = randomBytes(9).toString("base64url");
	private readonly space: string;

	constructor(options: QueueRunnerOptions) {
		this.options = options;
		this.space = queueSpace(options.config);
	}

	/** One cycle; false when another leads. */
	async cycle(): Promise<boolean> {
		const { config, rooms, now } = this.options;
		const lead = await this.takeLead();
		if (lead === null) return false;
		const { tickets, matches } = await this.read();
		const open = matches.filter(({ record }) => record.state === "open");
		const rosters = await rooms.look(open.map(({ record }) => record.id));
		const newId = this.options.newId ?? (() => randomBytes(6).toString("base64url"));
		const state = { tickets, matches, rosters, nowMs: now(), newId };
		// those that were left without a room in an earlier cycle
		for (const match of matches) {
			if (match.record.state !== "placing") continue;
			const own = tickets.filter(({ record }) => record.match === match.record.id);
			await this.place(match, own, lead);
		}
		for (const step of decide(config, state)) {
			const version = await this.commit(step, lead);
			if (version === null || !step.toPlace) continue;
			const { match, tickets: placed } = step.toPlace;
			await this.place(
				{ record: match, version },
				placed.map((ticket) => ({ version, ...ticket })),
				lead,
			);
		}
		return true;
	}

	/** Gives the lead up, so that another need not wait for it to end. */
	async close(): Promise<void> {
		const { store } = this.options;
		const entry = await store.get(this.space, LEAD_KEY);
		if (entry?.value !== this.name) return;
		await store.commit(this.space, [{ key: LEAD_KEY, expect: entry.version, value: null }]);
	}

	/** The version of our lease, or null when it is another's. */
	private async takeLead(): Promise<number | null> {
		const { store } = this.options;
		const entry = await store.get(this.space, LEAD_KEY);
		if (entry && entry.value !== this.name) return null;
		const result = await store.commit(this.space, [
			{
				key: LEAD_KEY,
				expect: entry?.version ?? 0,
				value: this.name,
				ttlMs: MATCH_LIMITS.leadMs,
			},
		]);
		return "version" in result ? result.version : null;
	}

	private async read(): Promise<{ tickets: Read<TicketRecord>[]; matches: Read<MatchRecord>[] }> {
		const { store } = this.options;
		const [tickets, matches] = await Promise.all([
			store.list(this.space, "t/"),
			store.list(this.space, "m/"),
		]);
		return {
			tickets: tickets.map((entry) => readRecord<TicketRecord>(entry)),
			matches: matches.map((entry) => readRecord<MatchRecord>(entry)),
		};
	}

	/** The version of what was changed; what has changed meanwhile is left for the next cycle. */
	private async commit(step: Step, lead: number): Promise<number | null> {
		const { store, done } = this.options;
		const fence = { key: LEAD_KEY, expect: lead };
		const result = await store.commit(this.space, [fence, ...step.changes]);
		if (!("version" in result)) return null;
		done?.(step.why);
		return result.version;
	}

	/** A room by the match's id, so that a second try finds the first one's room. */
	private async place(
		match: Read<MatchRecord>,
		tickets: readonly Read<TicketRecord>[],
		lead: number,
	): Promise<void> {
		const { config, rooms, now } = this.options;
		if (!(await rooms.place(match.record))) return;
		await this.commit(placedStep(match, tickets, config, now()), lead);
	}
}
