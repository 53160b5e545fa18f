import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { LIMITS } from "../protocol/limits.ts";
import { ConfigError } from "./config-error.ts";
import { ServerCounters } from "./counters.ts";
import { VERSION } from "./installation.ts";
import { type Log, levelOf, silentLog } from "./log.ts";
import { type GameModule, loadGame } from "./module/game-module.ts";
import { lastAnswer } from "./ops/admin/answers.ts";
import { ClosedRooms } from "./ops/closed-rooms.ts";
import { createHttpHandler, type MetricsReaders } from "./ops/http.ts";
import { ProcessMetrics } from "./ops/metrics/process-metrics.ts";
import { RoomMetrics } from "./ops/metrics/room-metrics.ts";
import { writeMetrics } from "./ops/metrics/write-metrics.ts";
import { PastStates } from "./ops/time-travel/time-travel.ts";
import { type Clock, runningClock } from "./room/clock.ts";
import type { FaultReport } from "./room/fault-report.ts";
import type { Recorder } from "./room/recorder.ts";
import type { FaultPolicy, Room } from "./room/room.ts";
import { RoomDirectory } from "./room/room-directory.ts";
import { Scheduler } from "./room/scheduler.ts";
import { createPeerHandler } from "./session/session.ts";
import { clientsByDescriptors } from "./socket/descriptor-limit.ts";
import { Listener } from "./socket/listener.ts";
import { PlainSockets } from "./socket/plain-sockets.ts";
import { createDeployments, goOn } from "./swap/create-deployments.ts";
import { DeploymentStore } from "./swap/deployment-store.ts";
import type { Deployments } from "./swap/deployments.ts";

export { CLOSE_CODES, type CloseName } from "../protocol/errors.ts";
export { ConfigError } from "./config-error.ts";
export type { Log, LogLevel } from "./log.ts";
export { type GameModule, loadGame, ModuleError } from "./module/game-module.ts";
export { createLog } from "./ops/json-log.ts";

export interface ServerOptions {
	/** Module files or loaded games; each is offered under the name in its descriptor. */
	games: readonly (string | GameModule)[];
	/** Folder of static files to serve, none by default. */
	pageFolder?: string | null;
	log?: Log;
	maxConnections?: number;
	maxRooms?: number;
	/** How long a room without players stays open, ms. */
	emptyRoomMs?: number;
	/** How long a socket may stay without a hello, ms. */
	helloTimeoutMs?: number;
	/** Time between pings, ms. */
	heartbeatMs?: number;
	/** A socket without a sign of life for so long is dropped, ms. */
	silenceMs?: number;
	/** How long a seat is held for a player whose connection is lost, ms. */
	seatGraceMs?: number;
	/** Bytes a second that each client is sent at most; what is far away waits when they run short. */
	clientBytesPerSecond?: number;
	/** Code what changed arithmetically: up to two fifths fewer bytes, for about 0.4 µs more per row. */
	codeResiduals?: boolean;
	/** What becomes of a room whose tick fails even without inputs: "retry" (the default) closes it. */
	onFault?: FaultPolicy;
	/** Keeps the journal of each new room, for replays. */
	recorder?: (game: GameModule) => Recorder;
	/** For how long after a swap a fault brings the rules from before back, ms: 2,000, and 30,000 at most. */
	probationMs?: number | undefined;
	/** Deployed rules with which so many rooms failed within that time are not for new rooms any more. */
	retireAfter?: { failures: number; withinMs: number } | undefined;
	/** Folder in which deployments are kept, so that a restart goes on with them; none by default. */
	dataFolder?: string | null;
	/** Token of the admin API; without one there is none. */
	adminToken?: string | null;
	/** Let the admin API answer other machines too. */
	adminRemote?: boolean;
	/** Folder of the monitor's page, which needs an admin token; none by default. */
	monitorFolder?: string | null;
	/** Who may read `/metrics`: "local" (the default), "all" or "off". */
	metrics?: MetricsReaders;
	/** Seed of a new room, for tests. */
	seed?: () => number;
	/** What the rooms take the time from, for tests. */
	clock?: Clock;
}

