import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { ClosedAnswer, Overview, WorkerLine } from "../../protocol/admin-answers.ts";
import { readRoomLog } from "../../server/journal/room-log/read-room-log.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runCli, runToEnd, type StartedServer, startServer } from "../support/start-server.ts";
import { buildVariant, replace } from "../support/variant.ts";

const TOKEN = "a token of tests";
let server: StartedServer | null = null;
let rooms: Room[] = [];

afterEach(async () => {
	for (const room of rooms) room.leave();
	rooms = [];
	await server?.stop();
	server = null;
});

async function start(...more: string[]): Promise<StartedServer> {
	const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN, ...more];
	server = await startServer([await moduleFile("dots"), ...options]);
	return server;
}

/** A port that is free now, for a server that is started twice on it. */
async function freePort(): Promise<number> {
	const probe = createServer().listen(0, "127.0.0.1");
	await once(probe, "listening");
	const { port } = probe.address() as { port: number };
	await new Promise((resolve) => probe.close(resolve));
	return port;
}

async function enter(room?: string): Promise<Room> {
	const url = (server as StartedServer).url.replace("http", "ws");
	const entered = await connect(url, { game: "dots", name: "Ann", ...(room ? { room } : {}) });
	rooms.push(entered);
	return entered;
}

/** Asks the machine's HTTP as its operator. */
async function ask<T>(path: string, method = "GET", body?: Uint8Array<ArrayBuffer>): Promise<T> {
	const response = await fetch(`${(server as StartedServer).url}${path}`, {
		method,
		headers: { authorization: `Bearer ${TOKEN}` },
		...(body ? { body } : {}),
	});
	return (await response.json()) as T;
}

/** Opens a room in each worker; by worker. */
async function openRooms(): Promise<Map<number, string>> {
	await ask("/admin/games/dots/rooms", "POST");
	await ask("/admin/games/dots/rooms", "POST");
	const { rooms } = await ask<Overview>("/admin/overview");
	return new Map(rooms.map(({ worker = 0, id }) => [worker, id]));
}

const workers = () => ask<WorkerLine[]>("/admin/workers");

