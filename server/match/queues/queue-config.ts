import { MATCH_LIMITS } from "../match-limits.ts";

/** How players of one queue are put together. */
export interface QueueConfig {
	readonly name: string;
	readonly game: string;
	/** Teams of a match, and players of each; free for all is one team of all. */
	readonly teams: number;
	readonly teamSize: number;
	/** Players of each team that will do when somebody has waited for so long; null: never fewer. */
	readonly incomplete: { readonly teamSize: number; readonly afterMs: number } | null;
	/** How far ratings may lie from that of whoever has waited longest, in the same unit as these. */
	readonly window: { readonly start: number; readonly perSecond: number; readonly most: number };
	/** Who brings no rating counts as this. */
	readonly unrated: number;
	/** What a party counts as: the mean of its members, or the best of them. */
	readonly partyRating: "mean" | "best";
	/** Names of regions, or none. A player's next wish of them counts as well after each such time. */
	readonly regions: readonly string[];
	readonly regionStepMs: number;
	/** Fill the free seats of running matches before opening new ones. */
	readonly backfill: boolean;
	/** How long everybody has to accept a match; 0: nobody is asked. */
	readonly acceptMs: number;
	/** How long seats are kept for those who do not come. */
	readonly reserveMs: number;
	/** How long anybody waits at most. */
	readonly ticketMs: number;
}

const DEFAULTS = {
	teams: 1,
	incomplete: null,
	window: { start: 100, perSecond: 10, most: 1_000 },
	unrated: 1_500,
	partyRating: "mean",
	regions: [],
	regionStepMs: 15_000,
	backfill: true,
	acceptMs: 0,
	reserveMs: 15_000,
	ticketMs: 600_000,
} as const;

const WORD = /^[\w-]{1,32}$/;

type Given = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Given {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Numbers by name, each with the least and the most that it may be. */
function wrongNumber(
	given: Given,
	bounds: Readonly<Record<string, readonly [least: number, most: number, isWhole?: boolean]>>,
): string | null {
	for (const [name, [least, most, isWhole = false]] of Object.entries(bounds)) {
		const value = given[name];
		const isGood =
			typeof value === "number" &&
			value >= least &&
			value <= most &&
			(!isWhole || Number.isInteger(value));
		if (!isGood)
			return `${name} is ${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`;
	}
	return null;
}

/** What is wrong with the parts of a configuration that are no plain numbers. */
function wrongPart(given: Given): string | null {
	const { name, game, window, incomplete, partyRating, regions, backfill, teamSize } = given;
	if (typeof name !== "string" || !WORD.test(name))
		return "name is 1 to 32 letters, digits, _ or -";
	if (typeof game !== "string" || game === "") return "game is the name of a game";
	if (!isObject(window)) return "window is { start, perSecond, most }";
	const wrong = wrongNumber(window, { start: [0, 1e6], perSecond: [0, 1e6], most: [0, 1e9] });
	if (wrong) return `window.${wrong}`;
	if (incomplete !== null) {
		if (!isObject(incomplete)) return "incomplete is { teamSize, afterMs }";
		const bounds = { teamSize: [1, teamSize as number, true], afterMs: [0, 3_600_000] } as const;
		const less = wrongNumber(incomplete, bounds);
		if (less) return `incomplete.${less}`;
	}
	if (partyRating !== "mean" && partyRating !== "best") return 'partyRating is "mean" or "best"';
	const isRegions =
		Array.isArray(regions) &&
		regions.length <= MATCH_LIMITS.regions &&
		new Set(regions).size === regions.length &&
		regions.every((region) => typeof region === "string" && WORD.test(region));
	if (!isRegions) return `regions are at most ${MATCH_LIMITS.regions} different words`;
	return typeof backfill === "boolean" ? null : "backfill is true or false";
}

/** Reads a queue's configuration; what is left out is as in {@link DEFAULTS}. */
export function readQueueConfig(json: unknown): QueueConfig | { readonly problem: string } {
	if (!isObject(json)) return { problem: "a queue is an object" };
	const unknown = Object.keys(json).find(
		(key) => !(key in DEFAULTS) && !["name", "game", "teamSize"].includes(key),
	);
	if (unknown !== undefined) return { problem: `a queue has no "${unknown}"` };
	const given: Given = { ...DEFAULTS, ...json };
	const problem =
		wrongNumber(given, {
			teams: [1, MATCH_LIMITS.matchPlayers, true],
			teamSize: [1, MATCH_LIMITS.matchPlayers, true],
			unrated: [-1e9, 1e9],
			regionStepMs: [1, 3_600_000],
			acceptMs: [0, 120_000],
			reserveMs: [1_000, 120_000],
			ticketMs: [1_000, 3_600_000],
		}) ?? wrongPart(given);
	if (problem) return { problem };
	const config = given as unknown as QueueConfig;
	if (config.teams * config.teamSize > MATCH_LIMITS.matchPlayers) {
		return { problem: `a match has at most ${MATCH_LIMITS.matchPlayers} players` };
	}
	if (config.teams * config.teamSize < 2) return { problem: "a match has at least two players" };
	return config;
}
