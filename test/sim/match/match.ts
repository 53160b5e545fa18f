import { genericBehaviour } from "../../../bots/generic-behaviour.ts";
import type { Room } from "../../../client/room.ts";
import { createWorld, SeededRandom, type World } from "../../../testing/index.ts";
import { Caretaker } from "./caretaker.ts";
import { checkViews } from "./check-views.ts";
import { insist } from "./insist.ts";
import {
	drawPlan,
	EMPTY_ROOM_MS,
	type MatchPlan,
	SILENCE_MS,
	STREAM,
	serverOf,
} from "./match-plan.ts";
import { Operator } from "./operator.ts";
import { PlainViewer } from "./plain-viewer.ts";
import { randomLink, troubleLine } from "./random-link.ts";
import { checkSeats, UNCODED, watchHellos } from "./seat-checker.ts";
import type { SimGame } from "./sim-games.ts";
import { Watchers } from "./watchers.ts";

export interface MatchReport {
	readonly game: string;
	readonly clients: number;
	readonly virtualMs: number;
	readonly reconnects: number;
	/** Hellos with the token of a held seat. */
	readonly resumed: number;
	/** Processes that died. */
	readonly kills: number;
	/** Changes of a room's rules, and those that a fault brought about. */
	readonly swaps: number;
	readonly ownRollbacks: number;
	readonly retired: number;
	readonly snapshots: number;
	readonly plainSnapshots: number;
	readonly skipped: number;
	readonly inputs: number;
	readonly aborted: number;
	/** Journals, whole or cut, that were played again. */
	readonly replayed: number;
	/** Rows compared at the end. */
	readonly rows: number;
	readonly drops: Readonly<Record<string, number>>;
	/** What the operator did, and what was refused. */
	readonly operations: Readonly<Record<string, number>>;
	readonly hash: string;
}

/** One match, all of which follows from its seed. */
class Match {
	private readonly world: World;
	private readonly random: SeededRandom;
	private readonly trouble: SeededRandom;
	private readonly caretaker: Caretaker;
	private readonly plan: MatchPlan;
	private readonly watchers: Watchers;
	private readonly operator: Operator;
	private readonly clients: Room[] = [];
	private readonly plain: PlainViewer[] = [];
	private snapshots = 0;
	private skipped = 0;
	private isSettling = false;
	/** When the rooms that stood to be compared went on. */
	private stoodUntilMs = 0;

	constructor(world: World, plan: MatchPlan, watchers: Watchers) {
		const { seed } = world;
		this.world = world;
		this.plan = plan;
		this.watchers = watchers;
		this.random = SeededRandom.fork(seed, STREAM.play);
		this.trouble = SeededRandom.fork(seed, STREAM.trouble);
		this.caretaker = new Caretaker(world, this.trouble, watchers);
		const operator = SeededRandom.fork(seed, STREAM.operator);
		this.operator = new Operator(world, operator, plan.chosen, watchers.ledger);
	}

	async play(): Promise<MatchReport> {
		const { world, plan, watchers } = this;
		const hellos = [watchHellos(world)];
		this.caretaker.onKill = () => this.operator.forget();
		this.caretaker.onStart = () => hellos.push(watchHellos(world));
		const rooms = this.openRooms();
		this.planClients(rooms);
		world.every(250, () => {
			// a room that stood for a while gives its seats up once it goes on again
			const isEven = !this.caretaker.isDisturbed && world.nowMs > this.stoodUntilMs + 500;
			checkSeats(world, isEven ? plan.graceMs : Number.POSITIVE_INFINITY);
			watchers.ledger.checkLists();
		});
		world.every(100, () => this.caretaker.lookAfterRooms(this.isSettling));
		let rows = 0;
		for (const ms of plan.acts) rows += await this.act(ms);
		await this.end();
		const reconnects = this.clients.reduce((sum, { reconnects: n }) => sum + n, 0);
		const { checkers, journals, ledger } = watchers;
		const sum = (key: "inputs" | "aborted"): number =>
			checkers.reduce((total, { [key]: n }) => total + n, 0);
		return {
			game: `${plan.chosen.game.name} ${plan.chosen.game.version}`,
			clients: plan.clients,
			virtualMs: world.nowMs,
			reconnects,
			resumed: hellos.reduce((total, resumed) => total + resumed(), 0),
			kills: this.caretaker.kills,
			swaps: ledger.changes,
			ownRollbacks: ledger.ownRollbacks,
			retired: ledger.retired,
			snapshots: this.snapshots,
			plainSnapshots: this.plain.reduce((total, { snapshots }) => total + snapshots, 0),
			skipped: this.skipped,
			inputs: sum("inputs"),
			aborted: sum("aborted"),
			replayed: journals?.replayed ?? 0,
			rows,
			drops: Object.fromEntries(world.counters.drops),
			operations: Object.fromEntries(this.operator.done),
			hash: world.sent.hex,
		};
	}

