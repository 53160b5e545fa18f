import type { ServerResponse } from "node:http";

/** Says the name of a refusal beside its body, so that whoever hands it on need not read that. */
const ERROR_HEADER = "x-hotstep-error";

/** Answers with JSON that must not be cached. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
	const { error } = (body ?? {}) as { error?: unknown };
	if (status >= 400 && typeof error === "string") response.setHeader(ERROR_HEADER, error);
	response.writeHead(status, {
		"content-type": "application/json; charset=utf-8",
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
	});
	response.end(JSON.stringify(body));
}

/** The name of the refusal that was sent, or handed on from a worker. */
export function errorOf(response: ServerResponse): string | null {
	const name = response.getHeader(ERROR_HEADER);
	return typeof name === "string" ? name : null;
}
