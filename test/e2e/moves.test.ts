import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { Overview } from "../../protocol/admin-answers.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { type StartedServer, startServer } from "../support/start-server.ts";
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

interface Moved {
	readonly error?: string;
	readonly from: number;
	readonly to: number;
	readonly epoch: number;
	readonly frozenMs: number | null;
}

async function ask<T>(path: string, method = "GET", body?: object): Promise<T> {
	const bytes = body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : null;
	const response = await fetch(`${(server as StartedServer).url}${path}`, {
		method,
		headers: { authorization: `Bearer ${TOKEN}` },
		...(body ? { body: bytes ?? JSON.stringify(body) } : {}),
	});
	return (await response.json()) as T;
}

/** A server of two workers with one room; its id. */
async function start(...more: string[]): Promise<string> {
	const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN, ...more];
	server = await startServer([await moduleFile("dots"), ...options]);
	await ask("/admin/games/dots/rooms", "POST");
	return (await roomLine()).id;
}

async function roomLine(): Promise<Overview["rooms"][number]> {
	const [line] = (await ask<Overview>("/admin/overview")).rooms;
	if (!line) throw new Error("there is no room");
	return line;
}

async function enter(room: string | null, more: object = {}): Promise<Room> {
	const url = (server as StartedServer).url.replace("http", "ws");
	const entered = await connect(url, { game: "dots", name: "Ann", room, ...more });
	rooms.push(entered);
	return entered;
}

/** Statuses that clients go through from now on: none, when nothing is noticed. */
function statusesOf(watched: readonly Room[]): string[] {
	const statuses: string[] = [];
	for (const room of watched) room.onStatus((status) => statuses.push(status));
	return statuses;
}

/** Moves the room, again when a busy machine was too slow. */
async function move(id: string, worker?: number): Promise<Moved> {
	for (let tries = 0; ; tries++) {
		const body = worker === undefined ? undefined : { worker };
		const moved = await ask<Moved>(`/admin/rooms/${id}/move`, "POST", body);
		if (moved.error !== "ERR_MOVE_TIMEOUT" || tries === 9) return moved;
		await pause(100);
	}
}

describe("a room that moves", () => {
	it("goes on in another worker, and its clients notice nothing", async () => {
		const id = await start();
		const players = await Promise.all(Array.from({ length: 6 }, () => enter(id)));
		const watcher = await enter(id, { spectate: true });
		const statuses = statusesOf(rooms);
		const before = await roomLine();
		for (let i = 0; i < 4; i++) {
			const moved = await move(id);
			expect(moved.error).toBe(undefined);
			expect(moved.to).not.toBe(moved.from);
			expect(moved.epoch).toBe(i + 2);
			const line = await roomLine();
			expect([line.id, line.worker, line.players]).toEqual([id, moved.to, 6]);
		}
		expect((await roomLine()).tick).toBeGreaterThan(before.tick);
		// inputs of each reach the rules there, and what comes of them each of the others
		for (const player of players) player.input = { dx: 100, dy: 0 };
		const far = (room: Room): number[] => {
			room.update();
			const { x } = (room.state as unknown as { dot: { x: Float32Array } }).dot;
			return [...x].filter((value) => value > 150);
		};
		for (const room of [...players, watcher]) {
			await expect.poll(() => far(room).length, { timeout: 10_000 }).toBe(6);
		}
		expect(statuses).toEqual([]);
	});

	it("takes those who come meanwhile with it", async () => {
		const id = await start();
		await enter(id);
		const statuses = statusesOf(rooms);
		for (let i = 0; i < 4; i++) {
			const [moved, ...entered] = await Promise.all([move(id), enter(id), enter(null)]);
			expect(moved.error).toBe(undefined);
			expect(entered.map((room) => room.id)).toEqual([id, id]);
		}
		expect((await roomLine()).players).toBe(9);
		expect(statuses).toEqual([]);
	});

	it("comes back from the log of the worker that has it now, when that is killed", async () => {
		const id = await start("--seat-grace", "60");
		const player = await enter(id);
		const { to } = await move(id);
		const { tick } = await roomLine();
		const workers = await ask<{ worker: number; pid: number }[]>("/admin/workers");
		process.kill(workers.find(({ worker }) => worker === to)?.pid as number, "SIGKILL");
		await expect
			.poll(async () => (await ask<Overview>("/admin/overview")).rooms[0]?.tick ?? 0, {
				timeout: 10_000,
			})
			.toBeGreaterThan(tick);
		expect(player.id).toBe(id);
	});

	it("stays where it is as long as a fault would bring its old rules back", async () => {
		const id = await start("--probation", "30");
		const next = await readFile(
			await buildVariant({ schema: replace("version: 1", "version: 2") }),
		);
		const query = "policy=live&by=tests";
		const swapped = await ask<{ swapped: string[] }>(
			`/admin/games/dots/swap?${query}`,
			"POST",
			new Uint8Array(next),
		);
		expect(swapped.swapped).toEqual([id]);
		const { worker } = await roomLine();
		const response = await fetch(`${(server as StartedServer).url}/admin/rooms/${id}/move`, {
			method: "POST",
			headers: { authorization: `Bearer ${TOKEN}` },
		});
		expect([response.status, await response.json()]).toMatchObject([
			409,
			{ error: "ERR_MOVE_BUSY" },
		]);
		// nothing of the rollback is lost
		await ask("/admin/games/dots/rollback", "POST");
		expect(await roomLine()).toMatchObject({ worker, version: 1 });
		expect((await move(id)).error).toBe(undefined);
	});

	it("stays where it is when that makes no sense, and says why", async () => {
		const id = await start();
		const { worker = 0 } = await roomLine();
		expect(await move(id, worker)).toMatchObject({ error: "ERR_MOVE_WORKER" });
		expect(await move(id, 9)).toMatchObject({ error: "ERR_MOVE_WORKER" });
		expect(await move("nowhere")).toMatchObject({ error: "ERR_MOVE_ROOM" });
		const twice = await Promise.all([move(id), move(id)]);
		expect(twice.map(({ error }) => error ?? "").sort()).toEqual(["", "ERR_MOVE_BUSY"]);
		const wrong = await ask(`/admin/rooms/${id}/move`, "POST", { worker: "two" });
		expect(wrong).toMatchObject({ error: "ERR_BODY_INVALID" });
	});
});