	private openRooms(): string[] {
		const { directory } = this.world;
		const ids: string[] = [];
		for (let n = 0; n < this.plan.rooms; n++) {
			const room = directory.open(this.plan.chosen.game);
			insist(!("error" in room), "a room did not open");
			ids.push(room.id);
		}
		return ids;
	}

	private planClients(rooms: readonly string[]): void {
		const { world, random, plan } = this;
		const [firstMs = 0] = plan.acts;
		for (let i = 0; i < plan.clients; i++) {
			// one is there from the start, most come early, some in the middle of it
			const early = random.chance(0.5) ? random.between(0, 500) : random.between(0, firstMs);
			const wanted = plan.rooms > 1 && random.chance(0.8) ? random.pick(rooms) : null;
			world.after(i === 0 ? 0 : early, () => this.enter(i, wanted));
		}
		for (let i = 0; i < plan.plainViewers; i++) {
			world.after(random.between(0, 2_000), () => {
				this.plain.push(
					new PlainViewer(world, plan.chosen.game.name, world.dial(randomLink(random))),
				);
			});
		}
	}

	/** Lets things happen for a while; then everything settles, and is compared. */
	private async act(ms: number): Promise<number> {
		const { world, plan, operator, caretaker } = this;
		const untilMs = world.nowMs + ms;
		this.isSettling = false;
		this.planAgain(plan.operatorMs, untilMs, () => operator.act());
		this.planAgain(plan.troubleMs, untilMs, () => caretaker.befall());
		for (const client of this.clients) this.planTrouble(client, ms);
		await world.run(ms);
		this.isSettling = true;
		this.stoodUntilMs = Number.POSITIVE_INFINITY;
		await world.runUntil(() => operator.isIdle);
		// whoever was short of bytes gets what it lacks
		await world.run(1_000);
		await this.settle();
		const { isDisturbed } = caretaker;
		const { isFrail } = plan.chosen;
		const rows = checkViews(world, this.clients, { isFrail, isDisturbed });
		for (const viewer of this.plain) viewer.check();
		this.stoodUntilMs = world.nowMs;
		for (const { counters } of world.directory.rooms.values()) {
			this.skipped += counters.skippedSnapshots;
		}
		world.resume();
		return rows;
	}

	/** Runs something again and again, so long apart on average. */
	private planAgain(meanMs: number, untilMs: number, run: () => void): void {
		const { world, trouble } = this;
		if (meanMs === Number.POSITIVE_INFINITY) return;
		const waitMs = trouble.gapMs(1_000 / meanMs);
		if (world.nowMs + waitMs >= untilMs) return;
		world.after(waitMs, () => {
			run();
			this.planAgain(meanMs, untilMs, run);
		});
	}

	private async settle(): Promise<void> {
		const { world } = this;
		for (const { link } of this.plain) {
			link.link = { delayMs: 5 };
			link.read();
		}
		for (let tries = 0; tries < 20; tries++) {
			await world.settle(60_000);
			if (this.plain.every((viewer) => viewer.isUpToDate)) return;
			world.resume();
			await world.run(1_000);
		}
		throw new Error("a plain viewer never caught up");
	}

	private enter(index: number, room: string | null): void {
		const { world, random, plan } = this;
		const client = world.enter({
			game: plan.chosen.game.name,
			room,
			name: `${random.chance(0.2) ? UNCODED : "bot"} ${index}`,
			spectate: random.chance(0.1),
			reconnect: random.chance(0.9),
			interpolate: random.chance(0.5),
			predict: random.chance(0.4),
			sendRate: random.pick([20, 30, 60]),
			clockDrift: random.between(-2e-4, 2e-4),
			link: randomLink(random),
		});
		this.clients.push(client);
		this.watch(client);
		this.steer(client);
		const [firstMs = 0] = plan.acts;
		if (world.nowMs < firstMs) this.planTrouble(client, firstMs - world.nowMs);
	}

