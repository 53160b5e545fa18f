import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";
import { LIMITS } from "../../protocol/limits.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { type AdminOptions, handleAdmin } from "./admin.ts";
import type { ServerCounters } from "./counters.ts";

export interface HttpOptions {
	directory: RoomDirectory;
	counters: ServerCounters;
	connections: () => number;
	/** Null: there is no admin API. */
	admin: AdminOptions | null;
	/** Folder of the page, or null to serve none. */
	pageFolder: string | null;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".ico": "image/x-icon",
	".json": "application/json; charset=utf-8",
	".map": "application/json; charset=utf-8",
	".wasm": "application/wasm",
	".woff2": "font/woff2",
};

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, {
		"content-type": "application/json; charset=utf-8",
		"cache-control": "no-store",
	});
	response.end(JSON.stringify(body));
}

function health({ directory, counters, connections }: HttpOptions) {
	return {
		status: "ok",
		uptimeSeconds: Math.round((Date.now() - counters.startedAt) / 1000),
		rooms: directory.rooms.size,
		connections: connections(),
		faults: counters.faults,
		drops: Object.fromEntries(counters.drops),
	};
}

function listRooms({ directory }: HttpOptions) {
	return [...directory.rooms.values()].map((room) => ({
		id: room.id,
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
		// a page of another host may predict too
		"access-control-allow-origin": "*",
		// named by its content: it can never change
		"cache-control": "public, max-age=31536000, immutable",
	});
	response.end(game.bytes);
}

async function sendPage(response: ServerResponse, folder: string, target: string): Promise<void> {
	const file = path.join(folder, path.normalize(target === "/" ? "/index.html" : target));
	const type = CONTENT_TYPES[path.extname(file)];
	const isInside = file.startsWith(folder + path.sep);
	const about = isInside && type ? await stat(file).catch(() => null) : null;
	if (!about?.isFile() || !type) {
		sendJson(response, 404, { error: "ERR_NOT_FOUND" });
		return;
	}
	response.writeHead(200, {
		"content-type": type,
		"content-length": about.size,
		"cache-control": target.startsWith("/assets/")
			? "public, max-age=31536000, immutable"
			: "no-cache",
		"x-content-type-options": "nosniff",
	});
	// closes the file when the client hangs up, and the response when the file fails
	pipeline(createReadStream(file), response, () => {});
}

/** Path of a request's target, or null for one that is no plain path. */
function pathOf({ url = "/" }: IncomingMessage): string | null {
	if (url.length > LIMITS.httpTargetBytes) return null;
	try {
		const text = decodeURIComponent(url.split(/[?#]/, 1)[0] as string);
		return text.startsWith("/") && !text.includes("\0") ? text : null;
	} catch {
		return null;
	}
}

/** Answers `/healthz`, `/rooms`, `/modules/<hash>.wasm` and the page. */
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
			return sendJson(response, 405, { error: "ERR_METHOD" });
		}
		if (target === "/healthz") return sendJson(response, 200, health(options));
		if (target === "/rooms") return sendJson(response, 200, listRooms(options));
		const module = /^\/modules\/([0-9a-f]{64})\.wasm$/.exec(target);
		if (module?.[1]) return sendModule(response, options, module[1]);
		if (options.pageFolder === null) return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
		void sendPage(response, options.pageFolder, target);
	};
}
