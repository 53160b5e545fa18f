import { createServer as createHttpServer, type Server } from "node:http";
import path from "node:path";
import { LIMITS } from "../protocol/limits.ts";
import type { RoomLogLine } from "../protocol/operator-answers.ts";
import { Core, type RoomsOptions } from "./core.ts";
import { Effects } from "./effects/effects.ts";
import { VERSION } from "./installation.ts";
import { SERVER_LIMITS } from "./limits.ts";
import { type Log, silentLog } from "./log.ts";
import { Entrance } from "./match/doors/entrance.ts";
import { type GameModule, loadGame } from "./module/game-module.ts";
import { lastAnswer } from "./ops/admin/answers.ts";
import { AuditList } from "./ops/audit/audit-list.ts";
import { ClosedRooms } from "./ops/closed-rooms.ts";
import { createHttpHandler } from "./ops/http.ts";
import { closeHttp, listenOn, type ServerAddress } from "./ops/listen-on.ts";
import { ProcessMetrics } from "./ops/metrics/process-metrics.ts";
import { RoomMetrics } from "./ops/metrics/room-metrics.ts";
import { writeMetrics } from "./ops/metrics/write-metrics.ts";
import { TimeTravel } from "./ops/time-travel/time-travel.ts";
import { newIncarnation, RoomLogs } from "./recovery/room-logs.ts";
import { type Clock, runningClock } from "./room/clock.ts";
import { Recorders } from "./room/recorder.ts";
import { Scheduler } from "./room/scheduler.ts";
import type { RecoveryOptions, ServerOptions } from "./server-options.ts";
import { clientsByDescriptors } from "./socket/descriptor-limit.ts";
import { Listener } from "./socket/listener.ts";
import { PlainSockets } from "./socket/plain-sockets.ts";
import { DeploymentStore } from "./swap/deployment-store.ts";

/** A server with all its parts, for the programs of this installation. */
export interface OpenServer {
	readonly core: Core;
	readonly listener: Listener;
	readonly http: Server;
	readonly clock: Clock;
	/** Brings rooms back; null when nothing is logged. */
	readonly logs: RoomLogs | null;
	/** What rules say to the world outside; null where nobody listens. */
	readonly effects: Effects | null;
	/** Starts to accept; port 0 takes a free one. Resolves with the address, rejects if it is taken. */
	listen(port: number, host?: string): Promise<ServerAddress>;
	/** Tells everybody that the server goes, waits for the goodbyes, and stops. */
	close(): Promise<void>;
}

/** How a server is put together where another process has the port. */
interface AssemblyOptions {
	/** False: WebSockets come as sockets from another process, and not over the HTTP server. */
	isOwnPort?: boolean;
	/** False: another process that shares the data folder writes what is deployed there. */
	keepsDeployments?: boolean;
	/** False: another process lists what operators change, who come through it. */
	hasAudit?: boolean;
	/** Hears of each room that has opened, before anybody can learn its id. */
	roomOpened?: () => void;
	/** Which worker of several this is, and which rooms it brings back before it is ready. */
	logging?: Logging;
}

/** A worker's place in the room log that it shares with others. */
interface Logging {
	readonly worker: number;
	readonly incarnation: string;
	/** Series of logs that nobody writes any more. */
	readonly dead: readonly string[];
	readonly isMine: (room: { readonly id: string }) => boolean;
}

/** As many clients as the operator allows, and there are descriptors for. */
function mostConnections(wanted: number, log: Log): number {
	const possible = clientsByDescriptors() ?? wanted;
	if (possible >= wanted) return wanted;
	const hint = "raise ulimit -n, or LimitNOFILE= of the unit";
	log("warn", "descriptors allow fewer clients", { clients: possible, wanted, hint });
	return possible;
}

async function loadAll(sources: readonly (string | GameModule)[]): Promise<GameModule[]> {
	const games: GameModule[] = [];
	for (const source of sources) {
		games.push(typeof source === "string" ? await loadGame(source) : source);
	}
	return games;
}

/** The log of this worker, or of this server that has no others. */
function openLogs(
	{ folder, durability = "process" }: RecoveryOptions,
	log: Log,
	logging: Logging | null,
): RoomLogs {
	const own = { folder: path.resolve(folder), durability, log };
	const { worker = 0, incarnation = newIncarnation() } = logging ?? {};
	return new RoomLogs({ ...own, worker, incarnation });
}

