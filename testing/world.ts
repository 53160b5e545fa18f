import { ConnectError, type ConnectOptions, createRoom } from "../client/connect.ts";
import type { Room } from "../client/room.ts";
import type { StopTimer } from "../client/timers.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { Game } from "../protocol/schema/define-game.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";
import type { Core } from "../server/core.ts";
import type { ServerCounters } from "../server/counters.ts";
import type { GameModule } from "../server/module/game-module.ts";
import type { Room as ServerRoom } from "../server/room/room.ts";
import type { RoomDirectory } from "../server/room/room-directory.ts";
import type { Viewer } from "../server/room/viewer.ts";
import type { Deployment, DeployOptions, SwapPolicy } from "../server/swap/deployment.ts";
import { swapRoom } from "../server/swap/swap-room.ts";
import type { Candidate } from "../server/swap/verifier.ts";
import { ClientLink } from "./client-link.ts";
import { differences, expectedView } from "./compare-views.ts";
import type { LineSurroundings } from "./line.ts";
import type { Link } from "./link.ts";
import { adoptRooms, killCore } from "./restart.ts";
import { SentHash } from "./sent-hash.ts";
import { ServerClock } from "./server-clock.ts";
import { Timeline } from "./timeline.ts";
import { VirtualScheduler } from "./virtual-scheduler.ts";
import { createWorldCore, type WorldServerOptions } from "./world-server.ts";

/** How a client comes in; what the client SDK's `connect` takes, and its line. */
export interface EnterOptions extends Omit<ConnectOptions, "open" | "now" | "timers" | "random"> {
	/** The client's line; the world's unless given. */
	link?: Link;
	/** How much faster the client's clock runs than the server's: 0.0001 gains 6 ms a minute. */
	clockDrift?: number;
}

interface Entry {
	readonly room: Room;
	/** Tick of its last snapshot, -1 for none. */
	tick: number;
	readonly link: ClientLink;
}

/** Labels of the world's random streams. */
const STREAM = { server: 0, clients: 1000 } as const;
/** First number of the lines that are not of `enter`. */
const LINES_OF_OTHERS = 100_000;
/** Origins of the clients' clocks lie so far apart at most: nobody may compare two machines' clocks. */
const CLOCK_ORIGINS_MS = 1e7;
/** How often the server looks for rooms to close. */
const SWEEP_MS = 1_000;
/** How long `settle` waits at a time for a room's next snapshot, and for that to arrive. */
const SETTLE_MS = 300;

/**
 * A server, its clients and the network between them in one process, on virtual time. Everything that
 * happens follows from the seed and from what the test does.
 */
export class World {
	readonly seed: number;
	/** Hash and count of everything sent: equal for two runs that went the same way. */
	readonly sent = new SentHash();
	/** The server: the same that a process runs. */
	private process: Core;
	private readonly newProcess: (games: readonly GameModule[]) => Core;
	private readonly link: Link;
	private readonly timeline = new Timeline();
	/** The clock of the server's machine: to make it jump, or stand still. */
	readonly clock = new ServerClock(this.timeline);
	private readonly scheduler = new VirtualScheduler(this.timeline, this.clock);
	private readonly surroundings: LineSurroundings;
	private readonly entries = new Map<Room, Entry>();
	private readonly dialled: ClientLink[] = [];

	constructor(games: readonly GameModule[], seed: number, link: Link, options: WorldServerOptions) {
		this.seed = seed;
		this.link = link;
		const { timeline, clock, scheduler, sent } = this;
		const serverSeed = SeededRandom.fork(seed, STREAM.server).u32();
		let started = 0;
		this.newProcess = (offered) => {
			const processSeed = serverSeed + started++;
			return createWorldCore(offered, timeline, clock, scheduler, processSeed, options);
		};
		this.process = this.newProcess(games);
		const { heartbeatMs, silenceMs } = options.connections ?? {};
		this.surroundings = {
			timeline,
			sent,
			handler: this.process.sessions,
			heartbeatMs: heartbeatMs ?? LIMITS.heartbeatMs,
			silenceMs: silenceMs ?? LIMITS.silenceMs,
		};
		timeline.every(SWEEP_MS, () => this.core.sweep());
	}

	/** The server's process: the same that `hotstep start` runs; another one after `kill`. */
	get core(): Core {
		return this.process;
	}

	/** The server's games and rooms. */
	get directory(): RoomDirectory {
		return this.core.directory;
	}

