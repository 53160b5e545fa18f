import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { ServerCounters } from "../counters.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { hasToken, isFromHere, namesThisMachine } from "./access.ts";
import { type AdminOptions, handleAdmin } from "./admin/admin.ts";
import { EXPOSITION_TYPE } from "./metrics/exposition.ts";
import { sendJson } from "./send-json.ts";
import { sendFile } from "./static-files.ts";

/**
 * `local`: programs on this machine, and others with the admin token; `all`: everyone; `off`: no one.
 */
export type MetricsReaders = "local" | "all" | "off";

interface HttpOptions {
	directory: RoomDirectory;
	counters: ServerCounters;
	connections: () => number;
	/** Null: there is no admin API. */
	admin: AdminOptions | null;
	/** Folder of the page, or null to serve none. */
	pageFolder: string | null;
	/** Folder of the monitor's page; only shown when there is an admin API. */
	monitorFolder: string | null;
	/** What `/metrics` shows. */
	metrics: () => string;
	metricsReaders: MetricsReaders;
}

/** A game's page may load anything; no other page may frame it or change its base. */
const PAGE_HEADERS = {
	"content-security-policy": "object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
} as const;

/** The monitor shows names chosen by game writers and players: none of them may become a script. */
const MONITOR_HEADERS = {
	"content-security-policy":
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"referrer-policy": "no-referrer",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
} as const;

function health({ directory, counters, connections }: HttpOptions) {
	return {
		status: "ok",
		uptimeSeconds: Math.round((Date.now() - counters.startedAt) / 1000),
		rooms: directory.rooms.size,
		connections: connections(),
		faults: counters.ticksFailed,
		roomsFailed: counters.faults,
		journalsStopped: [...directory.rooms.values()].filter((room) => room.recorder?.stopped).length,
		drops: Object.fromEntries(counters.drops),
	};
}

/** A room's id lets clients in: strangers learn how many rooms there are, not which. */
function listRooms({ directory }: HttpOptions, knows: boolean) {
	return [...directory.rooms.values()].map((room) => ({
		...(knows ? { id: room.id } : {}),
		game: room.game.name,
		version: room.game.version,
		hash: room.game.hash,
		tick: room.tick,
		players: room.population,
		maxPlayers: room.game.descriptor.maxPlayers,
		droppedTicks: room.counters.droppedTicks,
		latenessMaxMs: Math.round(room.counters.latenessMaxMs * 1000) / 1000,
		snapshotBytes: room.counters.snapshotBytes,
		snapshots: room.counters.snapshots,
	}));
}

function sendModule(response: ServerResponse, { directory }: HttpOptions, hash: string): void {
	const game = [
		...directory.games.values(),
		...[...directory.rooms.values()].map((r) => r.game),
	].find((g) => g.hash === hash);
	if (!game) {
		sendJson(response, 404, { error: "ERR_MODULE_UNKNOWN" });
		return;
	}
	response.writeHead(200, {
		"content-type": "application/wasm",
		"content-length": game.bytes.length,
		// pages of other hosts may predict too
		"access-control-allow-origin": "*",
		// named by its content: it can never change
		"cache-control": "public, max-age=31536000, immutable",
		"x-content-type-options": "nosniff",
	});
	response.end(game.bytes);
}

function sendMetrics(
	request: IncomingMessage,
	response: ServerResponse,
	{ metrics, metricsReaders, admin }: HttpOptions,
): void {
	if (metricsReaders === "off") return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
	const mayRead =
		metricsReaders === "all" ||
		(isFromHere(request) && namesThisMachine(request)) ||
		(admin !== null && hasToken(request, admin.token));
	if (!mayRead) return sendJson(response, 403, { error: "ERR_METRICS_REMOTE" });
	response.writeHead(200, {
		"content-type": EXPOSITION_TYPE,
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
	});
	response.end(metrics());
}

/** The monitor's page, for those who may use the admin API. */
export function sendMonitor(
	request: IncomingMessage,
	response: ServerResponse,
	{ admin, monitorFolder }: { admin: { remote: boolean } | null; monitorFolder: string | null },
	target: string,
): void {
	if (admin === null) {
		const detail = "the monitor needs an admin token: start the server with --admin-token";
		return sendJson(response, 404, { error: "ERR_ADMIN_OFF", detail });
	}
	if (!admin.remote && !isFromHere(request)) {
		return sendJson(response, 403, { error: "ERR_ADMIN_REMOTE" });
	}
	if (monitorFolder === null) return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
	if (target === "/monitor") {
		// the page names its files relative to itself, and so does this, for proxies under a path
		response.writeHead(308, { location: "./monitor/", "content-length": 0 });
		response.end();
		return;
	}
	const file = encodedPath(request).slice("/monitor".length);
	sendFile(request, response, monitorFolder, file, MONITOR_HEADERS);
}

/** The path as it came. */
function encodedPath({ url = "/" }: IncomingMessage): string {
	return url.split(/[?#]/, 1)[0];
}

/** Path of a request's target, or null if it is not a plain path. */
export function pathOf(request: IncomingMessage): string | null {
	if ((request.url ?? "/").length > SERVER_LIMITS.httpTargetBytes) return null;
	try {
		const text = decodeURIComponent(encodedPath(request));
		return text.startsWith("/") && !text.includes("\0") ? text : null;
	} catch {
		return null;
	}
}

/** A file of the game's page, where there is one. */
export function sendPage(
	request: IncomingMessage,
	response: ServerResponse,
	folder: string | null,
): void {
	if (folder === null) return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
	sendFile(request, response, folder, encodedPath(request), PAGE_HEADERS);
}

/** Answers `/healthz`, `/rooms`, `/metrics`, `/modules/<hash>.wasm`, `/admin/…`, `/monitor` and the page. */
export function createHttpHandler(options: HttpOptions): RequestListener {
	return (request, response) => {
		const target = pathOf(request);
		if (target === null) return sendJson(response, 400, { error: "ERR_BAD_TARGET" });
		if (target.startsWith("/admin/")) {
			if (options.admin === null) return sendJson(response, 404, { error: "ERR_ADMIN_OFF" });
			handleAdmin(request, response, options.admin).catch(() => response.destroy());
			return;
		}
		if (request.method !== "GET" && request.method !== "HEAD") {
			response.setHeader("allow", "GET, HEAD");
			return sendJson(response, 405, { error: "ERR_METHOD" });
		}
		if (target === "/healthz") return sendJson(response, 200, health(options));
		if (target === "/rooms") {
			const isTrusted = options.admin !== null && hasToken(request, options.admin.token);
			const isHere = isFromHere(request) && namesThisMachine(request);
			return sendJson(response, 200, listRooms(options, isHere || isTrusted));
		}
		if (target === "/metrics") return sendMetrics(request, response, options);
		if (target === "/monitor" || target.startsWith("/monitor/")) {
			return sendMonitor(request, response, options, target);
		}
		const module = /^\/modules\/([0-9a-f]{64})\.wasm$/.exec(target);
		if (module?.[1]) return sendModule(response, options, module[1]);
		sendPage(request, response, options.pageFolder);
	};
}