/** Where results and requests go; null when nobody listens. */
async function openEffects(
	{ hooks = null, webhook = null, recovery }: ServerOptions,
	log: Log,
	logs: RoomLogs | null,
): Promise<Effects | null> {
	if (hooks === null && webhook === null) return null;
	const me = logs?.series ?? newIncarnation();
	const folder = recovery && logs ? path.join(path.resolve(recovery.folder), "effects") : null;
	return Effects.open({ hooks, webhook, folder, me, log }, logs);
}

/** Rooms are journalled when that is asked for, and logged when they are to be brought back. */
function recorderOf(
	journal: RoomsOptions["recorder"],
	logs: RoomLogs | null,
): RoomsOptions["recorder"] {
	if (!logs) return journal;
	return (game) => new Recorders(journal ? [journal(game), logs.recorder] : [logs.recorder]);
}

/**
 * A server for the given games. Nothing is accepted before `listen`.
 *
 * @throws ModuleError when a module is missing, is not wasm or describes itself wrongly
 * @throws ConfigError when two are of one name
 */
export async function openServer(
	options: ServerOptions,
	assembly: AssemblyOptions = {},
): Promise<OpenServer> {
	const { isOwnPort = true, keepsDeployments = true, roomOpened, logging } = assembly;
	const log = options.log ?? silentLog;
	const games = await loadAll(options.games);
	const clock =
		options.clock ??
		runningClock((ms) => log("warn", "the process stood still", { ms: Math.round(ms) }));
	const { recovery = null } = options;
	const logs = recovery && openLogs(recovery, log, logging ?? null);
	const effects = await openEffects(options, log, logs);
	const scheduler = new Scheduler(clock, effects ?? logs);
	const metrics = new RoomMetrics();
	for (const game of games) metrics.expect(game);
	const closedRooms = new ClosedRooms();
	const { dataFolder, ...deploying } = options.deployments ?? {};
	const store = dataFolder
		? new DeploymentStore(
				path.resolve(dataFolder),
				({ error, detail }) => log("error", "deployments are not kept", { error, detail }),
				keepsDeployments,
			)
		: null;
	const core: Core = new Core({
		games,
		clock,
		scheduler,
		log,
		store,
		rooms: { ...options.rooms, recorder: recorderOf(options.rooms?.recorder, logs) },
		deployments: deploying,
		observer: {
			opened(room) {
				metrics.opened(room);
				roomOpened?.();
				effects?.opened(room);
			},
			effect: effects ? (room, effect) => effects.said(room, effect) : undefined,
			seat: effects ? (room, player, change) => effects.seat(room, player, change) : undefined,
			report: (room, report) => metrics.report(room, report),
			closed(room, why) {
				if (why !== "moved") {
					const answer = lastAnswer(room, { ...core, metrics });
					closedRooms.keep(answer, why, Date.now(), room.recorder?.file ?? null);
				}
				metrics.closed(room);
			},
		},
	});
	await core.goOn();
	const { isMine = () => true, dead = logs?.others() ?? [] } = logging ?? {};
	await logs?.recover({
		...{ directory: core.directory, isMine, dead },
		onResults: (results) => effects?.adopt((series) => dead.includes(series), results),
	});
	return attach(core, {
		options,
		isOwnPort,
		log,
		clock,
		scheduler,
		metrics,
		closedRooms,
		...{ store, logs, effects },
		audit: assembly.hasAudit === false ? null : new AuditList(log, dataFolder ?? null),
	});
}

interface Surroundings {
	readonly options: ServerOptions;
	readonly isOwnPort: boolean;
	readonly log: Log;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly metrics: RoomMetrics;
	readonly closedRooms: ClosedRooms;
	readonly store: DeploymentStore | null;
	readonly logs: RoomLogs | null;
	readonly effects: Effects | null;
	readonly audit: AuditList | null;
}

