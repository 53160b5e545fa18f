import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../../protocol/limits.ts";
import type { RoomLogLine } from "../../../protocol/operator-answers.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import type { ServerCounters } from "../../counters.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { Log } from "../../log.ts";
import type { Room } from "../../room/room.ts";
import type { RoomDirectory } from "../../room/room-directory.ts";
import type { Deployments } from "../../swap/deployments.ts";
import { hasToken, isFromHere } from "../access.ts";
import type { AuditList } from "../audit/audit-list.ts";
import { auditRequest, noteDetail, whoAsks } from "../audit/audited.ts";
import type { ClosedRoom, ClosedRooms } from "../closed-rooms.ts";
import type { ProcessMetrics } from "../metrics/process-metrics.ts";
import type { RoomMetrics } from "../metrics/room-metrics.ts";
import { sendJson } from "../send-json.ts";
import { readState, type StateQuery } from "../time-travel/read-state.ts";
import type { TimeTravel } from "../time-travel/time-travel.ts";
import { overview, roomAnswer } from "./answers.ts";
import { kick, readMessage, tell } from "./operate.ts";
import { readNumber, readOverviewQuery } from "./overview-query.ts";
import { promote, swap } from "./swap.ts";

export interface AdminOptions {
	directory: RoomDirectory;
	deployments: Deployments;
	counters: ServerCounters;
	metrics: RoomMetrics;
	processMetrics: ProcessMetrics;
	timeTravel: TimeTravel;
	closed: ClosedRooms;
	/** What was changed by whom; null where another process, which asks for operators, keeps the list. */
	audit: AuditList | null;
	connections: () => number;
	/** The state of the room log; null when nothing is logged. */
	roomLog: () => RoomLogLine | null;
	/** Requests with this token may deploy. */
	token: string;
	/** Also answer requests that do not come from this machine. */
	remote: boolean;
	log: Log;
}

interface Call {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly options: AdminOptions;
	readonly query: URLSearchParams;
	/** The second part of the path: a game, the id of a room, or the key of a closed one. */
	readonly name: string;
	/** The fourth part, such as the number of a player. */
	readonly item: string;
}

/** Which rules each game has, and which room runs what. */
function versions({ directory }: AdminOptions) {
	return [...directory.games.values()].map((game) => ({
		game: game.name,
		version: game.version,
		hash: game.hash,
		rooms: [...directory.rooms.values()]
			.filter((room) => room.game.name === game.name)
			.map((room) => ({
				id: room.id,
				version: room.game.version,
				hash: room.game.hash,
				players: room.population,
				tick: room.tick,
				isPaused: room.isPaused,
				onProbation: room.probation !== null,
				rollbacks: room.counters.rollbacks,
				lastFault: room.faults.reports.at(-1) ?? null,
			})),
	}));
}

function badQuery(response: ServerResponse, detail: string): void {
	sendJson(response, 400, { error: "ERR_ADMIN_QUERY", detail });
}

function showOverview({ response, options, query }: Call): void {
	const asked = readOverviewQuery(query);
	if ("error" in asked) return sendJson(response, 400, asked);
	sendJson(response, 200, overview(options, asked.rooms, asked.offset, asked.limit));
}

/** The state that is requested, and which part; null, and answered, if the request is invalid. */
function readStateQuery(
	{ response, query }: Call,
	now: number,
): { tick: number; hold: number; wanted: StateQuery } | null {
	const offset = readNumber(query, "offset", 0, LIMITS.rows);
	const limit = readNumber(query, "limit", SERVER_LIMITS.adminRows, SERVER_LIMITS.adminRows);
	if (offset === null || limit === null) {
		badQuery(response, `offset and limit are whole numbers, up to ${SERVER_LIMITS.adminRows} rows`);
		return null;
	}
	const tick = readNumber(query, "tick", now, 0xffff_ffff);
	const hold = readNumber(query, "hold", 0, Number.MAX_SAFE_INTEGER);
	if (tick === null || hold === null) {
		badQuery(response, "tick and hold are whole numbers");
		return null;
	}
	return {
		tick,
		hold,
		wanted: { table: query.get("table"), offset, limit, map: query.has("map") },
	};
}

