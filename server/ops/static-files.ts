import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";
import { sendJson } from "./send-json.ts";

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

/** Sends the file that `target` names below `folder`, and never one outside of it. */
export async function sendFile(
	response: ServerResponse,
	folder: string,
	target: string,
	headers: Readonly<Record<string, string>> = {},
): Promise<void> {
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
		"referrer-policy": "same-origin",
		...headers,
	});
	// closes the file when the client hangs up, and the response when the file fails
	pipeline(createReadStream(file), response, () => {});
}
