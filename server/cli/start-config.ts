import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, tmpdir, userInfo } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { LIMITS } from "../../protocol/limits.ts";
import { ConfigError } from "../config-error.ts";
import { BUILD_ROOT } from "../installation.ts";
import type { Retention } from "../journal/retention.ts";
import type { Durability } from "../journal/room-log/room-log-writer.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";
import type { MetricsReaders } from "../ops/http.ts";
import type { FaultPolicy } from "../room/room-settings.ts";
import type { ServerOptions } from "../server-options.ts";
import { RETIRE_AFTER } from "../swap/failure-count.ts";
import { WORKER_LIMITS } from "../worker/worker-limits.ts";

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
	/** What a tick that was shown survives. */
	durability: Durability;
	/** Folder of the room log; null for none, or for one that lasts as long as the server. */
	recoveryFolder: string | null;
	/** Whether that folder was named. */
	isDataGiven: boolean;
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

/** A number of at least `least`. */
function readNumber(text: string, least: number, flag: string): number {
	const value = Number(text);
	if (!/^\d+(?:\.\d+)?$/.test(text) || value < least || value > Number.MAX_SAFE_INTEGER) {
		throw new ConfigError(`--${flag} is a number from ${least} up, not "${text}"`);
	}
	return value;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Bytes, as in 500M. */
function readSize(text: string, flag: string): number {
	const [, digits, unit] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? [];
	if (digits === undefined || Number(digits) === 0) {
		throw new ConfigError(`--${flag} is a size such as 500M or 20G, not "${text}"`);
	}
	return Number(digits) * UNIT_BYTES[(unit ?? "").toUpperCase()];
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
		keepMs: keep === undefined ? null : readNumber(keep, 0, "record-keep") * DAY_MS,
		maxBytes: max === undefined ? null : readSize(max, "record-max"),
	};
}

function builtInGames(): string[] {
	const folder = path.join(BUILD_ROOT, "games");
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name.endsWith(".wasm"))
		.sort()
		.map((name) => path.join(folder, name));
}

/** The given folder, or the demo page, which can show only the built-in games. */
function readPage(folder: string | undefined, isDemo: boolean): string | null {
	if (folder === undefined && !isDemo) return null;
	const page = path.resolve(folder ?? path.join(BUILD_ROOT, "page"));
	if (existsSync(page) && statSync(page).isDirectory()) return page;
	if (folder !== undefined) throw new ConfigError(`there is no folder "${folder}"`);
	return null;
}

/** One of a few words. */
function oneOf<T extends string>(all: readonly T[], text: string, flag: string): T {
	const found = all.find((one) => one === text);
	if (found === undefined) {
		throw new ConfigError(`--${flag} is one of ${all.join(", ")}, not "${text}"`);
	}
	return found;
}

