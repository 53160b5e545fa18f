import { appendFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../../client/index.ts";
import type { AuditAnswer, AuditLine } from "../../../protocol/operator-answers.ts";
import { silentLog } from "../../../server/log.ts";
import { ADMIN_ROUTES } from "../../../server/ops/admin/admin.ts";
import { AuditFile } from "../../../server/ops/audit/audit-file.ts";
import { AuditList } from "../../../server/ops/audit/audit-list.ts";
import { type LiveServer, listen } from "../../support/live-server.ts";
import { loadFixture } from "../../support/load-fixture.ts";

const TOKEN = "a-token-of-a-test";

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-audit-"));
});
afterAll(() => rm(folder, { recursive: true }));

const lineOf = (what: string): AuditLine => {
	return { atMs: 1, by: "Ann", what, target: "", detail: "", status: 200, error: null };
};

describe("the file of the audit list", () => {
	it("keeps every line over restarts, but for those that are none", async () => {
		const data = path.join(folder, "kept");
		const list = new AuditList(silentLog, data);
		for (const what of ["one", "two"]) list.add(lineOf(what));
		await list.finished();
		// what a power loss leaves, and what somebody wrote who should not
		await appendFile(path.join(data, "audit.jsonl"), '{"atMs":1}\nnull\n{"atMs":1,"by":"A');
		const next = new AuditList(silentLog, data);
		next.add(lineOf("three"));
		expect((await next.list()).map(({ what }) => what)).toEqual(["three", "two", "one"]);
		expect((await stat(path.join(data, "audit.jsonl"))).mode & 0o777).toBe(0o600);
	});

	it("has a bound, and tells when it cannot be written", async () => {
		const data = path.join(folder, "bound");
		const failures: string[] = [];
		const file = new AuditFile(data, (detail) => failures.push(detail), 500);
		for (let i = 0; i < 40; i++) file.add(lineOf(String(i)));
		await file.finished();
		const kept = await file.read();
		expect(kept.at(-1)?.what).toBe("39");
		expect(kept.map(({ what }) => Number(what))).toEqual(kept.map((_, i) => 40 - kept.length + i));
		for (const name of await readdir(data)) {
			expect((await readFile(path.join(data, name))).length).toBeLessThanOrEqual(500);
		}
		expect(failures).toEqual([]);
		const nowhere = new AuditFile(path.join(data, "audit.jsonl"), (detail) =>
			failures.push(detail),
		);
		nowhere.add(lineOf("lost"));
		await nowhere.finished();
		expect(failures).toHaveLength(1);
	});
});

describe("what operators do", () => {
	let live: LiveServer;
	beforeAll(async () => {
		live = await listen({ games: [await loadFixture("dots")], admin: { token: TOKEN } });
	});
	afterAll(() => live.server.close());

	async function ask<T>(path: string, method = "POST", body: string | null = null): Promise<T> {
		const headers = { authorization: `Bearer ${TOKEN}` };
		return (await fetch(`${live.url}/admin/${path}`, { method, headers, body })).json() as T;
	}

	const lines = async () => (await ask<AuditAnswer>("audit", "GET")).lines;

	it("is listed, whatever the route, and what only looks is not", async () => {
		const changing = Object.entries(ADMIN_ROUTES).flatMap(([route, methods]) =>
			Object.keys(methods).flatMap((method) =>
				method === "GET" ? [] : [[method, route] as const],
			),
		);
		expect(changing.length).toBeGreaterThan(8);
		for (const [method, route] of changing) await ask(route.replaceAll("*", "x"), method);
		for (const route of Object.keys(ADMIN_ROUTES)) await ask(route.replaceAll("*", "x"), "GET");
		const wanted = changing.map(([, route]) => route).filter((route) => !route.endsWith("/hold"));
		const listed = (await lines()).map(({ target, what }) => (target ? `${target}/${what}` : what));
		expect(listed.reverse()).toEqual(wanted.map((route) => route.replaceAll("*", "x")));
	});

	it("is not listed for those who may not", async () => {
		const before = (await lines()).length;
		const headers = { authorization: "Bearer wrong" };
		await fetch(`${live.url}/admin/message`, { method: "POST", headers, body: '{"text":"x"}' });
		expect(await lines()).toHaveLength(before);
	});

	it("removes a player, whose client stays away, and whom the rules see leave", async () => {
		const url = live.url.replace("http", "ws");
		const ann = await connect(url, { game: "dots", name: "Ann" });
		const bob = await connect(url, { game: "dots", name: "Bob", room: ann.id });
		const room = live.server.core.directory.rooms.get(ann.id);
		const kick = (more = "") => ask<{ error?: string }>(`rooms/${ann.id}/players/${more}`);
		for (const other of ["2/kick", "x/kick", "-1/kick", "0/kick?name=Bob"]) {
			expect((await kick(other)).error).toBe("ERR_ADMIN_PLAYER");
		}
		expect(await kick("0/kick?name=Ann&by=eve")).toEqual({ room: ann.id, player: 0, name: "Ann" });
		await expect.poll(() => [ann.status, ann.ending?.name]).toEqual(["closed", "ERR_KICKED"]);
		await expect.poll(() => room?.players.has(0)).toBe(false);
		await expect.poll(() => [...bob.roster.keys()]).toEqual([1]);
		expect(bob.status).toBe("playing");
		expect((await lines())[0]).toMatchObject({
			...{ by: "eve at 127.0.0.1", what: "kick", target: `rooms/${ann.id}/players/0` },
			...{ detail: "name=Ann", status: 200, error: null },
		});
		bob.leave();
	});

	it("shows a message to all or to a room, and takes it away", async () => {
		const url = live.url.replace("http", "ws");
		const ann = await connect(url, { game: "dots", name: "Ann" });
		const { id } = await ask<{ id: string }>("games/dots/rooms");
		const bob = await connect(url, { game: "dots", name: "Bob", room: id });
		const say = (text: unknown, query = "") =>
			ask(`message${query}`, "POST", JSON.stringify({ text }));
		expect(await say("All")).toMatchObject({ clients: 2 });
		await expect.poll(() => [ann.notice, bob.notice]).toEqual(["All", "All"]);
		expect(await say("Bob", `?room=${id}`)).toEqual({ rooms: 1, clients: 1 });
		await expect.poll(() => [ann.notice, bob.notice]).toEqual(["All", "Bob"]);
		await say(null);
		await expect.poll(() => [ann.notice, bob.notice]).toEqual([null, null]);
		for (const wrong of ["", " ", 7, undefined, "x".repeat(2_001)]) {
			expect(await say(wrong)).toMatchObject({ error: "ERR_ADMIN_MESSAGE" });
		}
		expect(await say("x", "?room=none")).toMatchObject({ error: "ERR_ADMIN_ROOM" });
		for (const room of [ann, bob]) room.leave();
	});
});
