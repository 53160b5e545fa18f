import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { LIMITS } from "../../protocol/limits.ts";
import { ConfigError } from "../config-error.ts";
import type { WebhookOptions } from "../effects/webhook.ts";
import { BUILD_ROOT } from "../installation.ts";
import type { Retention } from "../journal/retention.ts";
import type { Durability } from "../journal/room-log/room-log-writer.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";
import { DOOR_LIMITS } from "../match/doors/doors.ts";
import { Entrance, type EntranceOptions } from "../match/doors/entrance.ts";
import type { MetricsReaders } from "../ops/http.ts";
import { readCount, readNumber, readSize, readWord } from "../read-value.ts";
import type { FaultPolicy } from "../room/room-settings.ts";
import type { ServerOptions } from "../server-options.ts";
import { RETIRE_AFTER } from "../swap/failure-count.ts";
import { WORKER_LIMITS } from "../worker/worker-limits.ts";
import { readStartFlags } from "./start-flags.ts";
import { readHooks, readWebhook } from "./start-hooks.ts";
import { builtInGames, readData, readPage, readToken, roomsFolder } from "./start-places.ts";

export interface StartConfig {
	host: string;
	port: number;
	/** Module files. */
	games: string[];
	pageFolder: string | null;
	/** Folder of the monitor's page; served only with an admin token. */
	monitorFolder: string | null;
	metrics: MetricsReaders;
	logLevel: LogLevel;
	adminToken: string | null;
	adminRemote: boolean;
	/** Maximum bytes per second to each client. */
	clientBytesPerSecond: number;
	codeResiduals: boolean;
	maxConnections: number;
	/** Which pages and addresses may come in. */
	doors: EntranceOptions;
	maxRooms: number;
	/** How long an empty room stays open, ms. */
	emptyRoomMs: number;
	/** How long a socket may take to send its hello, ms. */
	helloTimeoutMs: number;
	/** A socket silent for this long is dropped, ms. */
	silenceMs: number;
	/** How long a lost player's seat is held, ms. */
	seatGraceMs: number;
	onFault: FaultPolicy;
	/** Folder for journals. */
	recordFolder: string | null;
	/** Which journals to keep; null for all. */
	recordRetention: Retention | null;
	/** Where deployments are kept; null without an admin token, or on any free port. */
	dataFolder: string | null;
	/** Processes that share the rooms; 0 for none beside this one. */
	workers: number;
	/** Whether rooms leave workers that have too much to do. */
	isBalancing: boolean;
	/** What a tick that was shown survives. */
	durability: Durability;
	/** Folder of the room log; null for none, or for one that lasts as long as the server. */
	recoveryFolder: string | null;
	/** Whether that folder was named. */
	isDataGiven: boolean;
	/** Module of hooks. */
	hooksFile: string | null;
	/** Where results are posted, and what signs them. */
	webhook: WebhookOptions | null;
	probationMs: number;
	retireAfter: { failures: number; withinMs: number };
}

/** With less than this, a small game's snapshots would not get through. */
const MIN_CLIENT_BYTES = 1_000;
const FAULT_POLICIES: readonly FaultPolicy[] = ["retry", "pause", "close"];
const DURABILITIES: readonly Durability[] = ["none", "process", "disk", "confirmed"];
const METRICS_READERS: readonly MetricsReaders[] = ["local", "all", "off"];

function readPort(text: string): number {
	const port = Number(text);
	if (!/^\d{1,5}$/.test(text) || port > 65_535) {
		throw new ConfigError(`the port must be a number from 0 to 65535, not "${text}"`);
	}
	return port;
}

const DAY_MS = 86_400_000;

function readRetention(
	keep: string | undefined,
	max: string | undefined,
	isRecording: boolean,
): Retention | null {
	if (keep === undefined && max === undefined) return null;
	if (!isRecording) throw new ConfigError("--record-keep and --record-max are for --record DIR");
	return {
		keepMs: keep === undefined ? null : readNumber("record-keep", keep, 0) * DAY_MS,
		maxBytes: max === undefined ? null : readSize("record-max", max),
	};
}

