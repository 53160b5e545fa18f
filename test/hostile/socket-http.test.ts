import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../server/limits.ts";
import type { Log } from "../../server/log.ts";
import { type LiveServer, listen, Neighbour } from "../support/live-server.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { RawSocket } from "../support/raw-socket.ts";

/*
 * folder/page/index.html, big.js, assets/a.js    served
 * folder/secret.html, folder/page-2/index.html   not served
 */
let folder: string;
let live: LiveServer;
let neighbour: Neighbour;
const SECRET = "the secret";

/** Files as games have them, and their types. */
const FILES: Readonly<Record<string, string>> = {
	noextension: "application/octet-stream",
	"level.bin": "application/octet-stream",
	"tiles.tmx": "application/octet-stream",
	"shot.mp3": "audio/mpeg",
	"sky.JPG": "image/jpeg",
	"Logo.PNG": "image/png",
	"ship.glb": "model/gltf-binary",
	"font.woff2": "font/woff2",
	"worker.mjs": "text/javascript",
	"a b.png": "image/png",
	"grün.webp": "image/webp",
};

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-page-"));
	await mkdir(path.join(folder, "page", "assets"), { recursive: true });
	await mkdir(path.join(folder, "page-2"));
	await writeFile(path.join(folder, "secret.html"), SECRET);
	await writeFile(path.join(folder, "page-2", "index.html"), SECRET);
	await writeFile(path.join(folder, "page", "noextension"), "bytes");
	for (const name of Object.keys(FILES)) await writeFile(path.join(folder, "page", name), "bytes");
	await mkdir(path.join(folder, "page", "levels"));
	await writeFile(path.join(folder, "page", "levels", "index.html"), "levels");
	await mkdir(path.join(folder, "page", ".hidden"));
	await writeFile(path.join(folder, "page", ".hidden", "a.js"), SECRET);
	await writeFile(path.join(folder, "page", "index.html"), "the page");
	await writeFile(path.join(folder, "page", "assets", "a.js"), "1");
	await writeFile(path.join(folder, "page", "big.js"), Buffer.alloc(8 * 1024 * 1024, "1"));
	live = await listen({
		games: [await loadFixture("dots")],
		http: { pageFolder: path.join(folder, "page") },
	});
	neighbour = await Neighbour.join(live.url, "dots");
});
afterAll(async () => {
	await neighbour.leave();
	await live.server.close();
});
afterEach(async () => {
	await neighbour.moreSnapshots(2);
	expect([neighbour.endings, neighbour.gaps]).toEqual([[], [3]]);
});

interface Answer {
	status: number;
	type: string;
	body: string;
}

/** Sends a request line as it is: no library tidies the path. */
async function request(line: string): Promise<Answer> {
	const raw = new RawSocket(live.port);
	raw.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
	await raw.ended;
	const text = raw.received.toString("latin1");
	const [head = "", body = ""] = text.split(/\r\n\r\n(.*)/s);
	return {
		status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
		type: /^content-type: ([^;\r]*)/im.exec(head)?.[1] ?? "",
		body: /^transfer-encoding: chunked/im.test(head) ? unchunk(body) : body,
	};
}

function unchunk(body: string): string {
	const [size = "0", rest = ""] = body.split(/\r\n(.*)/s);
	const length = Number.parseInt(size, 16);
	return length > 0 ? rest.slice(0, length) + unchunk(rest.slice(length + 2)) : "";
}

function jsonError(status: number, error: string): Answer {
	return { status, type: "application/json", body: JSON.stringify({ error }) };
}

