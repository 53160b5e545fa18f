import { ConfigError } from "./config-error.ts";
import { ServerCounters } from "./counters.ts";
import { type Log, levelOf } from "./log.ts";
import type { GameModule } from "./module/game-module.ts";
import type { Clock } from "./room/clock.ts";
import type { Recorder } from "./room/recorder.ts";
import { RoomDirectory, type RoomEvents } from "./room/room-directory.ts";
import { type RoomSettings, roomSettings } from "./room/room-settings.ts";
import type { RoomScheduler } from "./room/scheduler.ts";
import { Sessions } from "./session/sessions.ts";
import { createDeployments, goOn } from "./swap/create-deployments.ts";
import type { DeploymentStore } from "./swap/deployment-store.ts";
import type { Deployments } from "./swap/deployments.ts";
import type { DeploymentsOptions } from "./swap/deployments-options.ts";

/** The rooms of a server: how they behave, and how many there may be. */
export interface RoomsOptions extends Partial<RoomSettings> {
	maxRooms?: number;
	/** Keeps the journal of each new room, for replays. */
	recorder?: ((game: GameModule) => Recorder) | undefined;
	/** Seed of a new room, for tests. */
	seed?: (() => number) | undefined;
}

/** What a core gets from outside: whatever is not a function of what its players and operators do. */
interface CoreOptions {
	readonly games: readonly GameModule[];
	readonly clock: Clock;
	readonly scheduler: RoomScheduler;
	readonly log: Log;
	/** Where ids, tokens and seeds come from. */
	readonly randomBytes?: (count: number) => Buffer;
	readonly rooms?: RoomsOptions;
	readonly deployments?: Partial<DeploymentsOptions>;
	/** Keeps deployments beyond the process. */
	readonly store?: DeploymentStore | null;
	/** Hears of rooms after the core has: metrics. */
	readonly observer?: Partial<RoomEvents>;
}

/**
 * A server without its sockets, its HTTP and its timers: games, rooms, sessions and deployments. A process
 * runs it on its own clock, a simulation on a virtual one.
 */
export class Core {
	readonly counters = new ServerCounters();
	readonly directory: RoomDirectory;
	readonly sessions: Sessions;
	readonly deployments: Deployments;
	private readonly options: CoreOptions;

	/** @throws ConfigError when two games are of one name */
	constructor(options: CoreOptions) {
		this.options = options;
		const { clock, scheduler, log, randomBytes, games, rooms = {} } = options;
		this.directory = new RoomDirectory({
			clock,
			scheduler,
			settings: roomSettings(rooms),
			maxRooms: rooms.maxRooms,
			recorder: rooms.recorder,
			seed: rooms.seed,
			randomBytes,
			events: this.roomEvents(),
		});
		for (const game of games) {
			if (this.directory.games.has(game.name)) {
				throw new ConfigError(`two of the modules are a game named "${game.name}"`);
			}
			this.directory.games.set(game.name, game);
		}
		this.sessions = new Sessions(this.directory, this.counters, log);
		this.deployments = createDeployments(
			this.directory,
			this.counters,
			log,
			options.deployments ?? {},
			options.store ?? null,
			games,
		);
	}

	/** Takes up what was deployed before the process began. */
	async goOn(): Promise<void> {
		const { store, games, log } = this.options;
		if (store) await goOn(store, this.deployments, games, log);
	}

	/** Closes rooms that nobody wants any more; to be called every second. */
	sweep(): void {
		this.directory.sweep();
	}

	/** Closes all rooms. */
	close(): void {
		for (const room of [...this.directory.rooms.values()]) this.directory.close(room, "shutdown");
	}

	/** What happens in rooms is counted, logged, judged and told to whoever observes. */
	private roomEvents(): RoomEvents {
		const { counters } = this;
		const { log, observer = {} } = this.options;
		return {
			opened(room) {
				counters.roomsOpened++;
				observer.opened?.(room);
				log("info", "room opened", { room: room.id, game: room.game.name, seed: room.seed });
			},
			closed(room, why) {
				counters.roomsClosed++;
				observer.closed?.(room, why);
				log("info", "room closed", { room: room.id, why, tick: room.tick });
			},
			fault(room, fault) {
				counters.faults++;
				observer.fault?.(room, fault);
				log("error", "room failed", { room: room.id, tick: room.tick, ...fault });
			},
			report: (room, full) => {
				counters.ticksFailed++;
				observer.report?.(room, full);
				this.deployments.heard(room, full);
				const { stack: _, ...report } = full;
				log("error", "tick failed", { game: room.game.name, ...report });
			},
			log(room, level, line) {
				log(levelOf(level), line, { room: room.id, tick: room.tick, from: "module" });
			},
			effect: observer.effect,
			seat: observer.seat,
		};
	}
}
