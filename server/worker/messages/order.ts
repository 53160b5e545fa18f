import { LIMITS } from "../../../protocol/limits.ts";
import { CAPABILITIES } from "../../../protocol/messages/client-message.ts";
import { LOG_LIMITS } from "../../journal/room-log/log-limits.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { WIRE_LIMITS } from "../hand-over/wire/wire-limits.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";
import { carried } from "./carried.ts";
import {
	bytes,
	count,
	fields,
	flag,
	list,
	type MessageOf,
	orNull,
	readMessage,
	record,
	text,
	word,
} from "./checks.ts";

const header = (value: unknown): value is string | string[] =>
	typeof value === "string" || (Array.isArray(value) && value.every((v) => typeof v === "string"));

/** Where a client whose socket comes from another worker sits already. */
export const seat = fields({
	room: text(LIMITS.clientStringBytes),
	/** Null: looks on. */
	player: orNull(count),
	capabilities: list(word(...CAPABILITIES), CAPABILITIES.length),
});

/** What the supervisor tells a worker. Sockets are numbered by the supervisor. */
const ORDERS = {
	/** With a descriptor: answer the handshake. A hello that asks for what is not here is asked about. */
	open: fields({
		socket: count,
		url: text(SERVER_LIMITS.httpTargetBytes),
		headers: record(header, WORKER_LIMITS.headers),
		behind: bytes(WORKER_LIMITS.behindHeadBytes),
		/** More clients than there may be: this one is told so. */
		isTooMany: flag,
	}),
	/** With a descriptor: go on with a WebSocket. One without a seat says hello in its unread bytes, and stays. */
	adopt: fields({ socket: count, carried, seat: orNull(seat) }),
	/** A client that the worker asked about stays where it is. */
	stay: fields({ socket: count }),
	/** Give these sockets up; each is answered by `released`. */
	release: fields({ sockets: list(count, SERVER_LIMITS.connections) }),
	/** Bring these rooms of a worker that is gone back from its log; answered by `recovered`. Hellos for them wait. */
	recover: fields({
		rooms: list(text(LIMITS.clientStringBytes), SERVER_LIMITS.rooms),
		/** Series of logs that nobody writes any more. */
		dead: list(text(WORKER_LIMITS.seriesChars), LOG_LIMITS.files),
	}),
	/** About a room that moves: see `hand-over/wire/parcel.ts`. */
	parcel: fields({
		room: text(LIMITS.clientStringBytes),
		from: text(WIRE_LIMITS.workerBytes),
		bytes: bytes(WIRE_LIMITS.parcelBytes),
	}),
	/** Another worker's process is gone. */
	died: fields({ worker: text(WIRE_LIMITS.workerBytes) }),
	/** End everything in order, and then yourself. */
	stop: fields({}),
} as const;

export type Order = MessageOf<typeof ORDERS>;
export type Seat = NonNullable<Extract<Order, { type: "adopt" }>["seat"]>;

/** Reads an order; null for anything else. */
export function readOrder(value: unknown): Order | null {
	return readMessage(ORDERS, value);
}
