import { Decoder, encode } from "@msgpack/msgpack";
import { LIMITS } from "../limits.ts";
import { packSchema, unpackSchema, type WireSchema } from "../wire-schema.ts";
import { checkMsgpack } from "./check-msgpack.ts";
import { isLaterType, peekHead, type Unknown } from "./message-head.ts";

export const SERVER_MESSAGE = {
	welcome: 1,
	snapshot: 2,
	pong: 3,
	roster: 4,
	swap: 5,
	notice: 6,
} as const;

/** Type of a snapshot in plain arrays, which only those who ask for them get: see PROTOCOL.md §13. */
export const PLAIN_SNAPSHOT = 7;

/** How the rows of a chunk are to be read. */
export const CHUNK = { keyframe: 0, delta: 1, catchUp: 2, events: 3, own: 4, gone: 5 } as const;

interface RosterEntry {
	readonly player: number;
	readonly name: string;
}

/** First message of a server: the seat is taken. */
export interface Welcome {
	type: "welcome";
	room: string;
	/** The seat's number, as owner columns and inputs use it; null for a spectator. */
	player: number | null;
	/** Resumes the seat after a lost connection: a secret. Null for a spectator. */
	token: string | null;
	/** Tick that the room computes next. */
	tick: number;
	tickRate: number;
	snapshotRate: number;
	/** SHA-256 of the module, hex; `/modules/<hash>.wasm` serves it. */
	moduleHash: string;
	schema: WireSchema;
	roster: readonly RosterEntry[];
}

/** A part of a snapshot; `data` is a view into the message. */
export interface Chunk {
	readonly cell: number;
	readonly kind: number;
	/** Tick of the emission that a delta builds on. */
	readonly from: number;
	readonly data: Uint8Array;
}

/** The room after `tick`. */
export interface Snapshot {
	type: "snapshot";
	tick: number;
	/** Tick stamp of this client's newest input that the room had consumed by `tick`; 0 for none. */
	inputTick: number;
	/** How many ticks early that input was, or late if below 0. */
	slack: number;
	chunks: readonly Chunk[];
}

interface Pong {
	type: "pong";
	/** The ping's time; beyond 2^53, a client that needs it exactly must read the message itself. */
	time: number;
	/** The room's time in ticks, with a fraction, when the pong was sent. */
	tick: number;
}

/** A player who took a seat (`name` is a string) or left it (null). */
export interface RosterChange {
	readonly player: number;
	readonly name: string | null;
}

/** Joins and leaves, in order. */
interface Roster {
	type: "roster";
	changes: readonly RosterChange[];
}

/** The room continues under other rules; a keyframe of the new schema follows. */
export interface Swap {
	type: "swap";
	/** First tick that the new rules compute. */
	tick: number;
	moduleHash: string;
	schema: WireSchema;
}

/** A line for the screen from the operator, such as a build error; null removes it. */
interface Notice {
	type: "notice";
	text: string | null;
}

export type ServerMessage = Welcome | Snapshot | Pong | Roster | Swap | Notice | Unknown;

export function encodeWelcome(welcome: Omit<Welcome, "type">): Uint8Array<ArrayBuffer> {
	return encode([
		SERVER_MESSAGE.welcome,
		welcome.room,
		welcome.player,
		welcome.token,
		welcome.tick,
		welcome.tickRate,
		welcome.snapshotRate,
		welcome.moduleHash,
		packSchema(welcome.schema),
		welcome.roster.map(({ player, name }) => [player, name]),
	]);
}

export function encodePong(time: number | bigint, tick: number): Uint8Array<ArrayBuffer> {
	return encode([SERVER_MESSAGE.pong, time, tick], { useBigInt64: true });
}

export function encodeRoster(changes: readonly RosterChange[]): Uint8Array<ArrayBuffer> {
	return encode([SERVER_MESSAGE.roster, ...changes.flatMap(({ player, name }) => [player, name])]);
}

export function encodeSwap({
	tick,
	moduleHash,
	schema,
}: Omit<Swap, "type">): Uint8Array<ArrayBuffer> {
	return encode([SERVER_MESSAGE.swap, tick, moduleHash, packSchema(schema)]);
}

/** `text` is cut to the length that clients accept. */
export function encodeNotice(text: string | null): Uint8Array<ArrayBuffer> {
	// not between the halves of a character
	const most = text?.slice(0, LIMITS.noticeChars).replace(/[\ud800-\udbff]$/, "");
	return encode([SERVER_MESSAGE.notice, most ?? null]);
}

