import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { type StartedServer, startServer } from "../support/start-server.ts";

const TOKEN = "a token of tests";
const WAIT = { timeout: 60_000 } as const;
let server: StartedServer;
const rooms: Room[] = [];
const undo: (() => void)[] = [];

afterEach(async () => {
	for (const room of rooms.splice(0)) room.leave();
	for (const step of undo.splice(0)) step();
	await server.stop();
});

async function ask<T>(target: string, method = "GET"): Promise<T> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	return (await (await fetch(`${server.url}${target}`, { method, headers })).json()) as T;
}

const workers = () => ask<WorkerLine[]>("/admin/workers");
const listed = () => ask<{ id: string; worker: number }[]>("/rooms");

/** A player, and every tick that was shown. */
interface Player {
	readonly room: Room;
	readonly shown: number[];
	readonly statuses: string[];
}

async function enter(id: string): Promise<Player> {
	const room = await connect(server.url.replace("http", "ws"), {
		game: "dots",
		name: "Ann",
		room: id,
	});
	rooms.push(room);
	const player: Player = { room, shown: [], statuses: [] };
	room.onSnapshot(({ tick }) => player.shown.push(tick));
	room.onStatus((status) => player.statuses.push(status));
	room.input = { dx: 5, dy: 0 };
	return player;
}

const lastOf = ({ shown }: Player): number => shown.at(-1) ?? -1;

async function goesOn(player: Player, ticks: number): Promise<void> {
	const from = lastOf(player);
	await expect.poll(() => lastOf(player), WAIT).toBeGreaterThan(from + ticks);
}

/** Each tick was shown once, and in order. */
function expectOnce({ shown }: Player): void {
	expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
}

/** Two workers with a room and a player each. */
async function play(...more: string[]): Promise<[Player, Player]> {
	const options = ["--workers", "2", "--no-page", "--no-balance", "--admin-token", TOKEN, ...more];
	server = await startServer([await moduleFile("dots"), ...options]);
	for (let i = 0; i < 2; i++) await ask("/admin/games/dots/rooms", "POST");
	const ids = (await listed()).sort((a, b) => a.worker - b.worker).map(({ id }) => id);
	expect(ids).toHaveLength(2);
	const players = [await enter(ids[0] as string), await enter(ids[1] as string)] as const;
	for (const player of players) await goesOn(player, 30);
	return [...players];
}

async function pidOf(worker: number): Promise<number> {
	return (await workers()).find((line) => line.worker === worker)?.pid as number;
}

/** Kills every process of the server. */
async function killAll(): Promise<void> {
	const pids = (await workers()).map(({ pid }) => pid as number);
	const gone = once(server.process, "exit");
	for (const pid of [server.process.pid as number, ...pids]) process.kill(pid, "SIGKILL");
	await gone;
}

describe("a server with workers", () => {
	it("goes on with the rooms of a worker that stood still for ten seconds, and harms no other", async () => {
		const [stopped, other] = await play();
		const pid = await pidOf(1);
		process.kill(pid, "SIGSTOP");
		undo.push(() => process.kill(pid, "SIGCONT"));
		await goesOn(other, 600);
		process.kill(pid, "SIGCONT");
		await goesOn(stopped, 60);
		for (const player of [stopped, other]) expectOnce(player);
		expect([stopped.room.status, other.statuses]).toEqual(["playing", []]);
		expect((await workers()).map(({ restarts }) => restarts)).toEqual([0, 0]);
		expect((await listed()).map(({ id, worker }) => [worker, id]).sort()).toEqual([
			[1, stopped.room.id],
			[2, other.room.id],
		]);
	}, 120_000);

	it("takes a worker that stands still for ever for dead: it can win nothing back", async () => {
		const [stopped, other] = await play();
		const pid = await pidOf(1);
		process.kill(pid, "SIGSTOP");
		await expect.poll(async () => (await workers())[0]?.restarts, WAIT).toBe(1);
		expect(() => process.kill(pid, "SIGCONT")).toThrow(/ESRCH/);
		await goesOn(stopped, 60);
		for (const player of [stopped, other]) expectOnce(player);
		expect([stopped.room.status, other.statuses]).toEqual(["playing", []]);
		expect((await listed()).map(({ id }) => id).sort()).toEqual(
			[stopped.room.id, other.room.id].sort(),
		);
	}, 120_000);

	it("plays on when the disk is full, says so, and is protected again when there is room", async (context) => {
		const data = await mkdtemp(path.join(tmpdir(), "hotstep-full-"));
		try {
			execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", data], { stdio: "pipe" });
		} catch {
			server = await startServer([await moduleFile("dots"), "--workers", "0", "--no-page"]);
			return context.skip("only root can make a small file system");
		}
		undo.push(() => execFileSync("umount", ["-l", data]));
		const players = await play("--data", data);
		const held = async (): Promise<string[]> => {
			const text = await (await fetch(`${server.url}/metrics`)).text();
			return [...text.matchAll(/^hotstep_log_held\{worker="\d"\} (\d)$/gm)].map(
				([, is]) => is ?? "",
			);
		};
		expect(await held()).toEqual(["1", "1"]);
		const filler = path.join(data, "filler");
		await expect(writeFile(filler, new Uint8Array(8 << 20))).rejects.toThrow(/ENOSPC/);
		await expect.poll(held, WAIT).toEqual(["0", "0"]);
		for (const player of players) await goesOn(player, 60);
		await rm(filler);
		await expect.poll(held, WAIT).toEqual(["1", "1"]);
		for (const player of players) {
			await goesOn(player, 60);
			expectOnce(player);
			expect(player.statuses).toEqual([]);
		}
	}, 120_000);

	it("loses no other room to a log with a flipped bit, and nothing to a torn tail", async () => {
		const data = await mkdtemp(path.join(tmpdir(), "hotstep-damage-"));
		const [flipped, torn] = await play("--data", data);
		const { id } = torn.room;
		await killAll();
		const folder = path.join(data, "rooms");
		const files = (await readdir(folder)).filter((name) => name.endsWith(".hsl"));
		const fileOf = (worker: number): string =>
			path.join(folder, files.find((name) => name.startsWith(`w${worker}-`)) as string);
		const bytes = await readFile(fileOf(1));
		const middle = bytes.length >> 1;
		bytes[middle] = (bytes[middle] ?? 0) ^ 1;
		await writeFile(fileOf(1), bytes);
		await truncate(fileOf(2), (await stat(fileOf(2))).size - 3);
		const port = new URL(server.url).port;
		const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN, "--data", data];
		server = await startServer([await moduleFile("dots"), ...options, "--port", port]);
		expect((await listed()).map((room) => room.id)).toContain(id);
		await goesOn(torn, 30);
		expect(torn.room.id).toBe(id);
		expect(flipped.room.decodeErrors ?? 0).toBe(0);
	}, 120_000);
});