export interface HotstepServer {
	readonly directory: RoomDirectory;
	readonly counters: ServerCounters;
	/** Puts new rules into running rooms, and takes them back. */
	readonly deployments: Deployments;
	/** Starts to accept; port 0 takes a free one. Resolves with the address, rejects if it is taken. */
	listen(port: number, host?: string): Promise<{ host: string; port: number; url: string }>;
	/** Tells everybody that the server goes, waits for the goodbyes, and stops. */
	close(): Promise<void>;
}

function createDirectory(
	scheduler: Scheduler,
	counters: ServerCounters,
	metrics: RoomMetrics,
	log: Log,
	clock: Clock,
	options: ServerOptions,
	heard: (room: Room, report: FaultReport) => void,
	over: (room: Room, why: "empty" | "fault" | "shutdown" | "replaced") => void,
): RoomDirectory {
	const { maxRooms, emptyRoomMs, seed, onFault, recorder } = options;
	return new RoomDirectory({
		clock,
		scheduler,
		maxRooms: maxRooms ?? LIMITS.rooms,
		emptyRoomMs: emptyRoomMs ?? LIMITS.emptyRoomMs,
		policy: onFault ?? "retry",
		seatGraceMs: options.seatGraceMs ?? LIMITS.seatGraceMs,
		clientBytesPerSecond: options.clientBytesPerSecond ?? LIMITS.clientBytesPerSecond,
		codeResiduals: options.codeResiduals ?? false,
		...(seed ? { seed } : {}),
		...(recorder ? { recorder } : {}),
		events: {
			opened(room) {
				counters.roomsOpened++;
				metrics.opened(room);
				log("info", "room opened", { room: room.id, game: room.game.name, seed: room.seed });
			},
			closed(room, why) {
				counters.roomsClosed++;
				over(room, why);
				metrics.closed(room);
				log("info", "room closed", { room: room.id, why, tick: room.tick });
			},
			fault(room, fault) {
				counters.faults++;
				log("error", "room failed", { room: room.id, tick: room.tick, ...fault });
			},
			report(room, full) {
				counters.ticksFailed++;
				metrics.report(room, full);
				heard(room, full);
				const { stack: _, ...report } = full;
				log("error", "tick failed", { game: room.game.name, ...report });
			},
			log(room, level, line) {
				log(levelOf(level), line, { room: room.id, tick: room.tick, from: "module" });
			},
		},
	});
}

/** As many clients as the operator allows, and there are descriptors for. */
function mostConnections({ maxConnections = LIMITS.connections }: ServerOptions, log: Log): number {
	const possible = clientsByDescriptors() ?? maxConnections;
	if (possible >= maxConnections) return maxConnections;
	const hint = "raise ulimit -n, or LimitNOFILE= of the unit";
	log("warn", "descriptors allow fewer clients", {
		clients: possible,
		wanted: maxConnections,
		hint,
	});
	return possible;
}

function listenOn(http: Server, port: number, host: string): Promise<AddressInfo> {
	return new Promise((resolve, reject) => {
		http.once("error", reject);
		http.listen(port, host, () => {
			http.off("error", reject);
			resolve(http.address() as AddressInfo);
		});
	});
}

/**
 * A server for the given games. Nothing is accepted before `listen`.
 *
 * @throws ModuleError when a module is missing, is not wasm or describes itself wrongly
 * @throws ConfigError when two are of one name
 */