/** The schema in a welcome is the deepest: tables, columns, values. */
const BOUNDS = {
	depth: 6,
	elements:
		LIMITS.tables * (LIMITS.columns * 12 + 6) +
		LIMITS.events * (LIMITS.fields * 4 + 4) +
		LIMITS.players * 3 +
		LIMITS.fields * 4 +
		32,
	stringBytes: LIMITS.noticeChars * 4,
};

const decoder = new Decoder({
	// at most four bytes of UTF-8 per character
	maxStrLength: LIMITS.noticeChars * 4,
	maxBinLength: LIMITS.snapshotBytes,
	maxArrayLength: LIMITS.rows,
	maxMapLength: 0,
	maxExtLength: 0,
});

function isCount(value: unknown): value is number {
	return Number.isInteger(value) && (value as number) >= 0;
}

function readWelcome(fields: unknown[]): Welcome | null {
	const [, room, player, token, tick, tickRate, snapshotRate, moduleHash, packed, roster] = fields;
	const schema = unpackSchema(packed);
	if (schema === null || typeof room !== "string" || !isCount(tick)) return null;
	if ((player !== null && !isCount(player)) || (token !== null && typeof token !== "string")) {
		return null;
	}
	if (!isCount(tickRate) || tickRate === 0 || !isCount(snapshotRate) || snapshotRate === 0) {
		return null;
	}
	if (typeof moduleHash !== "string" || !Array.isArray(roster)) return null;
	const entries = (roster as unknown[]).map((entry) => {
		const [seat, name] = Array.isArray(entry) ? (entry as unknown[]) : [];
		return { player: seat, name };
	});
	const isEntry = (e: { player: unknown; name: unknown }): e is RosterEntry =>
		isCount(e.player) && typeof e.name === "string";
	if (!entries.every(isEntry)) return null;
	return {
		type: "welcome",
		room,
		player,
		token,
		tick,
		tickRate,
		snapshotRate,
		moduleHash,
		schema,
		roster: entries,
	};
}

function readSnapshot(fields: unknown[]): Snapshot | null {
	const [, tick, inputTick, slack, , packed] = fields;
	if (!isCount(tick) || !isCount(inputTick) || typeof slack !== "number") return null;
	if (!Array.isArray(packed)) return null;
	const chunks: Chunk[] = [];
	for (const item of packed as unknown[]) {
		if (!Array.isArray(item)) return null;
		const [cell, kind, from, data] = item as unknown[];
		if (!isCount(cell) || !isCount(kind) || !isCount(from)) return null;
		if (!(data instanceof Uint8Array)) return null;
		chunks.push({ cell, kind, from, data });
	}
	return { type: "snapshot", tick, inputTick, slack, chunks };
}

function readFields(fields: unknown[]): ServerMessage | null {
	switch (fields[0]) {
		case SERVER_MESSAGE.welcome:
			return readWelcome(fields);
		case SERVER_MESSAGE.snapshot:
			return readSnapshot(fields);
		case SERVER_MESSAGE.pong: {
			const [, time, tick] = fields;
			if (typeof time !== "number" || typeof tick !== "number") return null;
			return { type: "pong", time, tick };
		}
		case SERVER_MESSAGE.roster: {
			const changes: RosterChange[] = [];
			for (let i = 1; i < fields.length; i += 2) {
				const [player, name] = [fields[i], fields[i + 1]];
				if (!isCount(player) || (name !== null && typeof name !== "string")) return null;
				changes.push({ player, name });
			}
			return changes.length === 0 ? null : { type: "roster", changes };
		}
		case SERVER_MESSAGE.swap: {
			const [, tick, moduleHash, packed] = fields;
			const schema = unpackSchema(packed);
			if (schema === null || !isCount(tick) || typeof moduleHash !== "string") return null;
			return { type: "swap", tick, moduleHash, schema };
		}
		case SERVER_MESSAGE.notice: {
			const [, text] = fields;
			return text === null || typeof text === "string" ? { type: "notice", text } : null;
		}
		default:
			return null;
	}
}

/** Decodes one message of a server; null when it is not one that this client understands. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage | null {
	const head = peekHead(bytes);
	if (head && isLaterType(head.type, SERVER_MESSAGE)) return { type: "unknown", code: head.type };
	// every value takes at least a byte, so walking it costs no more than reading it
	if (checkMsgpack(bytes, BOUNDS) !== null) return null;
	let fields: unknown;
	try {
		fields = decoder.decode(bytes);
	} catch {
		return null;
	}
	return Array.isArray(fields) ? readFields(fields as unknown[]) : null;
}
