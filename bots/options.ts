import { availableParallelism } from "node:os";
import { parseFlags } from "../server/cli/run-command.ts";
import { ConfigError } from "../server/config-error.ts";
import { readCount, readNumber, readShare, readTime, readTimeRange } from "../server/read-value.ts";
import { ALIASES } from "./flags.ts";
import { readThreshold, type Threshold } from "./metrics/thresholds.ts";
import type { DisturbanceOptions } from "./worker/disturbances.ts";
import type { BotOptions } from "./worker/worker-context.ts";

/** What a load run does. Times in ms unless named otherwise. */
export interface LoadOptions extends Omit<BotOptions, "behaviour">, DisturbanceOptions {
	/** Bots in all. */
	clients: number;
	/** Rooms that the tool opens; null to go where the server says. */
	rooms: number | null;
	/** Length of the measuring window, which begins when all have connected and warmed up. */
	durationMs: number;
	warmUpMs: number;
	joinsPerSecond: number;
	workers: number;
	/** Module that exports a `behaviour`; null for the game's own. */
	behaviourFile: string | null;
}

/** What `hotstep bots` does beside the run. */
export interface BotsOptions extends LoadOptions {
	/** Files for the metrics, "-" for stdout; null for none. */
	jsonFile: string | null;
	htmlFile: string | null;
	failOn: readonly Threshold[];
	/** Search for the most clients, but not beyond so many; null to run once. */
	findCapacity: { most: number; start: number } | null;
}

/** Bots that one worker plays without becoming the bottleneck itself. */
const BOTS_PER_WORKER = 1_500;
const MOST_CLIENTS = 100_000;
const MOST_DELAY_MS = 3_000;
const HOUR_MS = 3_600_000;

const text = { type: "string" } as const;
const flags = {
	url: { ...text, default: "ws://127.0.0.1:8080" },
	game: { ...text, default: "arena" },
	room: text,
	clients: text,
	rooms: text,
	duration: text,
	"warm-up": text,
	"ramp-up": text,
	rate: text,
	delay: text,
	"send-rate": text,
	churn: text,
	session: text,
	storm: text,
	"storm-every": text,
	"slow-readers": text,
	"slow-for": text,
	"slow-every": text,
	latency: text,
	jitter: text,
	decode: text,
	behaviour: text,
	"admin-token": text,
	workers: text,
	seed: text,
	json: text,
	html: text,
	"fail-on": { ...text, multiple: true },
	"find-capacity": { type: "boolean" },
	"max-clients": text,
	"start-clients": text,
} as const;

type Flag = keyof typeof flags;

/** Gives the flags that users of other tools know their names here. @throws ConfigError */
function withoutAliases(args: readonly string[]): string[] {
	const said = new Map<string, string>();
	return args.map((arg) => {
		const [, name = "", rest = ""] = /^--?([\w-]+)(=.*)?$/s.exec(arg) ?? [];
		const isShort = arg.startsWith("-") && !arg.startsWith("--");
		const flag = ALIASES[isShort ? `-${name}` : `--${name}`] ?? name;
		if (name === "" || (isShort && flag === name) || !(flag in flags)) return arg;
		const before = said.get(flag);
		if (before !== undefined && before !== name) {
			throw new ConfigError(`--${before} and --${name} are the same; say one of them`);
		}
		said.set(flag, name);
		return `--${flag}${rest}`;
	});
}

function parse(args: readonly string[]) {
	return parseFlags(withoutAliases(args), flags, { hasWords: false }).values;
}

type Values = ReturnType<typeof parse>;

function readUrl(given: string): string {
	const url = URL.canParse(given) ? new URL(given) : null;
	if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
		throw new ConfigError(`--url must begin with ws:// or wss://, not "${given}"`);
	}
	return url.href;
}

/** Flags that mean nothing without another one. */
function need(values: Values, flag: Flag, other: Flag): void {
	if (values[flag] !== undefined && values[other] === undefined) {
		throw new ConfigError(`--${flag} needs --${other}`);
	}
}

function exclude(values: Values, a: Flag, b: Flag): void {
	if (values[a] !== undefined && values[b] !== undefined) {
		throw new ConfigError(`--${a} and --${b} exclude each other`);
	}
}

function readJoins(values: Values, clients: number): number {
	exclude(values, "ramp-up", "rate");
	exclude(values, "ramp-up", "delay");
	exclude(values, "rate", "delay");
	const { rate, delay } = values;
	if (rate !== undefined) return readNumber("rate", rate, 0.1, 100_000);
	if (delay !== undefined) return 1000 / readTime("delay", delay, "ms", 0.01, 60_000);
	const ramp = values["ramp-up"];
	if (ramp === undefined) return 200;
	return clients / (Math.max(1, readTime("ramp-up", ramp, "s", 0, HOUR_MS)) / 1000);
}

function readChurn(values: Values, clients: number): number {
	exclude(values, "churn", "session");
	const { churn, session } = values;
	if (session !== undefined) {
		return clients / (readTime("session", session, "s", 100, 24 * HOUR_MS) / 1000);
	}
	return churn === undefined ? 0 : readNumber("churn", churn, 0, 100_000);
}