async function showState(call: Call, room: Room): Promise<void> {
	const { response, options } = call;
	const question = readStateQuery(call, room.tick);
	if (!question) return;
	const { tick, hold, wanted } = question;
	const { table } = wanted;
	const isLive = hold === 0 && tick === room.tick;
	const { descriptor } = room.game;
	// another version of the rules may have had other tables
	if (isLive && table && !descriptor.tables.some(({ name }) => name === table)) {
		return sendJson(response, 404, { error: "ERR_ADMIN_TABLE", detail: `no table "${table}"` });
	}
	const answer = isLive
		? readState(room.simulation, tick, "live", wanted)
		: await options.timeTravel.ask(room, tick, wanted, hold || null);
	sendJson(response, "error" in answer ? 409 : 200, answer);
}

/** A state of a closed room: only its journal can have it. */
async function showClosedState(call: Call, { line, file }: ClosedRoom): Promise<void> {
	const question = readStateQuery(call, line.tick);
	if (!question) return;
	const { tick, wanted } = question;
	const answer =
		file === null || tick > line.tick
			? { error: "ERR_PAST_TICK", detail: `tick ${tick} of room ${line.id} is not recorded` }
			: await call.options.timeTravel.askFile(file, tick, wanted);
	sendJson(call.response, "error" in answer ? 409 : 200, answer);
}

async function deploy(call: Call, action: "swap" | "promote" | "rollback"): Promise<void> {
	const { request, response, options, name, query } = call;
	const result =
		action === "rollback"
			? await options.deployments.rollBack(name, { by: whoAsks(request, query) })
			: await { swap, promote }[action](request, options, name, query);
	sendJson(response, "error" in result ? 409 : 200, result);
}

function openRoom({ response, options, name }: Call): void {
	const game = options.directory.games.get(name);
	if (!game) {
		return sendJson(response, 404, { error: "ERR_ADMIN_GAME", detail: `no game "${name}"` });
	}
	const opened = options.directory.open(game);
	if ("error" in opened) return sendJson(response, 409, opened);
	sendJson(response, 200, { id: opened.id });
}

async function sendMessage({ request, response, options, query }: Call): Promise<void> {
	const id = query.get("room");
	const room = id === null ? null : options.directory.rooms.get(id);
	if (room === undefined) {
		return sendJson(response, 404, { error: "ERR_ADMIN_ROOM", detail: `no room "${id}"` });
	}
	const message = await readMessage(request);
	if ("error" in message) return sendJson(response, 400, message);
	noteDetail(response, `${room ? `to room ${room.id}` : "to all"}: ${message.text ?? "(none)"}`);
	const { rooms } = options.directory;
	sendJson(response, 200, tell(room ? [room] : rooms.values(), message.text));
}

function onRoom(run: (call: Call, room: Room) => void | Promise<void>): Handler {
	return (call) => {
		const room = call.options.directory.rooms.get(call.name);
		if (room) return run(call, room);
		const detail = `no room "${call.name}"`;
		sendJson(call.response, 404, { error: "ERR_ADMIN_ROOM", detail });
	};
}

function onClosed(run: (call: Call, room: ClosedRoom) => void | Promise<void>): Handler {
	return (call) => {
		const room = /^\d{1,10}$/.test(call.name) ? call.options.closed.get(Number(call.name)) : null;
		if (room) return run(call, room);
		const detail = `no closed room "${call.name}" is known`;
		sendJson(call.response, 404, { error: "ERR_ADMIN_ROOM", detail });
	};
}

/** Why a server of one process is not upgraded. */
export const UPGRADE_ALONE: Refusal = {
	error: "ERR_UPGRADE_ALONE",
	detail: "a server of one process has nobody to leave its rooms to: start it with --workers",
};

type Handler = (call: Call) => void | Promise<void>;

