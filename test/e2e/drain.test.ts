import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { Overview, WorkerLine } from "../../protocol/admin-answers.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runToEnd, type StartedServer, startServer } from "../support/start-server.ts";
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

async function start(file: string, ...more: string[]): Promise<void> {
	const options = ["--workers", "2", "--no-page", "--admin-token", TOKEN, ...more];
	server = await startServer([file, ...options]);
}

async function ask<T>(path: string, method = "GET"): Promise<T> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	const response = await fetch(`${(server as StartedServer).url}${path}`, { method, headers });
	return (await response.json()) as T;
}

async function enter(room: string): Promise<Room> {
	const url = (server as StartedServer).url.replace("http", "ws");
	const entered = await connect(url, { game: "dots", name: "Ann", room });
	rooms.push(entered);
	return entered;
}

/** Opens so many rooms; their ids. */
async function open(count: number): Promise<string[]> {
	const ids: string[] = [];
	for (let i = 0; i < count; i++) {
		ids.push((await ask<{ id: string }>("/admin/games/dots/rooms", "POST")).id);
	}
	return ids;
}

const lines = () => ask<WorkerLine[]>("/admin/workers");

/** The worker of each room, by id. */
async function places(): Promise<Map<string, number | undefined>> {
	const { rooms } = await ask<Overview>("/admin/overview");
	return new Map(rooms.map(({ id, worker }) => [id, worker]));
}

async function metric(line: string): Promise<number> {
	const text = await (await fetch(`${(server as StartedServer).url}/metrics`)).text();
	const found = text.split("\n").find((one) => one.startsWith(`${line} `));
	return Number(found?.split(" ").at(-1) ?? Number.NaN);
}

/** Statuses that clients go through from now on: none, when nothing is noticed. */
function statusesOf(watched: readonly Room[]): string[] {
	const statuses: string[] = [];
	for (const room of watched) room.onStatus((status) => statuses.push(status));
	return statuses;
}

function drain(...args: string[]) {
	return runToEnd(["drain", ...args, "--url", (server as StartedServer).url, "--token", TOKEN]);
}

describe("a worker that is drained", () => {
	it("loses its rooms one by one while they are played, and gets no new ones until that is undone", async () => {
		await start(await moduleFile("dots"), "--no-balance");
		const ids = await open(6);
		const before = await places();
		// on a busy machine all may be in one
		const from = before.get(ids[0] as string) as number;
		const other = 3 - from;
		for (const id of ids) await enter(id);
		const statuses = statusesOf(rooms);
		const mine = [...before.values()].filter((worker) => worker === from).length;
		const { code, stdout } = await drain(String(from));
		expect(code).toBe(0);
		expect(stdout).toMatch(new RegExp(`drained: 0 rooms left, ${mine} moved\\n$`));
		expect([...(await places()).values()]).toEqual(Array(6).fill(other));
		const lineOf = async (worker: number) => (await lines())[worker - 1] as WorkerLine;
		expect((await lineOf(from)).drain).toMatchObject({ roomsLeft: 0, moved: mine });
		expect((await lineOf(other)).drain).toBeNull();
		const done = 'hotstep_room_moves_total{worker="supervisor",reason="drain",outcome="done"}';
		expect(await metric(done)).toBe(mine);
		expect(await metric('hotstep_workers_drained{worker="supervisor"}')).toBe(1);
		for (const id of await open(3)) expect((await places()).get(id)).toBe(other);
		// its next life gets none, too
		process.kill((await lineOf(from)).pid as number, "SIGKILL");
		await expect.poll(async () => (await lineOf(from)).restarts, { timeout: 20_000 }).toBe(1);
		await expect.poll(async () => (await lineOf(from)).state, { timeout: 20_000 }).toBe("running");
		for (const id of await open(2)) expect((await places()).get(id)).toBe(other);
		expect(statuses).toEqual([]);
		expect((await drain(String(from), "--undo")).code).toBe(0);
		expect((await lineOf(from)).drain).toBeNull();
		// the other has to have its rooms somewhere
		expect((await drain(String(other))).code).toBe(0);
		expect(new Set((await places()).values())).toEqual(new Set([from]));
		expect(statuses).toEqual([]);
	}, 120_000);

	it("keeps its rooms and their players when there is no other", async () => {
		await start(await moduleFile("dots"));
		const [id] = (await open(1)) as [string];
		const player = await enter(id);
		const statuses = statusesOf([player]);
		for (const worker of [1, 2]) await drain(String(worker), "--no-wait");
		const at = (await places()).get(id);
		expect(await ask("/admin/games/dots/rooms", "POST")).toMatchObject({
			error: "ERR_WORKER_DOWN",
		});
		expect((await enter(id)).id).toBe(id);
		expect(statuses).toEqual([]);
		expect((await lines()).find(({ worker }) => worker === at)?.drain?.roomsLeft).toBe(1);
		const wrong = await drain("3");
		expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/ERR_ADMIN_WORKER/)]);
		expect((await drain("--list")).stdout).toMatch(/^worker 1 {2}running.*\nworker 2 {2}running/);
	}, 60_000);
});

describe("a worker that has too much to do", () => {
	it("gives a room to one that has less, and nobody is disconnected", async () => {
		// each room takes nearly what fuel allows: some of them are more than a core
		const file = await buildVariant({
			main: replace(
				"export function tick(): void {",
				"let spun: u32 = 1;\nexport function tick(): void {\n\tfor (let n = 0; n < 1_500_000; n++) spun = spun * 1664525 + 1013904223;",
			),
		});
		await start(file);
		await drain("2", "--no-wait");
		const ids = await open(9);
		expect([...(await places()).values()]).toEqual(Array(9).fill(1));
		for (const id of ids) await enter(id);
		const statuses = statusesOf(rooms);
		await drain("2", "--undo");
		const done = 'hotstep_room_moves_total{worker="supervisor",reason="balance",outcome="done"}';
		await expect.poll(() => metric(done), { timeout: 60_000, interval: 500 }).toBeGreaterThan(0);
		expect(new Set((await places()).values())).toEqual(new Set([1, 2]));
		expect(statuses).toEqual([]);
	}, 90_000);
});
