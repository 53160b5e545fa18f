// Plays a match file in a browser that is not seen: node browser.js BROWSER MATCH [TICK IMAGE]
// It serves this folder on the loopback, opens page.html there, and says what the page tells it.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

const [browser, match, imageTick, imageFile] = process.argv.slice(2);
const FILES = {
	"page.html": "text/html",
	"page.js": "text/javascript",
	"worker.js": "text/javascript",
	"run-match.js": "text/javascript",
	"match-file.js": "text/javascript",
	"state-hash.js": "text/javascript",
};
const profile = mkdtempSync(path.join(tmpdir(), "hotstep-browser-"));
let child = null;

function finish(failure) {
	if (failure) console.log(`fail ${failure}`);
	server.close();
	server.closeAllConnections();
	if (child?.exitCode === null) {
		child.once("exit", () => rmSync(profile, { recursive: true, force: true, maxRetries: 10 }));
		child.kill("SIGKILL");
	}
}

/** Only what comes last: how much memory a browser of many processes has cannot be said. */
function pass(text) {
	process.stdout.write(text.replace(/^(end \d+ \d+)$/m, "$1 0"));
}

const server = createServer(async (request, response) => {
	const name = new URL(request.url, "http://localhost").pathname.slice(1);
	if (request.method === "POST") {
		const parts = [];
		for await (const part of request) parts.push(part);
		const body = Buffer.concat(parts);
		response.end();
		if (name === "said") pass(String(body));
		if (name === "image") writeFileSync(imageFile, body);
		if (name === "over") finish(null);
		return;
	}
	if (name !== "match" && !Object.hasOwn(FILES, name)) return response.writeHead(404).end();
	const file = name === "match" ? match : new URL(name, import.meta.url);
	// a page that shares nothing with others gets a finer clock
	response.writeHead(200, {
		"content-type": FILES[name] ?? "application/octet-stream",
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-embedder-policy": "require-corp",
	});
	response.end(readFileSync(file));
});

server.listen(0, "127.0.0.1", () => {
	const query = imageTick === undefined ? "host" : `host&tick=${imageTick}`;
	const url = `http://127.0.0.1:${server.address().port}/page.html?${query}`;
	const isFirefox = /firefox/i.test(path.basename(browser));
	const flags = isFirefox
		? ["--headless", "--no-remote", "--profile", profile]
		: [
				"--headless=new",
				`--user-data-dir=${profile}`,
				"--no-first-run",
				"--disable-gpu",
				"--disable-background-networking",
				"--disable-component-update",
				"--disable-sync",
				// root may not use the sandbox
				...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
			];
	child = spawn(browser, [...flags, url], {
		stdio: "ignore",
		env: { ...process.env, HOME: profile },
	});
	child.once("error", (error) => finish(error.message));
	child.once("exit", () => finish(server.listening ? "the browser ended" : null));
	for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => finish(null));
});
