import { MATCH_LIMITS } from "../match-limits.ts";

/** What whoever opened a room says of it: words with a text, a number or a truth each. */
type Metadata = Readonly<Record<string, string | number | boolean>>;

/** A room as the list shows it. */
export interface Listing {
	readonly id: string;
	readonly game: string;
	readonly version: number;
	readonly players: number;
	readonly maxPlayers: number;
	/** Takes nobody new in. */
	readonly locked: boolean;
	readonly password: boolean;
	readonly metadata: Metadata;
	/** Time of day, ms. */
	readonly openedMs: number;
}

/** Fields of a room that a question may name; whatever else it names is of the metadata. */
const ROOM_FIELDS = [
	"id",
	"game",
	"version",
	"players",
	"maxPlayers",
	"free",
	"locked",
	"password",
	"openedMs",
] as const;

export const FIELD = /^[a-zA-Z]\w{0,31}$/;

/** A field of a room, by its name; undefined when it has none of that name. */
export function fieldOf(room: Listing, name: string): string | number | boolean | undefined {
	if (name === "free") return room.maxPlayers - room.players;
	if ((ROOM_FIELDS as readonly string[]).includes(name)) {
		return room[name as Exclude<(typeof ROOM_FIELDS)[number], "free">];
	}
	return Object.hasOwn(room.metadata, name) ? room.metadata[name] : undefined;
}

/** Reads what is said of a room, 1 KiB of JSON at most. */
export function readMetadata(given: unknown): Metadata | { readonly problem: string } {
	if (typeof given !== "object" || given === null || Array.isArray(given)) {
		return { problem: "metadata is an object" };
	}
	for (const [name, value] of Object.entries(given)) {
		if (!FIELD.test(name) || (ROOM_FIELDS as readonly string[]).includes(name)) {
			return { problem: `metadata cannot have a field "${name.slice(0, 40)}"` };
		}
		const isPlain =
			typeof value === "boolean" ||
			(typeof value === "string" && !/\p{Surrogate}/u.test(value)) ||
			(typeof value === "number" && Number.isFinite(value));
		if (!isPlain) return { problem: `metadata.${name} is a text, a number, true or false` };
	}
	if (Buffer.byteLength(JSON.stringify(given)) > MATCH_LIMITS.metadataBytes) {
		return { problem: `metadata is over ${MATCH_LIMITS.metadataBytes} bytes` };
	}
	return given as Metadata;
}