describe("the page's folder", () => {
	it("serves what is in it", async () => {
		expect(await request("GET /")).toEqual({ status: 200, type: "text/html", body: "the page" });
		expect((await request("GET /assets/a.js?v=1#x")).body).toBe("1");
		expect(await request("HEAD /")).toEqual({ status: 200, type: "text/html", body: "" });
	});

	it.each(Object.entries(FILES))("serves %s as %s", async (name, type) => {
		const answer = await request(`GET /${encodeURIComponent(name)}`);
		expect(answer).toEqual({ status: 200, type, body: "bytes" });
	});

	it("answers ranges, validators and folders as browsers ask", async () => {
		const headers = { range: "bytes=1-3" };
		const part = await fetch(`${live.url}/shot.mp3`, { headers });
		expect([part.status, await part.text()]).toEqual([206, "yte"]);
		expect(part.headers.get("content-range")).toBe("bytes 1-3/5");
		const beyond = await fetch(`${live.url}/shot.mp3`, { headers: { range: "bytes=9-" } });
		expect(beyond.status).toBe(416);
		const whole = await fetch(`${live.url}/shot.mp3`);
		expect(whole.headers.get("x-content-type-options")).toBe("nosniff");
		expect(whole.headers.get("cache-control")).toBe("no-cache");
		const etag = whole.headers.get("etag") ?? "";
		const again = await fetch(`${live.url}/shot.mp3`, {
			headers: { "if-none-match": etag, "cache-control": "max-age=0" },
		});
		expect(again.status).toBe(304);
		const folder = await fetch(`${live.url}/levels`, { redirect: "manual" });
		expect([folder.status, folder.headers.get("location")]).toEqual([308, "./levels/"]);
		expect(await (await fetch(`${live.url}/levels`)).text()).toBe("levels");
		const assets = await fetch(`${live.url}/assets/a.js`);
		expect(assets.headers.get("cache-control")).toContain("immutable");
	});

	it.each([
		"/../secret.html",
		"/../../../../../../../../etc/passwd",
		"/%2e%2e/secret.html",
		"/..%2fsecret.html",
		"/..%2Fsecret.html",
		"/%2e%2e%2fsecret.html",
		"/assets/../../secret.html",
		"/assets/..%2f..%2fsecret.html",
		"/..%5csecret.html",
		"/..\\secret.html",
		"/....//secret.html",
		"//../secret.html",
		"/./.././secret.html",
		"/../page-2/index.html",
		"/..%2fpage-2/index.html",
		"/%252e%252e%252fsecret.html",
		"//etc/hostname.html",
		"/assets",
		"/assets/",
		"/.html",
		"/.hidden/a.js",
		"/nothing.html",
		`/${"a".repeat(300)}.html`,
	])("does not serve %s", async (target) => {
		expect(await request(`GET ${target}`)).toEqual(jsonError(404, "ERR_NOT_FOUND"));
	});

	it.each([
		["a folder with a slash at its end", () => `${path.join(folder, "page")}/`],
		[
			"a folder relative to the working directory",
			() => `./${path.relative(process.cwd(), path.join(folder, "page"))}`,
		],
		["a folder with a detour", () => `${folder}/page-2/../page`],
	])("may be given as %s", async (_, name) => {
		const own = await listen({ games: [], http: { pageFolder: name() } });
		const answer = await fetch(own.url);
		expect([answer.status, await answer.text()]).toEqual([200, "the page"]);
		await own.server.close();
	});

	it.skipIf(!existsSync("/proc/self/fd"))(
		"holds no file open for those who hang up in the middle",
		async () => {
			const openFiles = (): number =>
				readdirSync("/proc/self/fd").filter((fd) => {
					try {
						return readlinkSync(`/proc/self/fd/${fd}`).endsWith("big.js");
					} catch {
						return false;
					}
				}).length;
			for (let i = 0; i < 10; i++) {
				const socket = connect(live.port, "127.0.0.1");
				socket.on("error", () => {});
				socket.write("GET /big.js HTTP/1.1\r\nHost: x\r\n\r\n");
				await once(socket, "data");
				socket.resetAndDestroy();
				await once(socket, "close");
			}
			await expect.poll(openFiles, { timeout: 3000 }).toBe(0);
		},
	);
});

