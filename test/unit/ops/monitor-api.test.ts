import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomAnswer, StateAnswer } from "../../../protocol/admin-answers.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { type LiveServer, listen, Neighbour } from "../../support/live-server.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const TOKEN = "a-token-of-a-test";

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

describe("the admin API", () => {
	let live: LiveServer;
	let neighbour: Neighbour;
	beforeAll(async () => {
		live = await listen({
			games: [dots],
			admin: { token: TOKEN },
			connections: { heartbeatMs: 200 },
		});
		neighbour = await Neighbour.join(live.url, "dots");
	});
	afterAll(async () => {
		// nothing of all this was felt in the room
		await neighbour.moreSnapshots(2);
		expect([neighbour.endings, neighbour.gaps]).toEqual([[], [3]]);
		await neighbour.leave();
		await live.server.close();
	});

	async function ask<T>(
		path: string,
		init: RequestInit = {},
	): Promise<{ status: number; body: T }> {
		const headers = { authorization: `Bearer ${TOKEN}` };
		const response = await fetch(`${live.url}/admin/${path}`, { headers, ...init });
		return { status: response.status, body: (await response.json()) as T };
	}

	it("tells of rooms, of their players and of their tables, private columns too", async () => {
		const id = neighbour.room;
		expect((await ask("overview")).body).toMatchObject({
			roomCount: 1,
			connections: 1,
			rooms: [{ id, game: "dots", version: 1, players: 1, maxPlayers: 16 }],
		});
		await expect
			.poll(async () => (await ask<RoomAnswer>(`rooms/${id}`)).body.players[0]?.pingMs)
			.toBeGreaterThan(0);
		expect((await ask(`rooms/${id}`)).body).toMatchObject({
			players: [{ number: 0, name: "Neighbour", isBehind: false }],
			faults: [],
			recorded: { file: null },
			current: { version: 1, hash: dots.hash },
			previous: null,
		});
		const { body } = await ask<StateAnswer>(`rooms/${id}/state?table=dot&map=1`);
		expect(body).toMatchObject({ source: "live", page: { table: "dot" }, map: null });
		expect(body.tables).toMatchObject([{ name: "dot", capacity: 16, live: 1 }]);
		expect(body.page?.rows).toHaveLength(1);
	});

	it.each([
		["GET", "rooms/nothing", 404, "ERR_ADMIN_ROOM"],
		["GET", "rooms/%2e%2e%2fgames", 404, "ERR_ADMIN_ROOM"],
		["GET", "rooms/ROOM/nothing", 404, "ERR_NOT_FOUND"],
		["GET", "__proto__", 404, "ERR_NOT_FOUND"],
		["GET", "constructor", 404, "ERR_NOT_FOUND"],
		["POST", "games//swap", 409, "ERR_GAME_UNKNOWN"],
		["GET", "rooms/ROOM/state?table=nothing", 404, "ERR_ADMIN_TABLE"],
		["GET", "rooms/ROOM/state?tick=-1", 400, "ERR_ADMIN_QUERY"],
		["GET", "rooms/ROOM/state?tick=1e3", 400, "ERR_ADMIN_QUERY"],
		["GET", "rooms/ROOM/state?tick=99999999999", 400, "ERR_ADMIN_QUERY"],
		["GET", "rooms/ROOM/state?tick=", 400, "ERR_ADMIN_QUERY"],
		["GET", "rooms/ROOM/state?tick=4000000000", 409, "ERR_PAST_TICK"],
		["GET", "rooms/ROOM/state?tick=1&hold=77", 409, "ERR_PAST_HOLD"],
		["GET", "rooms/ROOM/state?limit=201", 400, "ERR_ADMIN_QUERY"],
		["GET", "rooms/ROOM/state?offset=65536", 400, "ERR_ADMIN_QUERY"],
		["GET", "overview?limit=1000", 400, "ERR_ADMIN_QUERY"],
		["DELETE", "rooms/ROOM", 405, "ERR_METHOD"],
		["GET", "games/dots/swap", 405, "ERR_METHOD"],
		["POST", "overview", 405, "ERR_METHOD"],
	])("%s %s is answered with %d %s", async (method, path, status, error) => {
		const answer = await ask<{ error: string }>(path.replace("ROOM", neighbour.room), { method });
		expect([answer.status, answer.body.error]).toEqual([status, error]);
	});

	it("says with a 405 what is allowed", async () => {
		const headers = { authorization: `Bearer ${TOKEN}` };
		const swap = await fetch(`${live.url}/admin/games/dots/swap`, { headers });
		const page = await fetch(`${live.url}/metrics`, { method: "POST" });
		expect([swap.headers.get("allow"), page.headers.get("allow")]).toEqual(["POST", "GET, HEAD"]);
	});

	it("tries a module without changing anything", async () => {
		const next = await loadVariant({ schema: replace("version: 1", "version: 2") });
		const { status, body } = await ask("games/dots/swap?policy=try", {
			method: "POST",
			body: next.raw,
		});
		expect([status, body]).toMatchObject([
			200,
			{
				policy: "try",
				version: 2,
				swapped: [],
				trials: [{ room: "(new)" }, { room: neighbour.room }],
			},
		]);
		expect(live.server.core.directory.games.get("dots")?.version).toBe(1);
		expect((await ask("games/dots/rollback", { method: "POST" })).body).toMatchObject({
			error: "ERR_SWAP_NOTHING",
		});
	});
});

