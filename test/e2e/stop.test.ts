import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { readRoomLog } from "../../server/journal/room-log/read-room-log.ts";
import { moduleFile } from "../fixtures/build-module.ts";

const TOKEN = "a token of tests";
const CLI = path.resolve(import.meta.dirname, "../../dist/server/cli.js");

/** A server in a process group of its own, as a terminal or a process manager has it. */
interface Group {
	readonly process: ChildProcess;
	readonly url: string;
	/** Lines of its log. */
	readonly lines: Record<string, unknown>[];
	/** Exit code and signal. */
	readonly ended: Promise<unknown[]>;
}

let groups: Group[] = [];
let rooms: Room[] = [];

afterEach(async () => {
	for (const room of rooms) room.leave();
	rooms = [];
	for (const { process: child, ended } of groups) {
		try {
			process.kill(-(child.pid as number), "SIGKILL");
		} catch {
			// all of it is gone
		}
		await ended;
	}
	groups = [];
});

async function start(data: string, port: number, workers: number): Promise<Group> {
	const options = ["--port", String(port), "--data", data, "--workers", String(workers)];
	const args = [await moduleFile("dots"), "--no-page", "--admin-token", TOKEN, ...options];
	const child = spawn(process.execPath, [CLI, "start", ...args], {
		detached: true,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const lines: Record<string, unknown>[] = [];
	createInterface(child.stderr).on("line", (line) => lines.push(JSON.parse(line)));
	const group = {
		process: child,
		url: `http://127.0.0.1:${port}`,
		lines,
		ended: once(child, "exit"),
	};
	groups.push(group);
	await once(child.stdout, "data");
	return group;
}

async function freePort(): Promise<number> {
	const probe = createServer().listen(0, "127.0.0.1");
	await once(probe, "listening");
	const { port } = probe.address() as { port: number };
	await new Promise((resolve) => probe.close(resolve));
	return port;
}

/** Two players in each of two rooms, and the ticks that each was shown. */
async function play({ url }: Group): Promise<{ room: Room; ticks: number[] }[]> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	const open = async (): Promise<string> => {
		const opened = await fetch(`${url}/admin/games/dots/rooms`, { method: "POST", headers });
		return ((await opened.json()) as { id: string }).id;
	};
	const ids = [await open(), await open()];
	return Promise.all(
		[...ids, ...ids].map(async (id) => {
			const room = await connect(url.replace("http", "ws"), {
				game: "dots",
				name: "Ann",
				room: id,
			});
			rooms.push(room);
			const ticks: number[] = [];
			room.onSnapshot(({ tick }) => ticks.push(tick));
			room.input = { dx: 5, dy: 0 };
			return { room, ticks };
		}),
	);
}

/** Players who have been shown `count` more ticks each. */
async function shown(players: readonly { ticks: number[] }[], count: number): Promise<void> {
	const wanted = players.map(({ ticks }) => ticks.length + count);
	await expect
		.poll(() => players.every(({ ticks }, i) => ticks.length >= (wanted[i] as number)), {
			timeout: 30_000,
		})
		.toBe(true);
}

/** What the log has of each room that is not over: the tick that comes next, and until when its seats are held. */
function logged(data: string): { id: string; nextTick: number; held: (number | null)[] }[] {
	const contents = readRoomLog(path.join(data, "rooms"));
	expect(contents.problems).toEqual([]);
	return contents.rooms.map(({ id, stretch, seats }) => {
		const nextTick = stretch.firstTick + stretch.inboxes.length;
		return { id, nextTick, held: seats.map(({ heldUntilMs }) => heldUntilMs) };
	});
}

async function pidsOf({ url }: Group): Promise<number[]> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	const all = (await (await fetch(`${url}/admin/workers`, { headers })).json()) as WorkerLine[];
	return all.map(({ pid }) => pid as number);
}

function isThere(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

const signalled: readonly [string, number, (group: Group) => void][] = [
	["a SIGTERM", 2, ({ process: child }) => child.kill("SIGTERM")],
	["a SIGTERM to one process", 0, ({ process: child }) => child.kill("SIGTERM")],
	["Ctrl-C", 2, ({ process: child }) => process.kill(-(child.pid as number), "SIGINT")],
];

describe("a server that is stopped and started again", () => {
	it.each(signalled)(
		"goes on with its rooms and seats after %s",
		async (_, workers, signal) => {
			const data = await mkdtemp(path.join(tmpdir(), "hotstep-stop-"));
			const port = await freePort();
			const first = await start(data, port, workers);
			const players = await play(first);
			await shown(players, 60);
			const pids = workers > 0 ? await pidsOf(first) : [];
			signal(first);
			expect(await first.ended).toEqual([0, null]);
			expect(pids.filter(isThere)).toEqual([]);
			const seats = players.map(({ room: { id, player } }) => `${id} ${player}`);
			const stopped = players.map(({ ticks }) => ticks.at(-1) ?? 0);
			const left = logged(data);
			expect(left).toHaveLength(2);
			for (const { nextTick, id, held } of left) {
				// whoever was there has all of the grace from the next start on
				expect(held).toEqual([null, null]);
				const last = stopped.filter((_, i) => players[i]?.room.id === id);
				expect(Math.max(...last)).toBeLessThanOrEqual(nextTick);
			}
			const second = await start(data, port, workers);
			await shown(players, 60);
			const back = second.lines.filter(({ message }) => message === "room recovered");
			const wanted = left.map(({ id, nextTick }) => [id, nextTick]).sort();
			expect(back.map(({ room, tick }) => [room, tick]).sort()).toEqual(wanted);
			expect(players.map(({ room: { id, player } }) => `${id} ${player}`)).toEqual(seats);
			for (const { ticks, room } of players) {
				expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
				expect(room.status).toBe("playing");
			}
		},
		90_000,
	);

	it("ends at once at the second SIGTERM, leaves nobody behind, and the next start has its rooms", async () => {
		const data = await mkdtemp(path.join(tmpdir(), "hotstep-stop-"));
		const port = await freePort();
		const first = await start(data, port, 2);
		const players = await play(first);
		await shown(players, 60);
		const pids = await pidsOf(first);
		// one that stands still says no goodbye: the supervisor would wait for it
		process.kill(pids[0] as number, "SIGSTOP");
		first.process.kill("SIGTERM");
		await expect.poll(() => first.lines.some(({ message }) => message === "stopping")).toBe(true);
		first.process.kill("SIGTERM");
		expect(await first.ended).toEqual([1, null]);
		await expect.poll(() => pids.filter(isThere), { timeout: 10_000 }).toEqual([]);
		const left = logged(data);
		expect(left).toHaveLength(2);
		await start(data, port, 2);
		await shown(players, 60);
		for (const { ticks } of players) expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
	}, 90_000);
});
