import { LIMITS } from "../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import {
	bytes,
	type Check,
	count,
	fields,
	flag,
	list,
	type MessageOf,
	orNull,
	readMessage,
	text,
} from "../messages/checks.ts";
import { type Order, readOrder, seat } from "../messages/order.ts";
import { type Report, readReport } from "../messages/report.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";

/*
 * What a supervisor and the one that takes over from it tell each other. The old one's workers run on with the old code
 * for a while, and the old one passes on what they and the new one say: the version counts changes of orders, reports and
 * parcels too.
 */
export const TAKE_OVER_VERSION = 1;

/** In the environment of a supervisor that another one has started. */
export const TAKE_OVER_MARK = "HOTSTEP_TAKE_OVER";

const name = text(LIMITS.clientStringBytes);
const place = text(WORKER_LIMITS.pathChars);
const series = text(WORKER_LIMITS.seriesChars);
const order: Check<Order> = (value): value is Order => readOrder(value) !== null;
const report: Check<Report> = (value): value is Report => readReport(value) !== null;

const FROM_OLD = {
	/** First of all: where the log is that goes on. */
	begin: fields({
		version: count,
		log: orNull(fields({ folder: place, isTemporary: flag })),
	}),
	/** With a descriptor: what to accept from. */
	listener: fields({}),
	/** With a descriptor: a client that came while the port changed hands, and what was read of it. */
	connection: fields({ unread: bytes(WORKER_LIMITS.behindHeadBytes) }),
	/** With a descriptor: a client's socket. */
	socket: fields({ socket: count }),
	/** All that is known, as of now. What follows is news. */
	state: fields({
		workers: list(
			fields({ worker: count, pid: count, life: series, socketPath: place, secret: place }),
			WORKER_LIMITS.workers,
		),
		rooms: list(
			fields({
				id: name,
				game: name,
				maxPlayers: count,
				players: count,
				worker: count,
				epoch: count,
			}),
			WORKER_LIMITS.workers * SERVER_LIMITS.rooms,
		),
		sockets: list(
			fields({
				number: count,
				address: text(LIMITS.clientStringBytes),
				worker: orNull(count),
				seat: orNull(seat),
				next: orNull(fields({ worker: count, seat: orNull(seat) })),
			}),
			SERVER_LIMITS.connections,
		),
		lastSocket: count,
	}),
	/** An old worker reports. */
	report: fields({ worker: count, report }),
	/** An old worker's process has ended. */
	ended: fields({ worker: count, how: text(WORKER_LIMITS.detailChars) }),
} as const;

const FROM_NEW = {
	/** Its workers run: it can take over. */
	ready: fields({ version: count }),
	/** It cannot start. */
	cannot: fields({ name, detail: text(WORKER_LIMITS.detailChars) }),
	/** It listens, and has all. */
	taken: fields({}),
	/** For an old worker, with a descriptor where the order has one. */
	order: fields({ worker: count, order }),
	kill: fields({ worker: count }),
} as const;

export type FromOld = MessageOf<typeof FROM_OLD>;
export type FromNew = MessageOf<typeof FROM_NEW>;
export type MachineState = Extract<FromOld, { type: "state" }>;

/** Null for anything else. */
export function readFromOld(value: unknown): FromOld | null {
	return readMessage(FROM_OLD, value);
}

/** Null for anything else. */
export function readFromNew(value: unknown): FromNew | null {
	return readMessage(FROM_NEW, value);
}
