import type { IncomingMessage, ServerResponse } from "node:http";
import { SERVER_LIMITS } from "../../limits.ts";
import { errorOf } from "../send-json.ts";
import type { AuditList } from "./audit-list.ts";

/** Requests that look, though they are no GET: a room's past that is kept for a viewer. */
const LOOKS: ReadonlySet<string> = new Set(["hold"]);

const details = new WeakMap<ServerResponse, string>();

/** Who made the request, for the lists of deployments and of what was done: the name given, and the address. */
export function whoAsks(request: IncomingMessage, query: URLSearchParams): string {
	const name = (query.get("by") ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, 64);
	const { socket, headers } = request;
	// a supervisor, which alone comes without an address, says for whom it asks
	const address = socket.remoteAddress ?? headers["x-hotstep-address"];
	return `${name || "somebody"} at ${address || "an unknown address"}`;
}

/** Says in the list what neither the path nor the query of a request says. */
export function noteDetail(response: ServerResponse, detail: string): void {
	details.set(response, detail.slice(0, SERVER_LIMITS.auditChars));
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/**
 * Lists a request to the admin API once it is answered or given up, unless it only looks. Called where such requests
 * come in, before anybody knows what they are for: no route can do without.
 */
export function auditRequest(
	request: IncomingMessage,
	response: ServerResponse,
	list: AuditList,
): void {
	const { method = "" } = request;
	const url = new URL(request.url ?? "/", "http://localhost");
	const parts = url.pathname.split("/").slice(2).map(decode);
	const what = parts.at(-1) ?? "";
	if (method === "GET" || method === "HEAD" || LOOKS.has(what)) return;
	const by = whoAsks(request, url.searchParams);
	url.searchParams.delete("by");
	const cut = (text: string): string => text.slice(0, SERVER_LIMITS.auditChars);
	response.once("close", () => {
		// whoever asked may be gone before there is an answer, and it is done all the same
		const status = response.headersSent ? response.statusCode : 0;
		list.add({
			...{ atMs: Date.now(), by, status },
			what: cut(method === "POST" ? what : `${method} ${what}`),
			target: cut(parts.slice(0, -1).join("/")),
			detail: details.get(response) ?? cut(url.searchParams.toString()),
			error: status >= 400 ? errorOf(response) : null,
		});
	});
}