/** Reads the arguments of `hotstep start`; flags win over the environment. @throws ConfigError */
export function readStartConfig(args: string[], env: NodeJS.ProcessEnv): StartConfig {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(args, env);
	} catch (thrown) {
		throw thrown instanceof ConfigError ? thrown : new ConfigError((thrown as Error).message);
	}
	const { values, positionals } = parsed;
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
	const onFault = oneOf(FAULT_POLICIES, values["on-fault"] ?? "retry", "on-fault");
	const durability = oneOf(DURABILITIES, values.durability ?? "process", "durability");
	const adminToken = readToken(values["admin-token"], values["admin-token-file"]);
	const metrics = oneOf(METRICS_READERS, values.metrics ?? "local", "metrics");
	const port = readPort(values.port ?? env.PORT ?? "8080");
	const monitor = path.join(BUILD_ROOT, "monitor");
	return {
		monitorFolder: existsSync(path.join(monitor, "assets")) ? monitor : null,
		metrics,
		adminToken,
		adminRemote: values["admin-remote"] ?? false,
		clientBytesPerSecond: readNumber(
			values["client-bytes"] ?? String(LIMITS.clientBytesPerSecond),
			MIN_CLIENT_BYTES,
			"client-bytes",
		),
		codeResiduals: values["code-residuals"] ?? false,
		maxConnections: readCount(values["max-connections"], LIMITS.connections, "max-connections"),
		maxRooms: readCount(values["max-rooms"], LIMITS.rooms, "max-rooms"),
		emptyRoomMs: readSeconds(values["empty-room"], LIMITS.emptyRoomMs, 0, "empty-room"),
		helloTimeoutMs: readSeconds(values["hello-timeout"], LIMITS.helloTimeoutMs, 1, "hello-timeout"),
		silenceMs: readSeconds(values.silence, LIMITS.silenceMs, 1, "silence"),
		seatGraceMs: readSeconds(values["seat-grace"], LIMITS.seatGraceMs, 0, "seat-grace"),
		onFault,
		recordFolder: values.record ?? null,
		recordRetention: readRetention(
			values["record-keep"],
			values["record-max"],
			values.record !== undefined,
		),
		dataFolder: adminToken === null ? null : readData(values.data, port),
		workers: readWorkers(values.workers),
		durability,
		recoveryFolder: durability === "none" ? null : roomsFolder(values.data, port),
		isDataGiven: values.data !== undefined,
		probationMs: readProbation(values.probation),
		retireAfter: {
			failures: readNumber(values.retire ?? String(RETIRE_AFTER.failures), 1, "retire"),
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

/** A server on any free port has no folder that the next one would find. */
function readData(given: string | undefined, port: number): string | null {
	if (given !== undefined) return path.resolve(given);
	if (port === 0) return null;
	const owner = process.getuid?.() ?? userInfo().username;
	return path.join(tmpdir(), `hotstep-${owner}`, String(port));
}

function roomsFolder(given: string | undefined, port: number): string | null {
	const data = readData(given, port);
	return data && path.join(data, "rooms");
}

/** One for each core that this process may use, unless told otherwise. */
function readWorkers(given: string | undefined): number {
	const { workers: most } = WORKER_LIMITS;
	if (given === undefined) return Math.min(availableParallelism(), most);
	const workers = Number(given);
	if (/^\d{1,4}$/.test(given) && workers <= most) return workers;
	throw new ConfigError(`--workers is a whole number from 0 to ${most}, not "${given}"`);
}

function readProbation(given: string | undefined): number {
	const ms = given === undefined ? LIMITS.probationMs : 1000 * Number(given);
	if (ms >= 0 && ms <= LIMITS.mostProbationMs) return Math.round(ms);
	const most = LIMITS.mostProbationMs / 1000;
	throw new ConfigError(`--probation is a number of seconds from 0 to ${most}, not "${given}"`);
}

const OPTIONS = {
	host: { type: "string" },
	port: { type: "string" },
	page: { type: "string" },
	"no-page": { type: "boolean" },
	log: { type: "string" },
	"admin-token": { type: "string" },
	"admin-token-file": { type: "string" },
	"admin-remote": { type: "boolean" },
	workers: { type: "string" },
	durability: { type: "string" },
	"max-connections": { type: "string" },
	"max-rooms": { type: "string" },
	"empty-room": { type: "string" },
	"hello-timeout": { type: "string" },
	silence: { type: "string" },
	"client-bytes": { type: "string" },
	"code-residuals": { type: "boolean" },
	"seat-grace": { type: "string" },
	"on-fault": { type: "string" },
	record: { type: "string" },
	"record-keep": { type: "string" },
	"record-max": { type: "string" },
	data: { type: "string" },
	probation: { type: "string" },
	retire: { type: "string" },
	metrics: { type: "string" },
} as const;

/** Flags win over the environment: `--seat-grace` is `HOTSTEP_SEAT_GRACE` there. */
function parse(args: string[], env: NodeJS.ProcessEnv) {
	const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
	const all: Record<string, string | boolean | undefined> = { ...values };
	const hasToken = (values["admin-token"] ?? values["admin-token-file"]) !== undefined;
	for (const [flag, { type }] of Object.entries(OPTIONS)) {
		const name = `HOTSTEP_${flag.toUpperCase().replaceAll("-", "_")}`;
		const text = env[name];
		if (text === undefined || text === "" || all[flag] !== undefined) continue;
		if (flag.startsWith("admin-token") && hasToken) continue;
		all[flag] = type === "boolean" ? readSwitch(name, text) : text;
	}
	return { values: all as typeof values, positionals };
}

function readSwitch(name: string, text: string): boolean {
	if (/^(?:1|true|yes|on)$/i.test(text)) return true;
	if (/^(?:0|false|no|off)$/i.test(text)) return false;
	throw new ConfigError(`${name} is 1 or 0, not "${text}"`);
}

/** The token itself, or the file that holds it: all users can read a command line. */
function readToken(token: string | undefined, file: string | undefined): string | null {
	if (token !== undefined && file !== undefined) {
		throw new ConfigError("--admin-token and --admin-token-file are one too many");
	}
	let found = token ?? null;
	if (file !== undefined) {
		try {
			found = readFileSync(file, "utf8").trim();
		} catch (thrown) {
			throw new ConfigError(`--admin-token-file: ${(thrown as Error).message}`);
		}
	}
	if (found !== null && found.length < 8) {
		throw new ConfigError("the admin token must have at least 8 characters");
	}
	return found;
}

/** A whole number within bounds, or the default. */
function readCount(text: string | undefined, otherwise: number, flag: string): number {
	if (text === undefined) return otherwise;
	if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
	throw new ConfigError(`--${flag} is a whole number from 1 to 9999999, not "${text}"`);
}

function readSeconds(
	text: string | undefined,
	otherwiseMs: number,
	least: number,
	flag: string,
): number {
	return text === undefined ? otherwiseMs : 1000 * readNumber(text, least, flag);
}
