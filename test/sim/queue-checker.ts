import type { QueueConfig } from "../../server/match/queues/queue-config.ts";
import {
	isOver,
	LEAD_KEY,
	type MatchRecord,
	type TicketRecord,
	userKey,
} from "../../server/match/queues/queue-records.ts";
import { queueSpace } from "../../server/match/queues/queue-runner.ts";
import type { Store } from "../../server/match/store/store.ts";
import type { QueueWorld } from "./queue-world.ts";

function assert(condition: boolean, problem: string): asserts condition {
	if (!condition) throw new Error(problem);
}

/** Knows who entered a queue and what became of them, and finds whoever is lost or doubled. */
export class QueueChecker {
	/** Tickets that have not come to an end, by id. */
	readonly waiting = new Map<string, TicketRecord>();
	/** Users who were told to play, and where. */
	private readonly playing = new Map<string, string>();
	private readonly config: QueueConfig;
	private readonly store: Store;
	private readonly world: QueueWorld;
	private readonly problems: unknown[] = [];

	constructor(config: QueueConfig, store: Store, world: QueueWorld) {
		this.config = config;
		this.store = store;
		this.world = world;
	}

	entered(ticket: TicketRecord): void {
		this.waiting.set(ticket.id, ticket);
	}

	failed(thrown: unknown): void {
		this.problems.push(thrown);
	}

	isPlaying(user: string): boolean {
		return this.playing.has(user);
	}

	placedIn(user: string): string | null {
		return this.playing.get(user) ?? null;
	}

	/** A user plays no more; with `match`, only if it was there. */
	left(user: string, match?: string): void {
		if (match === undefined || this.playing.get(user) === match) this.playing.delete(user);
	}

	/** Looks at all that the store has. */
	async check(): Promise<void> {
		if (this.problems.length > 0) throw this.problems[0];
		const entries = await this.store.list(queueSpace(this.config));
		const tickets = new Map<string, TicketRecord>();
		const matches = new Map<string, MatchRecord>();
		const users = new Map<string, string>();
		for (const { key, value } of entries) {
			if (key === LEAD_KEY) continue;
			if (key.startsWith("t/")) tickets.set(key.slice(2), JSON.parse(value));
			else if (key.startsWith("m/")) matches.set(key.slice(2), JSON.parse(value));
			else users.set(key, value);
		}
		this.checkTickets(tickets, matches, users);
		this.checkMatches(tickets, matches);
		this.hearOutcomes(tickets);
	}

	/** In the end nobody waits who could have been told something. */
	checkEnd(): void {
		const left = [...this.waiting.keys()];
		assert(left.length === 0, `tickets that never came to an end: ${left.join(" ")}`);
	}

	private checkTickets(
		tickets: ReadonlyMap<string, TicketRecord>,
		matches: ReadonlyMap<string, MatchRecord>,
		users: ReadonlyMap<string, string>,
	): void {
		const active = new Map<string, string>();
		for (const [id, ticket] of tickets) {
			if (isOver(ticket)) continue;
			assert(this.waiting.has(id), `ticket ${id} was over, and waits again`);
			for (const { user } of ticket.members) {
				assert(!active.has(user), `${user} waits with ${active.get(user)} and ${id}`);
				active.set(user, id);
			}
			if (ticket.state !== "matched") continue;
			const match = matches.get(ticket.match ?? "");
			assert(match !== undefined, `ticket ${id} is of a match that is not there`);
			assert(match.tickets.flat().includes(id), `match ${match.id} does not know ticket ${id}`);
			assert(match.state !== "open", `ticket ${id} was left behind by match ${match.id}`);
		}
		for (const [user, id] of active) {
			assert(users.get(userKey(user)) === id, `${user} could wait twice`);
		}
		for (const [key, id] of users) {
			assert(active.get(key.slice(2)) === id, `${key} cannot wait any more`);
		}
	}

	private checkMatches(
		tickets: ReadonlyMap<string, TicketRecord>,
		matches: ReadonlyMap<string, MatchRecord>,
	): void {
		for (const match of matches.values()) {
			const everybody = match.teams.flat();
			assert(new Set(everybody).size === everybody.length, `match ${match.id} has somebody twice`);
			for (const team of match.teams) {
				assert(team.length <= this.config.teamSize, `match ${match.id} has too large a team`);
			}
			if (match.state === "open") continue;
			match.tickets.forEach((ids, team) => {
				for (const id of ids) {
					const ticket = tickets.get(id);
					const isTheirs = ticket?.state === "matched" && ticket.match === match.id;
					assert(isTheirs, `match ${match.id} has ticket ${id}, which is not its own`);
					const isTogether = ticket.members.every(({ user }) => match.teams[team]?.includes(user));
					assert(isTogether, `match ${match.id} has parted the party ${id}`);
				}
			});
		}
		const opened = new Set<string>();
		for (const { match } of this.world.rooms) {
			assert(!opened.has(match), `match ${match} has two rooms`);
			opened.add(match);
		}
	}

	private hearOutcomes(tickets: ReadonlyMap<string, TicketRecord>): void {
		for (const id of this.waiting.keys()) {
			const ticket = tickets.get(id);
			assert(ticket !== undefined, `ticket ${id} is lost`);
			if (!isOver(ticket)) continue;
			this.waiting.delete(id);
			this.world.count(ticket.state);
			if (ticket.state !== "placed") continue;
			assert(ticket.match !== undefined, `ticket ${id} was placed nowhere`);
			for (const { user } of ticket.members) {
				const other = this.playing.get(user);
				assert(other === undefined, `${user} is to play in ${other} and in ${ticket.match}`);
				// the room may be over by the time that somebody hears of it
				if (this.world.rooms.some(({ match }) => match === ticket.match)) {
					this.playing.set(user, ticket.match);
				}
			}
		}
	}
}
