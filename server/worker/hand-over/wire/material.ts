import { LIMITS } from "../../../../protocol/limits.ts";
import {
	bytes,
	flag,
	globalValue,
	hex,
	listOf,
	orNull,
	real,
	record,
	text,
	uint,
	type WireField,
} from "./wire-field.ts";
import { WIRE_LIMITS } from "./wire-limits.ts";

type ValueOf<F> = F extends WireField<infer T> ? T : never;

const U32 = uint(0xffff_ffff);
const seat = uint(LIMITS.players - 1);
const input = bytes(LIMITS.inputBytes);

/** What a hand-over needs before anything else; the image itself went ahead in chunks. */
export const PREPARE = record({
	room: text(LIMITS.clientStringBytes),
	game: text(LIMITS.nameBytes),
	/** SHA-256 of the sealed module. */
	moduleHash: hex(32),
	seed: U32,
	/** Bytes of memory, and in how many chunks those came that are not 0. */
	length: uint(LIMITS.memoryBytes),
	chunks: uint(Math.ceil(LIMITS.memoryBytes / WIRE_LIMITS.pageBytes)),
	globals: listOf(globalValue, WIRE_LIMITS.globals),
});

/** A tick that was run; without an inbox it came to nothing. The hash, now and then, is of the state after it. */
export const FOLLOW = record({
	inbox: orNull(bytes(LIMITS.inboxBytes)),
	hash: orNull(hex(8)),
});

/** An input that waits, by the tick it is meant for; `viewAge` in 1/256 ticks. */
const WAITING = record({ tick: U32, viewAge: uint(0xffff), input });

/** A player's input ring: what waits, and what the next repetition is made of. */
const RING = record({
	waiting: listOf(WAITING, LIMITS.inputsQueued),
	current: input,
	rest: input,
	pressed: input,
	pulses: input,
	hasPulse: bytes(LIMITS.fields),
	viewAge: uint(0xffff),
	inputTick: U32,
});

const SEAT = record({
	number: seat,
	name: text(LIMITS.playerNameBytes),
	token: text(LIMITS.clientStringBytes),
	user: orNull(text(WIRE_LIMITS.userBytes)),
	/** How long it has been held without a connection, ms; null: somebody sits there. */
	heldMs: orNull(real),
	isJoined: flag,
	isLeaving: flag,
	leaveReason: U32,
	ring: RING,
});

/** What is left when the room stands still. */
export const REST = record({
	hash: hex(8),
	seats: listOf(SEAT, LIMITS.players),
	/** Joins and leaves that a failed tick left over. */
	carriedOver: orNull(bytes(LIMITS.inboxBytes)),
	leavesInputsOut: flag,
	/** Who came and went since it was told last; a null name left. */
	roster: listOf(
		record({ player: seat, name: orNull(text(LIMITS.playerNameBytes)) }),
		4 * LIMITS.players,
	),
	/** Tickets that were used, and for how many ms they would still be good. */
	tickets: listOf(record({ id: text(WIRE_LIMITS.ticketBytes), leftMs: real }), WIRE_LIMITS.tickets),
	/** When the next tick is due, ms from the moment this was written. */
	dueInMs: real,
});

/** What goes with a socket: whose it is, and the inputs that came over it since the rest. */
export const SOCKET = record({
	/** Null for a spectator, and for the part without a socket. */
	seat: orNull(seat),
	inputs: listOf(
		record({ player: seat, tick: U32, viewAge: uint(0xffff), input }),
		LIMITS.players * LIMITS.inputsQueued,
	),
});

/** A piece of the image of the room that `move` is about. */
export const CHUNK = record({
	move: uint(Number.MAX_SAFE_INTEGER),
	at: uint(LIMITS.memoryBytes),
	bytes: bytes(WIRE_LIMITS.chunkBytes, 1),
});

export type PrepareMaterial = ValueOf<typeof PREPARE>;
export type FollowMaterial = ValueOf<typeof FOLLOW>;
export type RestMaterial = ValueOf<typeof REST>;
export type SocketMaterial = ValueOf<typeof SOCKET>;
export type ImageChunk = ValueOf<typeof CHUNK>;