describe("a request that makes no sense is answered with a documented error in JSON", () => {
	it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "PURGE"])(
		"%s: ERR_METHOD",
		async (method) => {
			for (const target of ["/", "/healthz", "/rooms", "/nothing"]) {
				expect(await request(`${method} ${target}`)).toEqual(jsonError(405, "ERR_METHOD"));
			}
		},
	);

	it.each([
		["too long", `/${"a".repeat(SERVER_LIMITS.httpTargetBytes)}`],
		["too long, in its query", `/healthz?${"a".repeat(SERVER_LIMITS.httpTargetBytes)}`],
		["broken percent encoding", "/%"],
		["percent encoding that is not UTF-8", "/%ff%fe"],
		["a zero byte", "/index.html%00.png"],
		["an absolute address", "http://example.com/healthz"],
		["no path", "*"],
	])("a target that is %s: ERR_BAD_TARGET", async (_, target) => {
		expect(await request(`GET ${target}`)).toEqual(jsonError(400, "ERR_BAD_TARGET"));
	});

	it.each(["0".repeat(64), "..%2f".repeat(10), "x", "A".repeat(64), ""])(
		"a module that is not there, %s: an error, never a file",
		async (hash) => {
			const { status, type, body } = await request(`GET /modules/${hash}.wasm`);
			expect([status, type]).toEqual([404, "application/json"]);
			expect(JSON.parse(body).error).toMatch(/^ERR_(MODULE_UNKNOWN|NOT_FOUND)$/);
		},
	);

	it("an admin request to a server without a token: ERR_ADMIN_OFF", async () => {
		for (const line of [
			"GET /admin/games",
			"POST /admin/games/dots/swap",
			"GET /admin/../admin/",
		]) {
			expect(await request(line)).toEqual(jsonError(404, "ERR_ADMIN_OFF"));
		}
	});

	it("a request for a tunnel ends without one", async () => {
		expect((await request("CONNECT example.com:443")).body).toBe("");
	});

	it("a hundred requests in one go are answered in order", async () => {
		const raw = new RawSocket(live.port);
		raw.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(99));
		raw.write("GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		await raw.ended;
		const statuses = [...raw.received.toString("latin1").matchAll(/HTTP\/1\.1 (\d+)/g)];
		expect(statuses.map(([, status]) => status)).toEqual([
			...new Array<string>(99).fill("200"),
			"400",
		]);
	});
});

describe("whoever has no token administers nothing", () => {
	const token = "a-secret-of-the-operator";
	const swap = "/admin/games/dots/swap?policy=live";
	let own: LiveServer;
	beforeAll(async () => {
		own = await listen({ games: [await loadFixture("dots")], admin: { token } });
	});
	afterAll(() => own.server.close());

	it.each([
		["none", {}],
		["an empty one", { authorization: "" }],
		["one without its scheme", { authorization: token }],
		["a shorter one", { authorization: `Bearer ${token.slice(0, -1)}` }],
		["a longer one", { authorization: `Bearer ${token}x` }],
		["one in the query", { "x-token": token }],
	])("with %s: ERR_ADMIN_TOKEN", async (_, headers) => {
		for (const [method, target] of [
			["GET", "/admin/games"],
			["POST", swap],
			["POST", "/admin/games/dots/rollback"],
			["POST", "/admin/rooms/x/resume"],
			["GET", `/admin/games?token=${token}`],
		] as const) {
			const answer = await fetch(own.url + target, { method, headers });
			expect([answer.status, await answer.json()]).toEqual([401, { error: "ERR_ADMIN_TOKEN" }]);
		}
	});

	it("leaves a trace of who tried a wrong one, and where", async () => {
		const lines: [string, Record<string, unknown>][] = [];
		const log: Log = (_, message, fields = {}) => lines.push([message, fields]);
		const traced = await listen({ games: [], log, admin: { token } });
		await fetch(`${traced.url}/admin/games`);
		await fetch(`${traced.url}/admin/games`, { headers: { authorization: "Bearer guess" } });
		await traced.server.close();
		const wrong = lines.filter(([message]) => message === "wrong admin token");
		expect(wrong).toMatchObject([
			["wrong admin token", { address: "127.0.0.1", method: "GET", path: "/admin/games" }],
		]);
		expect(JSON.stringify(wrong)).not.toContain("guess");
	});

	it("a body larger than any module is refused by name, and the server goes on", async () => {
		const answer = await fetch(own.url + swap, {
			method: "POST",
			headers: { authorization: `Bearer ${token}` },
			body: new Uint8Array(LIMITS.moduleBytes + 9 * 1024 * 1024),
		});
		expect(answer.status).toBe(409);
		expect(await answer.json()).toMatchObject({ error: "ERR_SWAP_BODY" });
		expect((await own.health()).connections).toBe(0);
	});

	it("an upload that breaks off leaves a server that goes on", async () => {
		const raw = new RawSocket(own.port);
		raw.write(`POST ${swap} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`);
		raw.write("Content-Length: 1000000\r\n\r\nabc");
		await new Promise((resolve) => setTimeout(resolve, 50));
		raw.socket.resetAndDestroy();
		await raw.ended;
		expect(await own.health()).toMatchObject({ connections: 0 });
	});
});