function readStorm(values: Values): LoadOptions["storm"] {
	need(values, "storm-every", "storm");
	if (values.storm === undefined) return null;
	const everyMs = readTime("storm-every", values["storm-every"] ?? "10s", "s", 100, HOUR_MS);
	return { share: readShare("storm", values.storm), everyMs };
}

function readSlow(values: Values): LoadOptions["slowReaders"] {
	need(values, "slow-for", "slow-readers");
	need(values, "slow-every", "slow-readers");
	const share = values["slow-readers"];
	if (share === undefined) return null;
	const forMs = readTime("slow-for", values["slow-for"] ?? "3s", "s", 10, HOUR_MS);
	const everyMs = readTime("slow-every", values["slow-every"] ?? "10s", "s", 20, HOUR_MS);
	if (everyMs <= forMs) throw new ConfigError("--slow-every must be longer than --slow-for");
	return { share: readShare("slow-readers", share), forMs, everyMs };
}

function readLink({ latency, jitter }: Values): LoadOptions["link"] {
	if (latency === undefined && jitter === undefined) return null;
	return {
		delayMs: readTimeRange("latency", latency ?? "0", MOST_DELAY_MS),
		jitterMs: readTime("jitter", jitter ?? "0", "ms", 0, MOST_DELAY_MS),
	};
}

function readDecode(decode = "one"): LoadOptions["decode"] {
	if (decode === "one" || decode === "all" || decode === "none") return decode;
	throw new ConfigError(`--decode must be one, all or none, not "${decode}"`);
}

function readCapacity(
	values: Values,
	{ rooms, perRoom }: ReturnType<typeof readPlace>,
): BotsOptions["findCapacity"] {
	need(values, "max-clients", "find-capacity");
	need(values, "start-clients", "find-capacity");
	if (!values["find-capacity"]) return null;
	// with --rooms it says how many play in each
	if (rooms === null) exclude(values, "find-capacity", "clients");
	const all = (rooms ?? 1) * (perRoom ?? 10_000);
	const usualMost = String(Math.min(all, MOST_CLIENTS));
	const most = readCount("max-clients", values["max-clients"] ?? usualMost, 1, MOST_CLIENTS);
	const usual = String(Math.min(most, Math.max(32, perRoom ?? 0)));
	return { most, start: readCount("start-clients", values["start-clients"] ?? usual, 1, most) };
}

function readPlace(values: Values, token: string | null) {
	exclude(values, "rooms", "room");
	if (values.rooms === undefined) return { rooms: null, perRoom: null };
	if (token === null) {
		throw new ConfigError(
			"--rooms has the server open rooms, which needs its --admin-token (or HOTSTEP_ADMIN_TOKEN)",
		);
	}
	const perRoom = readCount("clients", values.clients ?? "10", 1, 1_024);
	return { rooms: readCount("rooms", values.rooms, 1, 4_096), perRoom };
}

/** Reads the arguments of `hotstep bots`. @throws ConfigError */
export function readBotsOptions(args: readonly string[], env: NodeJS.ProcessEnv = {}): BotsOptions {
	const values = parse(args);
	if (!/^[a-z][a-z0-9-]*$/.test(values.game)) {
		throw new ConfigError(`--game must be a game's name (a-z, 0-9, -), not "${values.game}"`);
	}
	const adminToken = values["admin-token"] ?? env.HOTSTEP_ADMIN_TOKEN ?? null;
	const place = readPlace(values, adminToken);
	const { rooms, perRoom } = place;
	const findCapacity = readCapacity(values, place);
	const clients =
		findCapacity?.most ??
		(rooms !== null && perRoom !== null
			? rooms * perRoom
			: readCount("clients", values.clients ?? "100", 1, MOST_CLIENTS));
	const usualWorkers = Math.min(Math.ceil(clients / BOTS_PER_WORKER), availableParallelism());
	const { workers, seed } = values;
	const usualWindow = findCapacity === null ? "10s" : "5s";
	return {
		url: readUrl(values.url),
		game: values.game,
		room: values.room ?? null,
		rooms,
		perRoom,
		adminToken,
		clients,
		durationMs: readTime("duration", values.duration ?? usualWindow, "s", 500, 24 * HOUR_MS),
		warmUpMs: readTime("warm-up", values["warm-up"] ?? "1s", "s", 0, HOUR_MS),
		joinsPerSecond: readJoins(values, clients),
		sendRate: readNumber("send-rate", values["send-rate"] ?? "30", 1, 60),
		churnPerSecond: readChurn(values, clients),
		storm: readStorm(values),
		slowReaders: readSlow(values),
		link: readLink(values),
		decode: readDecode(values.decode),
		workers:
			workers === undefined
				? usualWorkers
				: readCount("workers", workers, 1, Math.min(clients, 64)),
		seed:
			seed === undefined
				? Math.floor(Math.random() * 2 ** 32)
				: readCount("seed", seed, 0, 0xffffffff),
		behaviourFile: values.behaviour ?? null,
		jsonFile: values.json ?? null,
		htmlFile: values.html ?? null,
		failOn: (values["fail-on"] ?? []).map(readThreshold),
		findCapacity,
	};
}