/** Puts sockets, HTTP and timers around a core. */
function attach(core: Core, surroundings: Surroundings): OpenServer {
	const { options, isOwnPort, log, clock, scheduler, metrics, store, logs, effects, audit } =
		surroundings;
	const { connections = {} } = options;
	const processMetrics = new ProcessMetrics();
	const timeTravel = new TimeTravel();
	const http = createHttpServer(
		{
			headersTimeout: SERVER_LIMITS.httpHeadMs,
			requestTimeout: SERVER_LIMITS.httpRequestMs,
			connectionsCheckingInterval: SERVER_LIMITS.httpCheckMs,
		},
		createHttpHandler(
			httpOptions(core, { ...surroundings, processMetrics, timeTravel }, () => ({
				open: listener.connections.size,
				accepted: listener.accepted,
			})),
		),
	);
	const maxConnections = mostConnections(connections.max ?? SERVER_LIMITS.connections, log);
	new PlainSockets(http, Math.min(SERVER_LIMITS.plainSockets, maxConnections));
	const listener = new Listener(core.sessions, {
		maxConnections,
		helloTimeoutMs: connections.helloTimeoutMs ?? LIMITS.helloTimeoutMs,
		heartbeatMs: connections.heartbeatMs ?? LIMITS.heartbeatMs,
		silenceMs: connections.silenceMs ?? LIMITS.silenceMs,
		now: () => clock.now(),
		served: () => scheduler.poke(),
	});
	if (isOwnPort)
		admitTo(listener, http, new Entrance(options.doors ?? {}, () => performance.now()));
	const sweep = setInterval(() => core.sweep(), 1000);
	const close = async (): Promise<void> => {
		clearInterval(sweep);
		listener.stopAccepting();
		scheduler.stop();
		// before the goodbyes: in the log everybody is still there, and has the whole grace from the next start on
		core.close();
		for (const connection of listener.connections) {
			connection.drop("ERR_SERVER_SHUTDOWN", "the server stops");
		}
		await store?.finished();
		await effects?.finish();
		await audit?.finished();
		await logs?.finish();
		for (const part of [metrics, processMetrics, timeTravel]) part.close();
		await closeHttp(http);
	};
	const listen: OpenServer["listen"] = (port, host) => listenOn(http, port, host, log, close);
	return { core, listener, http, clock, logs, effects, close, listen };
}

/** Brings those who may come in from the port to the listener. */
function admitTo(listener: Listener, http: Server, entrance: Entrance): void {
	http.on("upgrade", (request, socket, head) => {
		const address = entrance.admit(request);
		if (typeof address !== "string") return entrance.refuse(request, socket, address);
		socket.once("close", () => entrance.left(address));
		listener.upgrade(request, socket, head, (ws) => listener.accept(ws, socket, address));
	});
}

interface Parts extends Surroundings {
	readonly processMetrics: ProcessMetrics;
	readonly timeTravel: TimeTravel;
}

/** What the HTTP side shows of the server. */
function httpOptions(
	{ directory, counters, deployments }: Core,
	{
		options,
		log,
		metrics,
		closedRooms: closed,
		processMetrics,
		timeTravel,
		logs,
		effects,
		audit,
	}: Parts,
	sockets: () => { open: number; accepted: number },
): Parameters<typeof createHttpHandler>[0] {
	const { admin, http = {} } = options;
	const folder = (given?: string | null): string | null => (given ? path.resolve(given) : null);
	const connections = (): number => sockets().open;
	return {
		directory,
		counters,
		connections,
		admin: !admin
			? null
			: {
					directory,
					deployments,
					counters,
					metrics,
					processMetrics,
					timeTravel,
					closed,
					connections,
					audit,
					roomLog: () => roomLogLine(logs),
					token: admin.token,
					remote: admin.remote ?? false,
					log,
				},
		pageFolder: folder(http.pageFolder),
		monitorFolder: folder(admin?.monitorFolder),
		metricsReaders: http.metrics ?? "local",
		metrics: () =>
			writeMetrics({
				version: VERSION,
				counters,
				rooms: metrics,
				process: processMetrics,
				roomLog: logs?.state ?? null,
				effects: effects?.figures ?? null,
				connections: sockets,
			}),
	};
}

/** What a list says of the room log. */
export function roomLogLine(logs: RoomLogs | null): RoomLogLine | null {
	if (logs === null) return null;
	const { isHeld, lagBytes } = logs.state;
	return { isHeld, lagBytes };
}