describe("hotstep start --workers", () => {
	it("brings each client to the worker that has its room, wherever it came in", async () => {
		await start();
		const opened = await openRooms();
		expect([...opened.keys()].sort()).toEqual([1, 2]);
		const ids = [...opened.values()];
		const wanted = Array.from({ length: 20 }, (_, i) => ids[i % 2]);
		const entered = await Promise.all(wanted.map((id) => enter(id)));
		expect(entered.map(({ id }) => id)).toEqual(wanted);
		const listed = await ask<{ id: string; players: number; worker: number }[]>("/rooms");
		const seen = listed.map(({ id, players, worker }) => [worker, id, players]);
		expect(seen).toEqual([...opened].sort().map(([worker, id]) => [worker, id, 10]));
	});

	it("keeps the log of each worker, of the first start and of the second", async () => {
		const data = await mkdtemp(path.join(tmpdir(), "hotstep-logs-"));
		for (const written of [2, 4]) {
			await start("--data", data);
			const opened = await openRooms();
			expect(opened.size).toBe(2);
			const logged = () => readRoomLog(path.join(data, "rooms")).rooms.length;
			await expect.poll(logged).toBe(written);
			await server?.stop();
		}
	});

	it("brings those who come at once and name no room into one", async () => {
		await start();
		await Promise.all(Array.from({ length: 12 }, () => enter()));
		expect(new Set(rooms.map(({ id }) => id)).size).toBe(1);
	});

	it("goes on with the rooms, seats and sockets of a worker that is killed, and nobody is disconnected", async () => {
		await start();
		const [[killed, lost], [other, kept]] = [...(await openRooms())] as [
			[number, string],
			[number, string],
		];
		const victims = [await enter(lost), await enter(lost)];
		const all = [...victims, await enter(kept)];
		const statuses: string[] = [];
		const ticks = new Map<Room, number[]>();
		for (const room of all) {
			room.onStatus((status) => statuses.push(status));
			room.onSnapshot(({ tick }) => ticks.set(room, [...(ticks.get(room) ?? []), tick]));
			room.input = { dx: 5, dy: 0 };
		}
		const lastOf = (room: Room): number => ticks.get(room)?.at(-1) ?? -1;
		await expect.poll(() => lastOf(victims[0] as Room)).toBeGreaterThan(60);
		const before = victims.map(lastOf);
		const { pid } = (await workers()).find(({ worker }) => worker === killed) as WorkerLine;
		process.kill(pid as number, "SIGKILL");
		await expect
			.poll(() => victims.every((room, i) => lastOf(room) > (before[i] ?? 0) + 60), {
				timeout: 20_000,
			})
			.toBe(true);
		// no tick that was shown is shown again, and none of another history
		for (const shown of ticks.values()) expect(shown).toEqual([...shown].sort((a, b) => a - b));
		expect(statuses).toEqual([]);
		expect(victims.map(({ reconnects }) => reconnects)).toEqual([0, 0]);
		const listed = await ask<{ id: string; players: number; worker: number }[]>("/rooms");
		expect(listed.map(({ id, players, worker }) => [id, players, worker]).sort()).toEqual(
			[
				[lost, 2, other],
				[kept, 1, other],
			].sort(),
		);
		await expect
			.poll(async () => (await workers()).map(({ state, restarts }) => [state, restarts]), {
				timeout: 10_000,
			})
			.toEqual([killed, other].sort().map((worker) => ["running", worker === killed ? 1 : 0]));
	}, 60_000);

	it("comes back with rooms and seats when all its processes are killed and it is started again", async () => {
		const data = await mkdtemp(path.join(tmpdir(), "hotstep-data-"));
		await start("--data", data, "--port", String(await freePort()));
		const { port } = new URL((server as StartedServer).url);
		const [, id] = [...(await openRooms())][0] as [number, string];
		const ann = await enter(id);
		let shown = -1;
		ann.onSnapshot(({ tick }) => {
			shown = tick;
		});
		await expect.poll(() => shown).toBeGreaterThan(60);
		const pids = (await workers()).map(({ pid }) => pid as number);
		const gone = once((server as StartedServer).process, "exit");
		(server as StartedServer).process.kill("SIGKILL");
		for (const pid of pids) process.kill(pid, "SIGKILL");
		await gone;
		const last = shown;
		const seat = ann.player;
		await start("--data", data, "--port", port);
		await expect.poll(() => shown > last + 30, { timeout: 20_000 }).toBe(true);
		expect([ann.id, ann.player]).toEqual([id, seat]);
		expect(ann.reconnects).toBeGreaterThan(0);
	}, 60_000);

	it("answers for all workers as one server", async () => {
		const { url } = await start();
		const opened = await openRooms();
		await enter(opened.get(1));
		const health = await (await fetch(`${url}/healthz`)).json();
		expect(health).toMatchObject({ status: "ok", rooms: 2, connections: 1 });
		const metrics = await (await fetch(`${url}/metrics`)).text();
		expect(metrics).toMatch(/^hotstep_workers\{worker="supervisor",state="running"\} 2$/m);
		expect(metrics.match(/^# TYPE hotstep_rooms gauge$/gm)).toHaveLength(1);
		expect(metrics.match(/^hotstep_rooms\{worker="[12]",game="dots".*\} 1$/gm)).toHaveLength(2);
		const overview = await ask<Overview>("/admin/overview?sort=players&limit=1");
		expect(overview).toMatchObject({ roomCount: 2, matched: 2, totals: { players: 1 } });
		expect(overview.rooms).toMatchObject([{ id: opened.get(1), worker: 1, players: 1 }]);
		const one = await ask<{ room: object }>(`/admin/rooms/${opened.get(2)}`);
		expect(one.room).toMatchObject({ id: opened.get(2), players: 0 });
		expect(await ask("/admin/rooms/nowhere")).toMatchObject({ error: "ERR_ADMIN_ROOM" });
		expect(await ask("/admin/nothing")).toMatchObject({ error: "ERR_NOT_FOUND" });
		const wrong = await fetch(`${url}/admin/overview`, { headers: { authorization: "Bearer no" } });
		expect(wrong.status).toBe(401);
	});

	it("deploys rules in every worker", async () => {
		await start();
		await openRooms();
		const file = await buildVariant({ schema: replace("version: 1", "version: 2") });
		const next = new Uint8Array(await readFile(file));
		const done = await ask<{ swapped: string[] }>(
			"/admin/games/dots/swap?policy=live",
			"POST",
			next,
		);
		expect(done.swapped).toHaveLength(2);
		const listed = await ask<{ version: number }[]>("/rooms");
		expect(listed.map(({ version }) => version)).toEqual([2, 2]);
	});

	it("tells of the rooms that are over, each by a key of the whole machine", async () => {
		await start("--empty-room", "0");
		await openRooms();
		await expect
			.poll(async () => (await ask<ClosedAnswer>("/admin/closed")).rooms.length, {
				timeout: 10_000,
			})
			.toBe(2);
		const { rooms: over } = await ask<ClosedAnswer>("/admin/closed");
		expect(over.map(({ worker }) => worker).sort()).toEqual([1, 2]);
		for (const { key, id } of over) {
			expect(await ask(`/admin/closed/${key}`)).toMatchObject({ room: { id } });
		}
	});

	it("says goodbye to everybody on SIGTERM, and leaves no process behind", async () => {
		const { process: child } = await start();
		const opened = await openRooms();
		const pids = (await workers()).map(({ pid }) => pid as number);
		const endings = [...opened.values()].map(async (id) => {
			const url = (server as StartedServer).url.replace("http", "ws");
			const room = await connect(url, { game: "dots", name: "Ann", room: id, reconnect: false });
			await new Promise((resolve) => room.onStatus(resolve));
			return room.ending;
		});
		await expect.poll(async () => (await ask<Overview>("/admin/overview")).totals.players).toBe(2);
		child.kill("SIGTERM");
		expect(await Promise.all(endings)).toEqual(
			Array(2).fill({ name: "ERR_SERVER_SHUTDOWN", code: 1001 }),
		);
		const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
		expect(code).toBe(0);
		for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
	});

	it("leaves no worker behind when it is killed itself", async () => {
		const { process: child } = await start();
		const pids = (await workers()).map(({ pid }) => pid as number);
		child.kill("SIGKILL");
		const isThere = (pid: number): boolean => {
			try {
				return process.kill(pid, 0);
			} catch {
				return false;
			}
		};
		await expect.poll(() => pids.filter(isThere), { timeout: 10_000 }).toEqual([]);
	});

	it("does not start with a module that no worker can load, and says what one process says", async () => {
		const ended = await runToEnd(["start", "--workers", "2", "--port", "0", "nowhere.wasm"]);
		const alone = await runToEnd(["start", "--workers", "0", "--port", "0", "nowhere.wasm"]);
		const last = (text: string): string | undefined => text.trim().split("\n").at(-1);
		expect(ended.code).toBe(1);
		expect(last(ended.stderr)).toBe(last(alone.stderr));
	});

	it("refuses a number of workers that makes no sense", async () => {
		const child = runCli(["start", "--workers", "many"]);
		let said = "";
		child.stderr?.on("data", (chunk) => {
			said += chunk;
		});
		const [code] = await once(child, "close");
		expect([code, said]).toEqual([1, expect.stringContaining("--workers is a whole number")]);
	});
});
