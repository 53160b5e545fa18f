import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LIMITS } from "../../protocol/limits.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { SwapRefusal } from "../swap/compare-schemas.ts";
import type { Deployment, Deployments, SwapPolicy } from "../swap/deployments.ts";

export interface AdminOptions {
	directory: RoomDirectory;
	deployments: Deployments;
	/** Whoever knows it may deploy. */
	token: string;
	/** Also answer requests that do not come from this machine. */
	remote: boolean;
}

const POLICIES: readonly string[] = ["pin", "canary", "live"];
const MAX_MAP_BYTES = 8 * 1024 * 1024;

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, {
		"content-type": "application/json; charset=utf-8",
		"cache-control": "no-store",
	});
	response.end(JSON.stringify(body));
}

function isLoopback(address: string | undefined): boolean {
	return address === "::1" || /^(?:::ffff:)?127\./.test(address ?? "");
}

/** Compares digests, so that the time taken tells nothing of the token. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(headers.authorization ?? ""), digest(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage, most: number): Promise<Buffer | null> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		bytes += part.length;
		if (bytes > most) return null;
		parts.push(part);
	}
	return Buffer.concat(parts);
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
				lastFault: room.reports.at(-1) ?? null,
			})),
	}));
}

/** `POST …/swap?policy=&canaries=`: the wasm, then the source map that `x-hotstep-map-bytes` counts. */
async function swap(
	request: IncomingMessage,
	options: AdminOptions,
	game: string,
	query: URLSearchParams,
): Promise<Deployment | SwapRefusal> {
	const policy = query.get("policy") ?? "pin";
	const canaries = Number(query.get("canaries") ?? 1);
	if (!POLICIES.includes(policy)) return { error: "ERR_SWAP_POLICY", detail: `"${policy}"` };
	if (!Number.isInteger(canaries) || canaries < 1) {
		return { error: "ERR_SWAP_POLICY", detail: `${query.get("canaries")} canaries` };
	}
	const body = await readBody(request, LIMITS.moduleBytes + MAX_MAP_BYTES);
	const mapBytes = Number(request.headers["x-hotstep-map-bytes"] ?? 0);
	if (!body || !Number.isInteger(mapBytes) || mapBytes < 0 || mapBytes > body.length) {
		return {
			error: "ERR_SWAP_BODY",
			detail: "the body is a module, or a module and its source map",
		};
	}
	const wasmBytes = body.length - mapBytes;
	const candidate = {
		bytes: new Uint8Array(body.subarray(0, wasmBytes)),
		origin: "the uploaded module",
		sourceMap: mapBytes > 0 ? body.toString("utf8", wasmBytes) : null,
	};
	return options.deployments.deploy(game, candidate, policy as SwapPolicy, canaries);
}

/**
 * Answers `/admin/…`: GET games, POST games/NAME/swap, POST games/NAME/rollback, POST games/NAME/rooms
 * (opens a room), POST rooms/ID/resume.
 * Every request needs the token, and comes from this machine unless the operator says otherwise.
 */
export async function handleAdmin(
	request: IncomingMessage,
	response: ServerResponse,
	options: AdminOptions,
): Promise<void> {
	if (!options.remote && !isLoopback(request.socket.remoteAddress)) {
		return sendJson(response, 403, { error: "ERR_ADMIN_REMOTE" });
	}
	if (!hasToken(request, options.token))
		return sendJson(response, 401, { error: "ERR_ADMIN_TOKEN" });
	const url = new URL(request.url ?? "/", "http://localhost");
	const [, , kind, name = "", action] = url.pathname.split("/").map(decodeURIComponent);
	if (request.method === "GET" && kind === "games" && name === "") {
		return sendJson(response, 200, versions(options));
	}
	if (
		request.method === "POST" &&
		kind === "games" &&
		(action === "swap" || action === "rollback")
	) {
		const result =
			action === "swap"
				? await swap(request, options, name, url.searchParams)
				: await options.deployments.rollBack(name);
		return sendJson(response, "error" in result ? 409 : 200, result);
	}
	const game = options.directory.games.get(name);
	if (request.method === "POST" && kind === "games" && action === "rooms" && game) {
		const opened = options.directory.open(game);
		if ("error" in opened) return sendJson(response, 409, opened);
		return sendJson(response, 200, { id: opened.id });
	}
	const room = options.directory.rooms.get(name);
	if (request.method === "POST" && kind === "rooms" && action === "resume" && room) {
		room.resume();
		return sendJson(response, 200, { id: room.id, isPaused: room.isPaused });
	}
	return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
}