/** By path, `*` being a name, and by method. */
export const ADMIN_ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
	overview: { GET: showOverview },
	audit: {
		GET: async ({ response, options }) => {
			sendJson(response, 200, { lines: (await options.audit?.list()) ?? [] });
		},
	},
	message: { POST: sendMessage },
	upgrade: { POST: ({ response }) => sendJson(response, 409, UPGRADE_ALONE) },
	games: { GET: ({ response, options }) => sendJson(response, 200, versions(options)) },
	"games/*/swap": { POST: (call) => deploy(call, "swap") },
	"games/*/promote": { POST: (call) => deploy(call, "promote") },
	"games/*/deployments": {
		GET: ({ response, options, name }) => {
			const all = options.deployments.list.filter(({ game }) => game === name);
			sendJson(response, 200, all.reverse());
		},
	},
	"games/*/rollback": { POST: (call) => deploy(call, "rollback") },
	"games/*/rooms": { POST: openRoom },
	closed: {
		GET: ({ response, options }) => sendJson(response, 200, { rooms: options.closed.list }),
	},
	"closed/*": { GET: onClosed(({ response }, { answer }) => sendJson(response, 200, answer)) },
	"closed/*/state": { GET: onClosed(showClosedState) },
	"rooms/*": {
		GET: onRoom(({ response, options }, room) =>
			sendJson(response, 200, roomAnswer(room, options)),
		),
	},
	"rooms/*/state": { GET: onRoom(showState) },
	"rooms/*/hold": {
		POST: onRoom(({ response, options }, room) => {
			const held = options.timeTravel.hold(room);
			sendJson(response, "error" in held ? 409 : 200, held);
		}),
	},
	"rooms/*/players/*/kick": {
		POST: onRoom(({ response, query, item }, room) => {
			const kicked = kick(room, item, query);
			sendJson(response, "error" in kicked ? 404 : 200, kicked);
		}),
	},
	"rooms/*/resume": {
		POST: onRoom(({ response }, room) => {
			room.resume();
			sendJson(response, 200, { id: room.id, isPaused: room.isPaused });
		}),
	},
};

/** A request without a token may be accidental; one with a wrong token is an attempt. */
function traceWrongToken({ headers, method, url, socket }: IncomingMessage, log: Log): void {
	if (headers.authorization === undefined) return;
	log("warn", "wrong admin token", {
		error: "ERR_ADMIN_TOKEN",
		address: socket.remoteAddress,
		forwarded: headers["x-forwarded-for"]?.slice(0, 200),
		method,
		path: url?.slice(0, 200),
	});
}

/**
 * Answers `/admin/…`, see docs/operations.md. Every request needs the token, and comes from this machine
 * unless the operator says otherwise.
 */
export async function handleAdmin(
	request: IncomingMessage,
	response: ServerResponse,
	options: AdminOptions,
): Promise<void> {
	if (!options.remote && !isFromHere(request)) {
		return sendJson(response, 403, { error: "ERR_ADMIN_REMOTE" });
	}
	if (!hasToken(request, options.token)) {
		traceWrongToken(request, options.log);
		return sendJson(response, 401, { error: "ERR_ADMIN_TOKEN" });
	}
	if (options.audit) auditRequest(request, response, options.audit);
	const url = new URL(request.url ?? "/", "http://localhost");
	const [, , kind = "", name = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
	const [part, item = "", ...more] = rest;
	const named = rest.length > 1 ? [part, "*", ...more] : rest;
	const path = name === "" && rest.length === 0 ? kind : [kind, "*", ...named].join("/");
	const route = Object.hasOwn(ADMIN_ROUTES, path) ? ADMIN_ROUTES[path] : undefined;
	if (!route) return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
	const handler = route[request.method ?? ""];
	if (!handler) {
		response.setHeader("allow", Object.keys(route).join(", "));
		return sendJson(response, 405, { error: "ERR_METHOD" });
	}
	await handler({ request, response, options, query: url.searchParams, name, item });
}
