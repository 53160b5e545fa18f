import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runToEnd, type StartedServer, startServer } from "../support/start-server.ts";

const TOKEN = "a token of tests";
let server: StartedServer | null = null;
let rooms: Room[] = [];
/** Processes that nobody here started. */
let heirs: number[] = [];

afterEach(async () => {
	for (const room of rooms) room.leave();
	rooms = [];
	for (const pid of heirs) {
		try {
			process.kill(pid, "SIGTERM");
		} catch {
			// it is gone already
		}
	}
	await server?.stop();
	server = null;
	heirs = [];
});

async function start(...more: string[]): Promise<StartedServer> {
	const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN, ...more];
	server = await startServer([await moduleFile("dots"), ...options]);
	return server;
}

async function enter(room?: string): Promise<Room> {
	const url = (server as StartedServer).url.replace("http", "ws");
	const entered = await connect(url, { game: "dots", name: "Ann", ...(room ? { room } : {}) });
	rooms.push(entered);
	return entered;
}

async function ask<T>(path: string, method = "GET"): Promise<T> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	const response = await fetch(`${(server as StartedServer).url}${path}`, { method, headers });
	return (await response.json()) as T;
}

async function upgrade(): Promise<{ pid: number }> {
	const answer = await ask<{ pid: number } | { error: string }>("/admin/upgrade", "POST");
	if (!("pid" in answer)) throw new Error(JSON.stringify(answer));
	heirs.push(answer.pid);
	return answer;
}

const workers = () => ask<WorkerLine[]>("/admin/workers");

/** What players see: each tick once and in order, and never that they were away. */
function watch(all: readonly Room[]) {
	const statuses: string[] = [];
	const ticks = new Map<Room, number[]>(all.map((room) => [room, []]));
	for (const room of all) {
		room.onStatus((status) => statuses.push(status));
		room.onSnapshot(({ tick }) => ticks.get(room)?.push(tick));
		room.input = { dx: 5, dy: 0 };
	}
	const lastOf = (room: Room): number => ticks.get(room)?.at(-1) ?? -1;
	return {
		lastOf,
		async playOn(more: number): Promise<void> {
			const goals = new Map(all.map((room) => [room, lastOf(room) + more]));
			const isThere = (): boolean => all.every((room) => lastOf(room) >= (goals.get(room) ?? 0));
			await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
		},
		expectWhole(): void {
			expect(statuses).toEqual([]);
			expect(all.map(({ reconnects }) => reconnects)).toEqual(all.map(() => 0));
			for (const shown of ticks.values())
				expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
		},
	};
}

describe("hotstep upgrade", () => {
	it("leaves port, rooms and sockets to a new process, twice, and nobody is disconnected", async () => {
		const first = await start();
		await ask("/admin/games/dots/rooms", "POST");
		await ask("/admin/games/dots/rooms", "POST");
		const ids = (await ask<{ id: string }[]>("/rooms")).map(({ id }) => id);
		const all = await Promise.all([...ids, ...ids].map((id) => enter(id)));
		const seen = watch(all);
		await seen.playOn(60);
		const pids = [first.process.pid];
		for (let i = 0; i < 2; i++) {
			const before = (await workers()).map(({ pid }) => pid);
			const { pid } = await upgrade();
			expect(pids).not.toContain(pid);
			pids.push(pid);
			await seen.playOn(60);
			// the old workers end when they are empty
			const now = async () => (await workers()).filter((one) => before.includes(one.pid)).length;
			await expect.poll(now, { timeout: 20_000 }).toBe(0);
			await seen.playOn(60);
		}
		if (first.process.exitCode === null) await once(first.process, "exit");
		expect(first.process.exitCode).toBe(0);
		seen.expectWhole();
		const listed = await ask<{ id: string; players: number }[]>("/rooms");
		expect(listed.map(({ id, players }) => [id, players]).sort()).toEqual(
			ids.map((id) => [id, 2]).sort(),
		);
		// whoever comes now is served by the new one
		expect((await enter(ids[0])).id).toBe(ids[0]);
	});

	it("goes on as before when the new version does not come up, and says why", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-game-"));
		const file = path.join(folder, "dots.wasm");
		await cp(await moduleFile("dots"), file);
		const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN];
		server = await startServer([file, ...options]);
		const seen = watch([await enter(), await enter()]);
		await seen.playOn(30);
		await writeFile(file, "no module");
		const { url } = server;
		const { code, stderr } = await runToEnd(["upgrade", "--url", url, "--token", TOKEN]);
		expect([code, stderr]).toEqual([1, expect.stringContaining("ERR_UPGRADE_FAILED")]);
		await seen.playOn(60);
		seen.expectWhole();
		expect((await workers()).map(({ state }) => state)).toEqual(["running", "running"]);
		// and it can be tried again
		await rm(file);
		await cp(await moduleFile("dots"), file);
		await upgrade();
		await seen.playOn(60);
		seen.expectWhole();
	});

	it("is refused by name where one process is all", async () => {
		server = await startServer([
			...[await moduleFile("dots"), "--workers", "0", "--no-page", "--admin-token", TOKEN],
		]);
		const { code, stderr } = await runToEnd(["upgrade", "--url", server.url, "--token", TOKEN]);
		expect([code, stderr]).toEqual([1, expect.stringContaining("ERR_UPGRADE_ALONE")]);
	});
});