	get counters(): ServerCounters {
		return this.core.counters;
	}

	/** Virtual time since the world began, ms. */
	get nowMs(): number {
		return this.timeline.now();
	}

	/** Lets `ms` of virtual time pass. @throws what a listener or a planned function throws */
	async run(ms: number): Promise<void> {
		await this.pass(this.nowMs + ms);
	}

	/** Lets time pass until `isEnough`, which is asked after everything that happens. @throws after `withinMs` */
	async runUntil(isEnough: () => boolean, withinMs = 30_000): Promise<void> {
		if (await this.pass(this.nowMs + withinMs, isEnough)) return;
		throw this.told(new Error(`what was waited for did not come about within ${withinMs} ms`));
	}

	/** Does something after `ms` of virtual time: press a button, cut a line. */
	after(ms: number, run: () => void): StopTimer {
		return this.timeline.after(ms, run);
	}

	/** Does something every `ms` of virtual time: a bot's thinking. */
	every(ms: number, run: () => void): StopTimer {
		return this.timeline.every(ms, run);
	}

	/**
	 * A client of the real SDK comes in; time passes until it has a seat. Its `state` is the last snapshot
	 * itself unless `interpolate` or `predict` is asked for.
	 *
	 * @throws ConnectError when the server refuses it
	 */
	async connect<G extends Game = Game>(options: EnterOptions): Promise<Room<G>> {
		const room = this.enter<G>(options);
		await this.runUntil(() => room.status !== "connecting", LIMITS.connectMs * 2);
		if (room.status === "closed" && room.ending) throw new ConnectError(room.ending);
		return room;
	}

	/** The same without letting time pass: `status` is "connecting" at first. */
	enter<G extends Game = Game>({ link, clockDrift = 0, ...options }: EnterOptions): Room<G> {
		const number = this.entries.size;
		const random = SeededRandom.fork(this.seed, STREAM.clients + number);
		const { timeline } = this;
		const originMs = random.next() * CLOCK_ORIGINS_MS;
		const line = new ClientLink(this.surroundings, number, link ?? this.link, random.u32());
		const room = createRoom<G>("ws://world", {
			interpolate: false,
			predict: false,
			loadModule: this.loadModule,
			...options,
			open: line.open,
			now: () => originMs + timeline.now() * (1 + clockDrift),
			timers: timeline,
			random: random.next,
		});
		const entry: Entry = { room: room as Room, tick: -1, link: line };
		room.onSnapshot(({ tick }) => {
			entry.tick = tick;
		});
		this.entries.set(entry.room, entry);
		timeline.settleSoon();
		void room.open();
		return room;
	}

	/** A line for a client that is not the SDK's. */
	dial(link: Link = this.link): ClientLink {
		const number = LINES_OF_OTHERS + this.dialled.length;
		const seed = SeededRandom.fork(this.seed, STREAM.clients + number).u32();
		const line = new ClientLink(this.surroundings, number, link, seed);
		this.dialled.push(line);
		return line;
	}

	/** The rules of a game or a room, as a client would fetch them. */
	private readonly loadModule = async (_url: string, hash: string): Promise<WebAssembly.Module> => {
		const { games, rooms } = this.directory;
		for (const game of games.values()) if (game.hash === hash) return game.module;
		for (const { game } of rooms.values()) if (game.hash === hash) return game.module;
		throw new Error("no room has these rules");
	};

	/** A client's line, to change, to stall and to cut. */
	linkOf(room: Room<never>): ClientLink {
		return this.entryOf(room).link;
	}

	/**
	 * Puts other rules into every running room of their game, and into those that open later.
	 *
	 * @throws Error when a room cannot change, with the reason
	 */
	swap(game: GameModule): void {
		this.directory.games.set(game.name, game);
		for (const room of this.directory.rooms.values()) {
			if (room.game.name !== game.name || room.game.hash === game.hash) continue;
			const result = swapRoom(room, game);
			if ("error" in result) throw this.told(new Error(`${result.error}: ${result.detail}`));
		}
	}

	/** Deploys rules as an operator does, with trials and policies; time passes meanwhile. */
	async deploy(
		name: string,
		candidate: Candidate,
		policy: SwapPolicy,
		options: DeployOptions = {},
	): Promise<Deployment | Refusal> {
		let result: Deployment | Refusal | null = null;
		void this.core.deployments.deploy(name, candidate, policy, options).then((answer) => {
			result = answer;
		});
		await this.runUntil(() => result !== null);
		return result as unknown as Deployment | Refusal;
	}

