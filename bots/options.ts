import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { ConfigError } from "./config-error.ts";

export interface BotsOptions {
	url: string;
	game: string;
	/** Id of a room to join; null for any with a free seat. */
	room: string | null;
	count: number;
	/** Length of the measuring window, which begins when all have connected. */
	seconds: number;
	/** Joins per second. */
	rate: number;
	workers: number;
	seed: number;
	/** Module that exports a `behaviour`; null for the game's own. */
	behaviourFile: string | null;
	/** File for the figures; null for none. */
	jsonFile: string | null;
}

/** Bots that one worker plays without becoming the bottleneck itself. */
const BOTS_PER_WORKER = 500;

export const BOTS_HELP = `hotstep bots [options]

  Plays with many bots over WebSocket and measures what they get. Exits with 1 when not all of them
  could connect and stay connected, or when one received bytes that it could not decode.

  --url URL          server (ws://127.0.0.1:8080)
  --game NAME        game (arena)
  --room ID          room to join (any with a free seat, new ones as they fill up)
  --count N          bots (100)
  --seconds S        time to measure, once all have connected (10)
  --rate N           joins per second (200)
  --workers N        threads to play from (one for each ${BOTS_PER_WORKER} bots, at most one for each core)
  --behaviour FILE   JavaScript module that exports how to play (the game's own, else by its inputs)
  --seed N           seed of what the bots do (random)
  --json FILE        write the figures there
`;

function readNumber(name: string, text: string, least: number, most: number): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= least && value <= most)) {
		throw new ConfigError(`--${name} must be a number from ${least} to ${most}, not "${text}"`);
	}
	return value;
}

function readCount(name: string, text: string, least: number, most: number): number {
	const value = readNumber(name, text, least, most);
	if (!Number.isInteger(value)) throw new ConfigError(`--${name} must be whole, not "${text}"`);
	return value;
}

function readUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
		throw new ConfigError(`--url must begin with ws:// or wss://, not "${text}"`);
	}
	return url.href;
}

function parse(args: string[]) {
	return parseArgs({
		args,
		options: {
			url: { type: "string", default: "ws://127.0.0.1:8080" },
			game: { type: "string", default: "arena" },
			room: { type: "string" },
			count: { type: "string", default: "100" },
			seconds: { type: "string", default: "10" },
			rate: { type: "string", default: "200" },
			workers: { type: "string" },
			behaviour: { type: "string" },
			seed: { type: "string" },
			json: { type: "string" },
		},
	}).values;
}

/** Reads the arguments of `hotstep bots`. @throws ConfigError */
export function readBotsOptions(args: string[]): BotsOptions {
	let values: ReturnType<typeof parse>;
	try {
		values = parse(args);
	} catch (thrown) {
		throw new ConfigError((thrown as Error).message);
	}
	if (!/^[a-z][a-z0-9-]*$/.test(values.game)) {
		throw new ConfigError(`--game must be a game's name (a-z, 0-9, -), not "${values.game}"`);
	}
	const count = readCount("count", values.count, 1, 100_000);
	const usual = Math.min(Math.ceil(count / BOTS_PER_WORKER), availableParallelism());
	const { workers, seed } = values;
	return {
		url: readUrl(values.url),
		game: values.game,
		room: values.room ?? null,
		count,
		seconds: readNumber("seconds", values.seconds, 0.5, 86_400),
		rate: readNumber("rate", values.rate, 0.1, 100_000),
		workers: workers === undefined ? usual : readCount("workers", workers, 1, Math.min(count, 64)),
		seed:
			seed === undefined
				? Math.floor(Math.random() * 2 ** 32)
				: readCount("seed", seed, 0, 0xffffffff),
		behaviourFile: values.behaviour ?? null,
		jsonFile: values.json ?? null,
	};
}
