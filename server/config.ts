import { existsSync, readdirSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { LIMITS } from "../protocol/limits.ts";
import { ConfigError } from "./config-error.ts";
import type { Retention } from "./journal/retention.ts";
import type { MetricsReaders } from "./ops/http.ts";
import type { LogLevel } from "./ops/log.ts";
import type { FaultPolicy } from "./room/room.ts";
import { RETIRE_AFTER } from "./swap/failure-count.ts";

export interface StartConfig {
	host: string;
	port: number;
	/** Module files. */
	games: string[];
	pageFolder: string | null;
	/** Of the monitor's page; shown only with an admin token. */
	monitorFolder: string | null;
	metrics: MetricsReaders;
	logLevel: LogLevel;
	adminToken: string | null;
	adminRemote: boolean;
	/** Bytes a second that each client is sent at most. */
	clientBytesPerSecond: number;
	codeResiduals: boolean;
	/** How long a lost player's seat is held, ms. */
	seatGraceMs: number;
	onFault: FaultPolicy;
	/** Folder for journals. */
	recordFolder: string | null;
	/** What of its journals is kept; null for everything. */
	recordRetention: Retention | null;
	/** Where deployments are kept; null without an admin token, or on any free port. */
	dataFolder: string | null;
	probationMs: number;
	retireAfter: { failures: number; withinMs: number };
}

export const START_HELP = `hotstep start [FILE.wasm …] [options]

  Serves games. Without files: those built into this installation, with the demo's page.

  --host HOST    address to listen on (127.0.0.1; or HOST in the environment)
  --port PORT    port, 0 for any free one (8080; or PORT in the environment)
  --page DIR     folder with a page to serve, such as hotstep build makes
  --no-page      serve no page
  --admin-token TOKEN  answer /admin and /monitor to those who know it (or HOTSTEP_ADMIN_TOKEN in the environment)
  --admin-remote       answer /admin to other machines too
  --metrics WHO        who may read /metrics: local (this machine, others with the admin token), all or
                       off (local; or HOTSTEP_METRICS in the environment)
  --on-fault POLICY    what becomes of a room whose rules fail even without inputs: retry (tries again
                       without the inputs, then closes), pause or close (retry)
  --client-bytes N     bytes a second that each client is sent at most, the near before the far
                       (${LIMITS.clientBytesPerSecond})
  --code-residuals     fewer bytes for more CPU: code what changed arithmetically
  --seat-grace S       seconds that a lost player's seat is held (${LIMITS.seatGraceMs / 1000})
  --data DIR           keep what is deployed there, so that a restart goes on with it (HOTSTEP_DATA, a folder for
                       the port below the system's temporary one); --admin-token makes deployments possible
  --probation S        seconds after a swap in which a fault brings the old rules back (2, 30 at most)
  --retire N           new rooms get the rules from before when so many rooms failed in ten minutes (3)
  --record DIR         keep a journal of every room there, for hotstep replay
  --record-keep DAYS   delete journals that ended so many days ago
  --record-max SIZE    delete the oldest journals when all take more than that, such as 500M or 20G
  --log LEVEL    debug, info, warn or error (info; or HOTSTEP_LOG in the environment)
`;

/** With less than that a small game's snapshots would not get through. */
const MIN_CLIENT_BYTES = 1_000;
const FAULT_POLICIES: readonly string[] = ["retry", "pause", "close"];
const METRICS_READERS: readonly string[] = ["local", "all", "off"];
const LEVELS: readonly string[] = ["debug", "info", "warn", "error"];

/** Folder that holds `server/`, `games/` and `page/` in an installation: dist. */
const root = path.resolve(import.meta.dirname, "..");

function readPort(text: string): number {
	const port = Number(text);
	if (!/^\d{1,5}$/.test(text) || port > 65_535) {
		throw new ConfigError(`the port must be a number from 0 to 65535, not "${text}"`);
	}
	return port;
}

/** A number from `least` up. */
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
	return Number(digits) * (UNIT_BYTES[(unit ?? "").toUpperCase()] as number);
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
	const folder = path.join(root, "games");
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name.endsWith(".wasm"))
		.sort()
		.map((name) => path.join(folder, name));
}

