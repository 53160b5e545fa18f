import { LIMITS } from "../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { WIRE_LIMITS } from "../hand-over/wire/wire-limits.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";
import { carried } from "./carried.ts";
import {
	amount,
	bytes,
	count,
	fields,
	flag,
	list,
	type MessageOf,
	maybe,
	orNull,
	readMessage,
	text,
} from "./checks.ts";
import { seat } from "./order.ts";

const name = text(LIMITS.clientStringBytes);
const hash = text(64);

const reportedRoom = fields({
	id: name,
	game: name,
	maxPlayers: count,
	players: count,
	epoch: count,
});

/** What a worker tells the supervisor. */
const REPORTS = {
	/** It runs and takes clients; `control` is where it answers HTTP for the supervisor. */
	ready: fields({
		games: list(
			fields({ name, version: count, hash, maxPlayers: count }),
			SERVER_LIMITS.deployments,
		),
		control: text(WORKER_LIMITS.pathChars),
	}),
	/** It cannot start, and starting it again would not help: what the operator has to mend. */
	cannotStart: fields({ name, detail: text(WORKER_LIMITS.detailChars) }),
	/** A client's hello, as it came, asks for what this worker does not have: where is it to go? It waits. */
	asked: fields({ socket: count, hello: bytes(LIMITS.clientMessageBytes) }),
	/** It has given a socket up, or it cannot: the client is about to go. */
	released: fields({ socket: count, carried: orNull(carried) }),
	/** A client has a seat, or looks on. */
	seated: fields({ socket: count, seat }),
	/** A connection is over. */
	gone: fields({ socket: count }),
	/** Rooms since the last such report. */
	rooms: fields({
		opened: list(reportedRoom, SERVER_LIMITS.rooms),
		changed: list(fields({ id: name, players: count }), SERVER_LIMITS.rooms),
		closed: list(fields({ id: name, epoch: count }), SERVER_LIMITS.rooms),
	}),
	/** What came of an order to recover rooms. */
	recovered: fields({
		back: list(name, SERVER_LIMITS.rooms),
		lost: list(name, SERVER_LIMITS.rooms),
	}),
	/** About a room that moves, for another worker or for the register: see `hand-over/wire/parcel.ts`. */
	parcel: fields({
		room: name,
		to: text(WIRE_LIMITS.workerBytes),
		bytes: bytes(WIRE_LIMITS.parcelBytes),
	}),
	/** These sockets go to the worker that has their room now; each is `released` next. */
	gives: fields({
		room: name,
		to: text(WIRE_LIMITS.workerBytes),
		sockets: list(fields({ socket: count, seat }), SERVER_LIMITS.connections),
	}),
	/** A room that came ticks here, after it stood still for so long. */
	moved: fields({ room: name, frozenMs: amount }),
	load: fields({
		cpu: amount,
		latenessP99Ms: amount,
		seats: count,
		rooms: count,
		connections: count,
		rssBytes: count,
		isFull: flag,
		roomLog: maybe(orNull(fields({ isHeld: flag, lagBytes: count }))),
	}),
} as const;

export type Report = MessageOf<typeof REPORTS>;

/** Reads a report; null for anything else. */
export function readReport(value: unknown): Report | null {
	return readMessage(REPORTS, value);
}
