import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import send from "send";
import { sendJson } from "./send-json.ts";

/** Caching for a file with a hash in its name. */
const A_YEAR_MS = 365 * 24 * 3600 * 1000;

/** Not a file to serve: missing, hidden, or outside the folder. */
function refuse(response: ServerResponse, status: number): void {
	if (response.headersSent) response.destroy();
	else if (status === 416) response.writeHead(416, { "content-length": 0 }).end();
	else if (status === 412) response.writeHead(412, { "content-length": 0 }).end();
	else sendJson(response, 404, { error: "ERR_NOT_FOUND" });
}

/**
 * Sends the file that `target`, still encoded, names below `folder`, and never one outside of it or one
 * whose name begins with a dot; ranges, validators and types are the library's.
 */
export function sendFile(
	request: IncomingMessage,
	response: ServerResponse,
	folder: string,
	target: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	const isNamedByContent = /^\/assets\//.test(target);
	send(request, target, {
		root: folder,
		dotfiles: "ignore",
		maxAge: isNamedByContent ? A_YEAR_MS : 0,
		immutable: isNamedByContent,
		cacheControl: isNamedByContent,
	})
		.on("headers", () => {
			if (!isNamedByContent) response.setHeader("cache-control", "no-cache");
			response.setHeader("x-content-type-options", "nosniff");
			response.setHeader("referrer-policy", "same-origin");
			for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
		})
		.on("directory", (_, directory: string) => {
			if (!existsSync(path.join(directory, "index.html"))) return refuse(response, 404);
			// relative: whatever proxy is in front, and under whatever path
			const name = target.replace(/^.*\//, "");
			response.writeHead(308, { location: `./${name}/`, "content-length": 0 }).end();
		})
		.on("error", ({ status = 404 }: { status?: number }) => refuse(response, status))
		.pipe(response);
}