/** The folder that was named, or the demo's page, which can show none but the built-in games. */
function readPage(folder: string | undefined, isDemo: boolean): string | null {
	if (folder === undefined && !isDemo) return null;
	const page = path.resolve(folder ?? path.join(root, "page"));
	if (existsSync(page) && statSync(page).isDirectory()) return page;
	if (folder !== undefined) throw new ConfigError(`there is no folder "${folder}"`);
	return null;
}

/** Reads the arguments of `hotstep start`; flags win over the environment. @throws ConfigError */
export function readStartConfig(args: string[], env: NodeJS.ProcessEnv): StartConfig {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(args);
	} catch (thrown) {
		throw new ConfigError((thrown as Error).message);
	}
	const { values, positionals } = parsed;
	const logLevel = values.log ?? env.HOTSTEP_LOG ?? "info";
	if (!LEVELS.includes(logLevel)) {
		throw new ConfigError(`the log level must be one of ${LEVELS.join(", ")}, not "${logLevel}"`);
	}
	const host = values.host ?? env.HOST ?? "127.0.0.1";
	if (host === "") throw new ConfigError("the host is empty");
	const games = positionals.length > 0 ? positionals : builtInGames();
	if (games.length === 0) throw new ConfigError("there is no game: name a .wasm file");
	const onFault = values["on-fault"] ?? "retry";
	if (!FAULT_POLICIES.includes(onFault)) {
		throw new ConfigError(`--on-fault is one of ${FAULT_POLICIES.join(", ")}, not "${onFault}"`);
	}
	const adminToken = values["admin-token"] ?? env.HOTSTEP_ADMIN_TOKEN ?? null;
	if (adminToken !== null && adminToken.length < 8) {
		throw new ConfigError("the admin token must have at least 8 characters");
	}
	const metrics = values.metrics ?? env.HOTSTEP_METRICS ?? "local";
	if (!METRICS_READERS.includes(metrics)) {
		throw new ConfigError(`--metrics is one of ${METRICS_READERS.join(", ")}, not "${metrics}"`);
	}
	const port = readPort(values.port ?? env.PORT ?? "8080");
	const monitor = path.join(root, "monitor");
	return {
		monitorFolder: existsSync(path.join(monitor, "assets")) ? monitor : null,
		metrics: metrics as MetricsReaders,
		adminToken,
		adminRemote: values["admin-remote"] ?? false,
		clientBytesPerSecond: readNumber(
			values["client-bytes"] ?? String(LIMITS.clientBytesPerSecond),
			MIN_CLIENT_BYTES,
			"client-bytes",
		),
		codeResiduals: values["code-residuals"] ?? false,
		seatGraceMs:
			1000 * readNumber(values["seat-grace"] ?? String(LIMITS.seatGraceMs / 1000), 0, "seat-grace"),
		onFault: onFault as FaultPolicy,
		recordFolder: values.record ?? null,
		recordRetention: readRetention(
			values["record-keep"],
			values["record-max"],
			values.record !== undefined,
		),
		dataFolder: adminToken === null ? null : readData(values.data ?? env.HOTSTEP_DATA, port),
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

/** A server on any free port has no place of its own that the next one would find. */
function readData(given: string | undefined, port: number): string | null {
	if (given !== undefined) return path.resolve(given);
	if (port === 0) return null;
	const owner = process.getuid?.() ?? userInfo().username;
	return path.join(tmpdir(), `hotstep-${owner}`, String(port));
}

function readProbation(given: string | undefined): number {
	const ms = given === undefined ? LIMITS.probationMs : 1000 * Number(given);
	if (ms >= 0 && ms <= LIMITS.mostProbationMs) return Math.round(ms);
	const most = LIMITS.mostProbationMs / 1000;
	throw new ConfigError(`--probation is a number of seconds from 0 to ${most}, not "${given}"`);
}

function parse(args: string[]) {
	return parseArgs({
		args,
		allowPositionals: true,
		options: {
			host: { type: "string" },
			port: { type: "string" },
			page: { type: "string" },
			"no-page": { type: "boolean" },
			log: { type: "string" },
			"admin-token": { type: "string" },
			"admin-remote": { type: "boolean" },
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
		},
	});
}
