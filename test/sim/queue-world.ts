import { SeededRandom } from "../../protocol/seeded-random.ts";
import { Queue } from "../../server/match/queues/queue.ts";
import type { QueueConfig } from "../../server/match/queues/queue-config.ts";
import type { MatchRecord, Member } from "../../server/match/queues/queue-records.ts";
import { type MatchRooms, QueueRunner } from "../../server/match/queues/queue-runner.ts";
import { MemoryStore } from "../../server/match/store/memory-store.ts";
import type { Change } from "../../server/match/store/store.ts";
import { Crash, type Faults, FaultyStore } from "./faulty-store.ts";
import { QueueChecker } from "./queue-checker.ts";

export interface QueueWorldOptions {
	config: QueueConfig;
	seed: number;
	faults: Faults;
	/** What becomes of the runners' commits, for broken variants. */
	spoil?: (changes: readonly Change[]) => readonly (readonly Change[])[];
	/** Open rooms under names that nobody finds again, for a broken variant. */
	forgetRooms?: boolean;
}

export interface SimRoom {
	readonly match: string;
	awaited: readonly string[];
	readonly users: Set<string>;
}

const RUNNERS = 3;
const USERS = 60;

/** Players, a queue, the rooms and the processes that run it: a function of the seed. */
export class QueueWorld {
	nowMs = 1_000_000;
	/** Rooms that were opened, those of one match side by side. */
	readonly rooms: SimRoom[] = [];
	readonly counts: Record<string, number> = {};
	private readonly options: QueueWorldOptions;
	private readonly random: SeededRandom;
	private readonly store = new MemoryStore({ now: () => this.nowMs });
	private readonly queue: Queue;
	private readonly checker: QueueChecker;
	private runners: { runner: QueueRunner; store: FaultyStore; isBusy: boolean }[] = [];
	private faults: Faults;
	private ids = 0;

	constructor(options: QueueWorldOptions) {
		this.options = options;
		this.faults = { ...options.faults };
		this.random = new SeededRandom(options.seed);
		this.queue = new Queue({ config: options.config, store: this.store, now: () => this.nowMs });
		this.checker = new QueueChecker(options.config, this.store, this);
		for (let i = 0; i < RUNNERS; i++) this.runners.push(this.newRunner());
	}

	/** Plays so many cycles, checks after each, and then lets everything come to its end. */
	async play(cycles: number): Promise<void> {
		for (let i = 0; i < cycles; i++) {
			await this.playersAct();
			await this.oneRunnerRuns();
			this.nowMs += 50 + this.random.below(900);
			this.store.sweep();
			await this.checker.check();
		}
		Object.assign(this.faults, { crash: 0, lostAnswer: 0, sleep: 0 });
		for (const { store } of this.runners) store.wake();
		const endMs = this.nowMs + this.options.config.ticketMs + 60_000;
		while (this.nowMs < endMs && this.checker.waiting.size > 0) {
			await this.usersAnswer();
			await this.oneRunnerRuns();
			this.nowMs += 700;
			this.store.sweep();
			await this.checker.check();
		}
		this.checker.checkEnd();
	}

	count(what: string): void {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	private newRunner() {
		const { config, spoil } = this.options;
		const store = new FaultyStore(this.store, this.random, this.faults, spoil);
		const runner = new QueueRunner({
			config,
			store,
			rooms: this.matchRooms(store),
			now: () => this.nowMs,
			newId: () => `match${this.ids++}`,
			done: (why) => this.count(why),
		});
		return { runner, store, isBusy: false };
	}

	private matchRooms(store: FaultyStore): MatchRooms {
		return {
			place: (match) =>
				store.ask(async () => {
					if (this.random.chance(0.05)) return false;
					this.openRoom(match);
					return true;
				}),
			look: (matches) =>
				store.ask(async () => {
					const found = matches.map((match) => {
						const room = this.rooms.find((one) => one.match === match);
						return [match, room ? [...room.users] : null] as const;
					});
					return new Map(found);
				}),
		};
	}

	private openRoom({ id, awaited }: MatchRecord): void {
		const found = this.options.forgetRooms ? undefined : this.rooms.find((r) => r.match === id);
		if (found) found.awaited = awaited;
		else this.rooms.push({ match: id, awaited, users: new Set() });
	}

	/** Some runner runs a cycle, as far as it comes; or one that sleeps goes on; or one is replaced. */
	private async oneRunnerRuns(): Promise<void> {
		const at = this.random.below(RUNNERS);
		const chosen = this.runners[at] as (typeof this.runners)[number];
		if (chosen.store.isAsleep) {
			if (this.random.chance(0.3)) {
				chosen.store.die();
				this.runners[at] = this.newRunner();
				this.count("killed");
			} else chosen.store.wake();
		} else if (!chosen.isBusy) {
			chosen.isBusy = true;
			chosen.runner.cycle().then(
				(hasLed) => {
					chosen.isBusy = false;
					this.count(hasLed ? "led" : "followed");
				},
				(thrown) => {
					if (!(thrown instanceof Crash)) this.checker.failed(thrown);
					const place = this.runners.indexOf(chosen);
					// who was killed in its sleep has a successor already
					if (place < 0) return;
					this.runners[place] = this.newRunner();
					this.count("crashed");
				},
			);
		}
		await new Promise(setImmediate);
	}

	private async playersAct(): Promise<void> {
		const { random, queue, checker } = this;
		if (random.chance(0.6)) {
			const size = random.chance(0.3) ? 1 + random.below(this.options.config.teamSize) : 1;
			const members: Member[] = [];
			while (members.length < size) {
				const user = `user${random.below(USERS)}`;
				if (members.some((member) => member.user === user)) continue;
				const rating = random.chance(0.1) ? null : 1_500 + (random.next() - 0.5) * 600;
				members.push({ user, name: null, rating });
			}
			// who plays does not queue for more
			if (!members.some(({ user }) => checker.isPlaying(user))) {
				const regions = this.options.config.regions.filter(() => random.chance(0.7));
				const entered = await queue.enter(members, regions);
				if ("error" in entered) this.count(entered.error);
				else checker.entered(entered);
			}
		}
		const waiting = [...checker.waiting.values()];
		if (waiting.length > 0 && random.chance(0.05)) {
			const ticket = random.pick(waiting);
			const { user } = random.pick(ticket.members);
			await queue.cancel(ticket.id, user);
		}
		await this.usersAnswer();
		this.usersPlay();
	}

	private async usersAnswer(): Promise<void> {
		const { random, queue, checker } = this;
		for (const { id, members } of [...checker.waiting.values()]) {
			const view = await queue.look(id);
			if ("error" in view || view.match?.state !== "accepting") continue;
			for (const { user } of members) {
				if (random.chance(0.5)) await queue.answer(id, user, random.chance(0.95));
			}
		}
	}

	/** Those who are awaited come or do not, and those who play leave some day. */
	private usersPlay(): void {
		const { random, checker } = this;
		for (const room of [...this.rooms]) {
			for (const user of room.awaited) {
				if (checker.placedIn(user) === room.match && random.chance(0.3)) room.users.add(user);
			}
			for (const user of [...room.users]) {
				if (random.chance(0.02)) {
					room.users.delete(user);
					room.awaited = room.awaited.filter((other) => other !== user);
					checker.left(user);
				}
			}
			if (room.users.size === 0 && random.chance(0.05)) {
				this.rooms.splice(this.rooms.indexOf(room), 1);
				for (const user of room.awaited) checker.left(user, room.match);
			}
		}
	}
}