	private planTrouble(client: Room, leftMs: number): void {
		const { world, random } = this;
		if (random.chance(0.2)) world.after(random.between(0, leftMs), () => client.leave());
		for (let n = random.below(4); n > 0; n--) {
			world.after(random.between(0, leftMs), () => {
				troubleLine(world.linkOf(client), random, (ms, run) => world.after(ms, run));
			});
		}
		if (random.chance(0.2)) {
			world.after(random.between(0, leftMs), () => {
				world.linkOf(client).link = randomLink(random);
			});
		}
	}

	/** Each connection's snapshots go forward, and none of them fails to decode. */
	private watch(client: Room): void {
		let lastTick = -1;
		client.onStatus(() => {
			lastTick = -1;
		});
		client.onSnapshot(({ tick }) => {
			this.snapshots++;
			insist(tick > lastTick, `a snapshot of tick ${tick} came after one of tick ${lastTick}`);
			lastTick = tick;
		});
	}

	private steer(client: Room): void {
		const { world, random, plan } = this;
		const { chosen } = plan;
		const behaviour = chosen.behaviour ?? genericBehaviour(chosen.game.schema.input);
		const think = behaviour.create(random.next);
		world.every(1_000 / behaviour.thinksPerSecond, () => {
			if (client.status !== "playing") return;
			client.update();
			if (this.isSettling) return this.rest(client);
			const { state, player, input } = client;
			think({ state, player, input, nowMs: world.nowMs });
		});
	}

	/** Presses nothing that could break a room while it is compared. */
	private rest({ input }: Room): void {
		const fields = input as Record<string, number | boolean>;
		for (const [name, value] of Object.entries(fields)) {
			fields[name] = typeof value === "boolean" ? false : 0;
		}
	}

	/** Everybody goes; then nothing of the match is left on the server. */
	private async end(): Promise<void> {
		const { world, plan, watchers } = this;
		for (const client of this.clients) client.leave();
		for (const viewer of this.plain) viewer.leave();
		// one whose line was dead is missed first, then its seat is held, then the room stays for a while
		await world.run(SILENCE_MS + plan.graceMs + EMPTY_ROOM_MS + 4_000);
		const { directory, counters, core } = world;
		insist(directory.rooms.size === 0, `${directory.rooms.size} rooms are left`);
		insist(counters.roomsOpened === counters.roomsClosed, "a room was opened and not closed");
		insist(plan.chosen.isFrail || counters.faults === 0, `${counters.faults} rooms failed`);
		const { size } = (core.sessions as unknown as { sessions: Map<unknown, unknown> }).sessions;
		insist(size === 0, `${size} sessions are left`);
		await watchers.journals?.check();
	}
}

/** Breaks a match's server before it begins, and returns what mends it. */
export type Meddle = (world: World, random: SeededRandom) => () => void;

/** Plays the match of a seed. @throws Error, naming the seed, when something is not as it must be */
export async function playMatch(
	games: readonly SimGame[],
	seed: number,
	meddle: Meddle = () => () => {},
): Promise<MatchReport> {
	const plan = drawPlan(games, SeededRandom.fork(seed, STREAM.plan));
	let world: World | null = null;
	const watchers = new Watchers(plan, seed, () => world?.nowMs ?? 0);
	const server = serverOf(plan);
	world = await createWorld({
		games: [plan.chosen.game],
		seed,
		server: {
			...server,
			rooms: { ...server.rooms, recorder: () => watchers.recorder() },
			log: (_, message, fields = {}) => watchers.ledger.hear(message, fields),
		},
	});
	watchers.ledger.watch(world);
	const mend = meddle(world, SeededRandom.fork(seed, -1));
	try {
		return await new Match(world, plan, watchers).play();
	} catch (thrown) {
		if (thrown instanceof Error && !thrown.message.includes(`seed ${seed}`)) {
			thrown.message += ` (seed ${seed})`;
		}
		throw thrown;
	} finally {
		mend();
	}
}