/** Reads the arguments of `hotstep start`; flags win over the environment. @throws ConfigError */
export function readStartConfig(args: string[], env: NodeJS.ProcessEnv): StartConfig {
	const { values, positionals } = readStartFlags(args, env);
	const logLevel = values.log ?? "info";
	if (!LOG_LEVELS.includes(logLevel as LogLevel)) {
		throw new ConfigError(
			`the log level must be one of ${LOG_LEVELS.join(", ")}, not "${logLevel}"`,
		);
	}
	const host = values.host ?? env.HOST ?? "127.0.0.1";
	if (host === "") throw new ConfigError("the host is empty");
	const games = positionals.length > 0 ? positionals : builtInGames();
	if (games.length === 0) throw new ConfigError("there is no game: name a .wasm file");
	const onFault = readWord("on-fault", values["on-fault"] ?? "retry", FAULT_POLICIES);
	const durability = readWord("durability", values.durability ?? "process", DURABILITIES);
	const adminToken = readToken(values["admin-token"], values["admin-token-file"]);
	const metrics = readWord("metrics", values.metrics ?? "local", METRICS_READERS);
	const port = readPort(values.port ?? env.PORT ?? "8080");
	const monitor = path.join(BUILD_ROOT, "monitor");
	return {
		monitorFolder: existsSync(path.join(monitor, "assets")) ? monitor : null,
		metrics,
		adminToken,
		adminRemote: values["admin-remote"] ?? false,
		clientBytesPerSecond: readNumber(
			"client-bytes",
			values["client-bytes"] ?? String(LIMITS.clientBytesPerSecond),
			MIN_CLIENT_BYTES,
		),
		codeResiduals: values["code-residuals"] ?? false,
		maxConnections: readMost(
			"max-connections",
			values["max-connections"],
			SERVER_LIMITS.connections,
		),
		doors: readDoors(values),
		maxRooms: readMost("max-rooms", values["max-rooms"], SERVER_LIMITS.rooms),
		emptyRoomMs: readSeconds("empty-room", values["empty-room"], LIMITS.emptyRoomMs, 0),
		helloTimeoutMs: readSeconds("hello-timeout", values["hello-timeout"], LIMITS.helloTimeoutMs, 1),
		silenceMs: readSeconds("silence", values.silence, LIMITS.silenceMs, 1),
		seatGraceMs: readSeconds("seat-grace", values["seat-grace"], LIMITS.seatGraceMs, 0),
		onFault,
		recordFolder: values.record ?? null,
		recordRetention: readRetention(
			values["record-keep"],
			values["record-max"],
			values.record !== undefined,
		),
		dataFolder: adminToken === null ? null : readData(values.data, port),
		workers: readWorkers(values.workers),
		isBalancing: !(values["no-balance"] ?? false),
		durability,
		recoveryFolder: durability === "none" ? null : roomsFolder(values.data, port),
		isDataGiven: values.data !== undefined,
		hooksFile: readHooks(values.hooks, games),
		webhook: readWebhook(values.webhook, values["webhook-secret-file"], env),
		probationMs: readProbation(values.probation),
		retireAfter: {
			failures: readNumber("retire", values.retire ?? String(RETIRE_AFTER.failures), 1),
			withinMs: RETIRE_AFTER.withinMs,
		},
		host,
		port,
		games,
		pageFolder: values["no-page"] ? null : readPage(values.page, positionals.length === 0),
		logLevel: logLevel as LogLevel,
	};
}

/** The same as options of a server. */
export function serverOptionsOf(config: StartConfig): ServerOptions {
	const { adminToken: token, adminRemote: remote, monitorFolder } = config;
	return {
		games: config.games,
		doors: config.doors,
		hooks: config.hooksFile,
		webhook: config.webhook,
		rooms: {
			maxRooms: config.maxRooms,
			emptyRoomMs: config.emptyRoomMs,
			seatGraceMs: config.seatGraceMs,
			clientBytesPerSecond: config.clientBytesPerSecond,
			codeResiduals: config.codeResiduals,
			faultPolicy: config.onFault,
		},
		connections: {
			max: config.maxConnections,
			helloTimeoutMs: config.helloTimeoutMs,
			silenceMs: config.silenceMs,
		},
		deployments: {
			probationMs: config.probationMs,
			retireAfter: config.retireAfter,
			dataFolder: config.dataFolder,
		},
		admin: token === null ? null : { token, remote, monitorFolder },
		http: { pageFolder: config.pageFolder, metrics: config.metrics },
	};
}

/** How many there may be at most: a number of seven digits, or the default. */
function readMost(flag: string, text: string | undefined, otherwise: number): number {
	return text === undefined ? otherwise : readCount(flag, text, 1, 9_999_999);
}

/** Who may come in; what is wrong with it is said before anything starts. */
function readDoors(values: ReturnType<typeof readStartFlags>["values"]): EntranceOptions {
	const list = (text: string | undefined): string[] => text?.split(",").map((w) => w.trim()) ?? [];
	const doors = {
		origins: list(values["allow-origin"]),
		trustProxy: list(values["trust-proxy"]),
		connectionsPerAddress: readMost(
			"address-connections",
			values["address-connections"],
			DOOR_LIMITS.connections,
		),
		limitLocal: values["limit-local"] ?? false,
	};
	new Entrance(doors, () => 0);
	return doors;
}

function readSeconds(
	flag: string,
	text: string | undefined,
	otherwiseMs: number,
	least: number,
): number {
	return text === undefined ? otherwiseMs : 1000 * readNumber(flag, text, least);
}

/** One for each core that this process may use, unless told otherwise. */
function readWorkers(given: string | undefined): number {
	const { workers: most } = WORKER_LIMITS;
	if (given === undefined) return Math.min(availableParallelism(), most);
	return readCount("workers", given, 0, most);
}

function readProbation(given: string | undefined): number {
	const ms = given === undefined ? SERVER_LIMITS.probationMs : 1000 * Number(given);
	if (ms >= 0 && ms <= SERVER_LIMITS.mostProbationMs) return Math.round(ms);
	const most = SERVER_LIMITS.mostProbationMs / 1000;
	throw new ConfigError(`--probation is a number of seconds from 0 to ${most}, not "${given}"`);
}