describe("who may look", () => {
	async function statuses(live: LiveServer, path: string, headers: Record<string, string>) {
		// fetch would not let a test name another host
		const { get } = await import("node:http");
		return new Promise<[number, string]>((resolve, reject) => {
			get(`${live.url}${path}`, { agent: false, headers }, (response) => {
				let text = "";
				response.on("data", (part) => {
					text += part;
				});
				response.on("end", () => resolve([response.statusCode ?? 0, text]));
			}).on("error", reject);
		});
	}
	const bearer = { authorization: `Bearer ${TOKEN}` };

	it("/metrics: programs of this machine that say so, and whoever has the token", async () => {
		const live = await listen({ games: [dots], admin: { token: TOKEN } });
		const refused = [403, '{"error":"ERR_METRICS_REMOTE"}'];
		for (const headers of [
			{ host: "evil.example" },
			{ host: "evil.example:8080" },
			{ host: "127.0.0.1.evil.example" },
			{ "x-forwarded-for": "203.0.113.9" },
			{ forwarded: "for=203.0.113.9" },
			{ via: "1.1 proxy" },
			{ host: "evil.example", authorization: "Bearer wrong" },
		]) {
			expect(await statuses(live, "/metrics", headers as Record<string, string>)).toEqual(refused);
		}
		for (const headers of [{}, { host: "localhost:1" }, { host: "[::1]:1" }]) {
			expect((await statuses(live, "/metrics", headers as Record<string, string>))[0]).toBe(200);
		}
		expect((await statuses(live, "/metrics", { host: "evil.example", ...bearer }))[0]).toBe(200);
		await live.server.close();
	});

	it("/metrics: anybody, or nobody, when the operator says so", async () => {
		const all = await listen({ games: [dots], http: { metrics: "all" } });
		expect((await statuses(all, "/metrics", { host: "evil.example" }))[0]).toBe(200);
		await all.server.close();
		const off = await listen({ games: [dots], http: { metrics: "off" } });
		expect(await statuses(off, "/metrics", {})).toEqual([404, '{"error":"ERR_NOT_FOUND"}']);
		await off.server.close();
	});

	it("/admin and /monitor: nobody through a proxy, unless others may", async () => {
		const monitorFolder = new URL("../../../dist/monitor", import.meta.url).pathname;
		const here = await listen({ games: [dots], admin: { token: TOKEN, monitorFolder } });
		const there = await listen({
			games: [dots],
			admin: { token: TOKEN, remote: true, monitorFolder },
		});
		const forwarded = { ...bearer, "x-forwarded-for": "203.0.113.9" };
		const refused = [403, '{"error":"ERR_ADMIN_REMOTE"}'];
		expect(await statuses(here, "/admin/overview", forwarded)).toEqual(refused);
		expect(await statuses(here, "/monitor/", forwarded)).toEqual(refused);
		expect((await statuses(there, "/admin/overview", forwarded))[0]).toBe(200);
		expect((await statuses(there, "/monitor/", forwarded))[0]).toBe(200);
		for (const headers of [{}, { authorization: "Bearer wrong" }]) {
			for (const path of ["overview", "rooms/x", "rooms/x/state", "nothing"]) {
				expect(await statuses(here, `/admin/${path}`, headers as Record<string, string>)).toEqual([
					401,
					'{"error":"ERR_ADMIN_TOKEN"}',
				]);
			}
		}
		await here.server.close();
		await there.server.close();
	});

	it("/monitor: nobody without an admin token, and the answer says why", async () => {
		const live = await listen({ games: [dots], admin: null });
		for (const path of ["/monitor", "/monitor/", "/monitor/index.html"]) {
			const [status, text] = await statuses(live, path, {});
			expect(status).toBe(404);
			expect(JSON.parse(text)).toEqual({
				error: "ERR_ADMIN_OFF",
				detail: "the monitor needs an admin token: start the server with --admin-token",
			});
		}
		await live.server.close();
	});

	it("/monitor lets no script run but its own, and no page frame it", async () => {
		const monitorFolder = new URL("../../../dist/monitor", import.meta.url).pathname;
		const live = await listen({ games: [dots], admin: { token: TOKEN, monitorFolder } });
		const response = await fetch(`${live.url}/monitor`);
		expect([response.status, response.redirected]).toEqual([200, true]);
		const policy = response.headers.get("content-security-policy") ?? "";
		expect(policy.split("; ")).toEqual(
			expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
		);
		expect(policy).not.toMatch(/unsafe|\*/);
		expect(await response.text()).not.toMatch(/<script>|style=|\son\w+=/);
		for (const path of ["/monitor/../package.json", "/monitor/..%2fserver/index.js"]) {
			expect((await statuses(live, path, {}))[0]).toBe(404);
		}
		await live.server.close();
	});
});