export async function createServer(options: ServerOptions): Promise<HotstepServer> {
	const log = options.log ?? silentLog;
	const games: GameModule[] = [];
	for (const source of options.games) {
		games.push(typeof source === "string" ? await loadGame(source) : source);
	}
	const counters = new ServerCounters();
	const clock =
		options.clock ??
		runningClock((ms) => log("warn", "the process stood still", { ms: Math.round(ms) }));
	const scheduler = new Scheduler(clock);
	const metrics = new RoomMetrics();
	const processMetrics = new ProcessMetrics();
	const heard = (room: Room, report: FaultReport): void => deployments.heard(room, report);
	const closed = new ClosedRooms();
	const directory: RoomDirectory = createDirectory(
		scheduler,
		counters,
		metrics,
		log,
		clock,
		options,
		heard,
		(room, why) => {
			const answer = lastAnswer(room, { directory, deployments, metrics });
			closed.keep(answer, why, Date.now(), room.recorder?.file ?? null);
		},
	);
	for (const game of games) {
		if (directory.games.has(game.name)) {
			throw new ConfigError(`two of the modules are a game named "${game.name}"`);
		}
		directory.games.set(game.name, game);
		metrics.expect(game);
	}
	const store = options.dataFolder
		? new DeploymentStore(path.resolve(options.dataFolder), ({ error, detail }) =>
				log("error", "deployments are not kept", { error, detail }),
			)
		: null;
	const deployments: Deployments = createDeployments(
		directory,
		counters,
		log,
		options,
		store,
		games,
	);
	if (store) await goOn(store, deployments, games, log);
	const past = new PastStates();
	const { adminToken: token, adminRemote: remote = false } = options;
	const http = createHttpServer(
		{
			headersTimeout: LIMITS.httpHeadMs,
			requestTimeout: LIMITS.httpRequestMs,
			connectionsCheckingInterval: LIMITS.httpCheckMs,
		},
		createHttpHandler({
			directory,
			counters,
			connections: () => listener.connections.size,
			admin: token
				? {
						directory,
						deployments,
						counters,
						metrics,
						processMetrics,
						past,
						closed,
						connections: () => listener.connections.size,
						token,
						remote,
						log,
					}
				: null,
			pageFolder: options.pageFolder ? path.resolve(options.pageFolder) : null,
			monitorFolder: options.monitorFolder ? path.resolve(options.monitorFolder) : null,
			metricsReaders: options.metrics ?? "local",
			metrics: () =>
				writeMetrics({
					version: VERSION,
					counters,
					rooms: metrics,
					process: processMetrics,
					connections: () => ({ open: listener.connections.size, accepted: listener.accepted }),
				}),
		}),
	);
	const maxConnections = mostConnections(options, log);
	new PlainSockets(http, Math.min(LIMITS.plainSockets, maxConnections));
	const listener = new Listener(http, createPeerHandler(directory, counters, log), {
		maxConnections,
		helloTimeoutMs: options.helloTimeoutMs ?? LIMITS.helloTimeoutMs,
		heartbeatMs: options.heartbeatMs ?? LIMITS.heartbeatMs,
		silenceMs: options.silenceMs ?? LIMITS.silenceMs,
		now: () => clock.now(),
		served: () => scheduler.poke(),
	});
	const sweep = setInterval(() => directory.sweep(), 1000);

	const close = async (): Promise<void> => {
		clearInterval(sweep);
		listener.stopAccepting();
		for (const connection of listener.connections) {
			connection.drop("ERR_SERVER_SHUTDOWN", "the server stops");
		}
		for (const room of [...directory.rooms.values()]) directory.close(room, "shutdown");
		scheduler.stop();
		await store?.finished();
		metrics.close();
		processMetrics.close();
		past.close();
		const closed = new Promise<void>((resolve) => {
			http.close(() => resolve());
		});
		const cut = setTimeout(() => http.closeAllConnections(), LIMITS.shutdownMs);
		http.closeIdleConnections();
		await closed;
		clearTimeout(cut);
	};

	return {
		directory,
		counters,
		deployments,
		close,
		async listen(port, host = "127.0.0.1") {
			const address = await listenOn(http, port, host).catch(async (error) => {
				await close();
				throw error;
			});
			http.on("error", ({ code, message }: NodeJS.ErrnoException) => {
				log("error", "cannot accept", { error: code, detail: message, hint: "see ulimit -n" });
			});
			const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
			return { host: address.address, port: address.port, url: `http://${shown}:${address.port}` };
		},
	};
}
