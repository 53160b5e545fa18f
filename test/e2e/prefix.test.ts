import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../client/index.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { repositoryRoot } from "../support/repository-root.ts";
import { runToEnd, type StartedServer, startServer } from "../support/start-server.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

const TOKEN = "a-token-of-a-test";

function hasNginx(): boolean {
	if (spawnSync("nginx", ["-v"]).status === 0) return true;
	if (process.env.HOTSTEP_NGINX === "required")
		throw new Error("there is no nginx, and there must be");
	console.warn("SKIPPED: tests behind a proxy under a path need nginx");
	return false;
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, "close");
	return port;
}

describe.runIf(hasNginx())("a server behind nginx, under a path", () => {
	let server: StartedServer;
	let nginx: ChildProcess;
	let url = "";
	beforeAll(async () => {
		const page = path.join(repositoryRoot(), "dist/page");
		const args = ["--page", page, "--admin-token", TOKEN, "--admin-remote"];
		server = await startServer([await moduleFile("arena"), ...args]);
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-nginx-"));
		await mkdir(path.join(folder, "logs"));
		const port = await freePort();
		const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
			.map((name) => `${name}_temp_path ${folder}/${name};`)
			.join(" ");
		await writeFile(
			path.join(folder, "nginx.conf"),
			`daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http { access_log off; ${temporary}
  map $http_upgrade $up { default upgrade; "" close; }
  server { listen 127.0.0.1:${port}; proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $up; proxy_set_header Host $host;
    location /games/one/ { proxy_pass ${server.url}/; }
    location / { return 404; } } }`,
		);
		nginx = spawn("nginx", ["-p", folder, "-c", path.join(folder, "nginx.conf")], {
			stdio: "ignore",
		});
		url = `http://127.0.0.1:${port}/games/one/`;
		for (;;) {
			const answer = await fetch(`${url}healthz`).catch(() => null);
			if (answer?.status === 200) break;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}, 60_000);
	afterAll(async () => {
		nginx.kill("SIGTERM");
		await server.stop();
	});

	it.each(["", "socket?x=1"])("gives a client its rules: prediction is on (%j)", async (rest) => {
		const room = await connect(url.replace("http", "ws") + rest, { game: "arena", name: "Ann" });
		await expect
			.poll(
				() => {
					room.update();
					return room.stats.prediction.isOn;
				},
				{ timeout: 10_000, interval: 20 },
			)
			.toBe(true);
		room.leave();
	});

	it("is measured by bots, its own figures too", async () => {
		const where = ["--url", url.replace("http", "ws"), "--game", "arena", "--admin-token", TOKEN];
		const run = ["bots", ...where, "--clients", "3", "--rooms", "1", "--duration", "2s"];
		const { code, stdout } = await runToEnd(run);
		expect(code, stdout).toBe(0);
		expect(stdout).toMatch(/server\s+\d+ % of a core/);
	}, 30_000);

	it.runIf(hasBrowser())(
		"shows its page and its monitor without a request that fails",
		async () => {
			const browser = await launchBrowser();
			try {
				const page = await browser.newPage();
				const failed: string[] = [];
				page.on("response", (response) => {
					if (response.status() >= 400) failed.push(response.url());
				});
				await page.goto(url);
				await page.locator("input:visible").first().fill("Ann");
				await page.locator("input:visible").first().press("Enter");
				await page.waitForFunction(() => window.hotstep.room?.stats.prediction.isOn, null, {
					timeout: 15_000,
				});
				await page.goto(`${url}monitor`);
				await page.fill("#token", TOKEN);
				await page.click("#gate button");
				await page.waitForSelector("#vitals:visible");
				expect(failed).toEqual([]);
			} finally {
				await browser.close();
			}
		},
		60_000,
	);
});