	/** The room on the server that a client is in, or null. */
	serverRoomOf(room: Room<never>): ServerRoom | null {
		return this.directory.rooms.get(room.id) ?? null;
	}

	/** The server's side of a client's connection, or null. */
	viewerOf(room: Room<never>): Viewer | null {
		const { peer } = this.entryOf(room).link;
		for (const viewer of this.serverRoomOf(room)?.seats.viewers ?? []) {
			if (viewer.sink === peer) return viewer;
		}
		return null;
	}

	/**
	 * Makes every line clean, waits until every client is playing (or closed for good) and has caught up,
	 * and stops the rooms right after a snapshot, with nothing under way any more. What every client has
	 * must then equal what the server has; see `differences`. `resume` lets the rooms go on.
	 */
	async settle(withinMs = 30_000): Promise<void> {
		for (const { link } of this.entries.values()) {
			link.link = { delayMs: Math.min(20, link.roundTripMs / 2) };
			link.read();
		}
		const untilMs = this.nowMs + withinMs;
		while (this.nowMs < untilMs) {
			if (this.isSettled(SETTLE_MS)) {
				this.scheduler.hold();
				await this.run(SETTLE_MS);
				if (this.isSettled(0)) return;
				this.resume();
			}
			await this.run(SETTLE_MS);
		}
		throw this.told(new Error(`not every client has caught up within ${withinMs} ms`));
	}

	/**
	 * The server's process stands still for `ms`, as on a machine that is too busy: no tick runs and nothing
	 * is read. Then it catches up with a few ticks and drops the rest of the time.
	 */
	freeze(ms: number): void {
		this.scheduler.freeze(ms);
		for (const { link } of this.entries.values()) link.holdUp(ms);
	}

	/**
	 * The server's process is killed, and another goes on with its rooms. Every connection breaks; nobody can
	 * open one for `downMs`. What was deployed is in force, but cannot be rolled back any more.
	 */
	kill(downMs: number): void {
		const games = [...this.directory.games.values()];
		const left = killCore(this.process, this.scheduler);
		for (const { link } of this.entries.values()) link.outage(downMs);
		for (const link of this.dialled) link.outage(downMs);
		this.process = this.newProcess(games);
		this.surroundings.handler = this.process.sessions;
		adoptRooms(this.process, left);
	}

	/** Lets the rooms that `settle` stopped go on. */
	resume(): void {
		this.scheduler.resume();
	}

	/** What a client has that it should not have, or the other way round; to be asked after `settle`. */
	differences(room: Room<never>): string[] {
		const serverRoom = this.serverRoomOf(room);
		const viewer = this.viewerOf(room);
		if (!serverRoom || !viewer || !room.received) return ["the server knows no such client"];
		return differences(expectedView(serverRoom, viewer), room.received);
	}

	/** Every client that is there has the last snapshot of its room, or is not further behind. */
	private isSettled(behindMs: number): boolean {
		for (const { room, tick, link } of this.entries.values()) {
			if (room.status === "closed") continue;
			const serverRoom = this.serverRoomOf(room);
			if (room.status !== "playing" || !serverRoom || !this.viewerOf(room)) return false;
			if ((serverRoom.tick - 1 - tick) * serverRoom.tickMs > behindMs) return false;
			// a room that was stopped tells of nobody who left since
			const isStill = this.scheduler.isStopped(serverRoom) && link.isQuiet;
			if (behindMs === 0 && !(isStill && serverRoom.seats.isTold)) return false;
		}
		return true;
	}

	private entryOf(room: Room<never>): Entry {
		const entry = this.entries.get(room as unknown as Room);
		if (!entry) throw new Error("this client is not of this world");
		return entry;
	}

	private async pass(untilMs: number, isEnough?: () => boolean): Promise<boolean> {
		try {
			return await this.timeline.run(untilMs, isEnough);
		} catch (thrown) {
			throw this.told(thrown);
		}
	}

	/** Puts the seed to whatever goes wrong, so that it can be had again. */
	private told(thrown: unknown): unknown {
		if (thrown instanceof Error) {
			thrown.message += ` (seed ${this.seed}, at ${Math.round(this.nowMs)} ms)`;
		}
		return thrown;
	}
}
