import { MATCH_LIMITS } from "../match-limits.ts";
import { FIELD, fieldOf, type Listing } from "./listing.ts";

/** Which rooms are asked for. */
export interface RoomQuery {
	/** Null: of every game. */
	readonly game: string | null;
	readonly fits: (room: Listing) => boolean;
	/** Puts those first that are wanted first. */
	readonly order: (a: Listing, b: Listing) => number;
	readonly limit: number;
	/** The same for questions that mean the same rooms in the same order. */
	readonly key: string;
}

interface Problem {
	readonly problem: string;
}

type Value = string | number | boolean;
type Test = (value: Value | undefined) => boolean;

const TERM = /^([a-zA-Z]\w{0,31})(>=|<=|!=|[:=<>])(.*)$/s;

/** `true`, `7` and `ctf` are what they look like; a text that looks like a number is found all the same. */
function isValue(value: Value | undefined, text: string): boolean {
	if (typeof value === "number") return text.trim() !== "" && Number(text) === value;
	return value !== undefined && String(value) === text;
}

function compare(sign: string, text: string): Test | null {
	const least = Number(text);
	if (text.trim() === "" || !Number.isFinite(least)) return null;
	// a room without the field is neither above nor below
	const isNumber = (value: Value | undefined): value is number => typeof value === "number";
	if (sign === ">") return (value) => isNumber(value) && value > least;
	if (sign === ">=") return (value) => isNumber(value) && value >= least;
	if (sign === "<") return (value) => isNumber(value) && value < least;
	return (value) => isNumber(value) && value <= least;
}

/** One term such as `mode:ctf|koth` or `level>=3`. */
function readTerm(term: string): ((room: Listing) => boolean) | null {
	const [, name = "", sign = "", text = ""] = TERM.exec(term) ?? [];
	if (name === "") return null;
	if (sign === ":" || sign === "=" || sign === "!=") {
		const texts = text.split("|");
		if (texts.length > MATCH_LIMITS.queryChoices) return null;
		const isOne = (room: Listing) => texts.some((one) => isValue(fieldOf(room, name), one));
		return sign === "!=" ? (room) => !isOne(room) : isOne;
	}
	const test = compare(sign, text);
	return test && ((room) => test(fieldOf(room, name)));
}

function compareValues(a: Value | undefined, b: Value | undefined): number {
	if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
	if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
	// of different kinds: any order will do that is always the same
	return typeof a < typeof b ? -1 : 1;
}

function readOrder(sort: string): ((a: Listing, b: Listing) => number) | null {
	const keys = sort.split(",").map((key) => ({
		name: key.replace(/^-/, ""),
		isDown: key.startsWith("-"),
	}));
	if (keys.length > MATCH_LIMITS.querySorts || !keys.every(({ name }) => FIELD.test(name))) {
		return null;
	}
	return (a, b) => {
		for (const { name, isDown } of keys) {
			const [first, second] = [fieldOf(a, name), fieldOf(b, name)];
			// those without the field come last, whichever way round
			const isMissing = first === undefined || second === undefined;
			const order = compareValues(first, second);
			if (order !== 0) return isDown && !isMissing ? -order : order;
		}
		return a.id < b.id ? -1 : 1;
	};
}

/**
 * Reads `?game=&where=mode:ctf,level>=3&sort=-players&limit=20`. All terms of `where` must hold: `:` and `=` is the
 * same as, `a|b` one of these, `!=` none of these, and `>`, `>=`, `<`, `<=` compare numbers. The fullest
 * rooms come first unless `sort` says otherwise.
 */
export function readRoomQuery(given: {
	game?: string | null;
	where?: string | null;
	sort?: string | null;
	limit?: string | null;
}): RoomQuery | Problem {
	const { game = null, where, sort, limit } = given;
	const terms = (where ?? "").split(",").filter((term) => term !== "");
	if ((where ?? "").length > MATCH_LIMITS.queryChars || terms.length > MATCH_LIMITS.queryTerms) {
		return { problem: `where has at most ${MATCH_LIMITS.queryTerms} terms` };
	}
	const tests: ((room: Listing) => boolean)[] = [];
	for (const term of terms) {
		const test = readTerm(term);
		if (!test) return { problem: `where cannot be "${term.slice(0, 40)}"` };
		tests.push(test);
	}
	const order = readOrder(sort || "-players");
	if (!order) return { problem: "sort is up to four fields, such as -players,level" };
	const most = Number(limit || MATCH_LIMITS.listRooms / 2);
	if (!Number.isInteger(most) || most < 1 || most > MATCH_LIMITS.listRooms) {
		return { problem: `limit is a whole number from 1 to ${MATCH_LIMITS.listRooms}` };
	}
	return {
		game: game || null,
		fits: (room) => tests.every((test) => test(room)),
		order,
		limit: most,
		key: JSON.stringify([game || null, terms, sort || "-players", most]),
	};
}
