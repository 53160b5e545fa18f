import { once } from "node:events";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { moduleFile, sourceFolder } from "../fixtures/build-module.ts";
import { runCli, type StartedServer, startServer } from "../support/start-server.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

const TOKEN = "a token of tests";
const SECRET = "a secret of these tests";
let receiver: WebhookReceiver;
let server: StartedServer | null = null;
let room: Room | null = null;
let folder: string;

beforeEach(async () => {
	receiver = await WebhookReceiver.start(SECRET);
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-results-"));
});

afterEach(async () => {
	room?.leave();
	room = null;
	await server?.stop();
	server = null;
	await receiver.stop();
});

async function start(...more: string[]): Promise<void> {
	await writeFile(path.join(folder, "secret"), `${SECRET}\n`);
	const webhook = ["--webhook", receiver.url, "--webhook-secret-file", path.join(folder, "secret")];
	const options = ["--no-page", "--admin-token", TOKEN, "--data", folder, ...webhook, ...more];
	server = await startServer([await moduleFile("duel"), ...options]);
}

async function enter(): Promise<Room> {
	const url = (server as StartedServer).url.replace("http", "ws");
	room = await connect(url, { game: "duel", name: "Ada", interpolate: false });
	return room;
}

/** Of the only row, as the client sees it. */
function seen(entered: Room, column: "wins" | "level" | "failures"): number {
	entered.update();
	const { duelist } = entered.state as unknown as { duelist: Record<string, ArrayLike<number>> };
	return duelist?.[column]?.[0] ?? 0;
}

async function ask<T>(target: string): Promise<T> {
	const headers = { authorization: `Bearer ${TOKEN}` };
	return (await fetch(`${(server as StartedServer).url}${target}`, { headers })).json() as T;
}

/** Kills the worker that has the only room. */
async function killWorker(): Promise<void> {
	const [listed] = await ask<{ worker: number }[]>("/rooms");
	const lines = await ask<WorkerLine[]>("/admin/workers");
	const { pid } = lines.find(({ worker }) => worker === listed?.worker) as WorkerLine;
	process.kill(pid as number, "SIGKILL");
}

/** A figure that has not changed for a while. */
async function settled(read: () => number): Promise<number> {
	for (let last = -1; ; ) {
		const now = read();
		if (now === last) return now;
		last = now;
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
}

const standings = (): Set<string> =>
	new Set(receiver.deliveries.flatMap(({ key, body }) => (body.name === "standing" ? [key] : [])));

describe("results of a match", () => {
	it.each([["0"], ["2"]])(
		"arrive once for each key, though what ran the match was killed right after they were said (--workers %s)",
		async (workers) => {
			// nobody takes anything before the crash
			receiver.answer = () => 503;
			await start("--workers", workers);
			const entered = await enter();
			entered.input = { win: true, ask: false };
			await expect.poll(() => seen(entered, "wins"), { timeout: 10_000 }).toBeGreaterThan(30);
			if (workers === "0") {
				const { process: child } = server as StartedServer;
				child.kill("SIGKILL");
				await new Promise((resolve) => child.once("exit", resolve));
				receiver.answer = () => 200;
				entered.leave();
				await start("--workers", workers);
				// it can be told of by nobody else: the match went no further
				const last = seen(entered, "wins");
				await expect.poll(() => standings().size, { timeout: 20_000 }).toBeGreaterThanOrEqual(last);
				return;
			}
			const before = seen(entered, "wins");
			await killWorker();
			receiver.answer = () => 200;
			await expect
				.poll(() => seen(entered, "wins"), { timeout: 20_000 })
				.toBeGreaterThan(before + 30);
			entered.input = { win: false, ask: false };
			const wins = await settled(() => seen(entered, "wins"));
			// each win of the room's one history was told under a key of its own, and no other
			await expect.poll(() => standings().size, { timeout: 20_000 }).toBe(wins);
			expect(receiver.refused).toEqual([]);
		},
		60_000,
	);
});

describe("results of a room that moves", () => {
	it("arrive once, from whichever worker had the room", async () => {
		await start("--workers", "2");
		const entered = await enter();
		entered.input = { win: true, ask: false };
		for (let moves = 0; moves < 3; ) {
			const before = seen(entered, "wins");
			await expect
				.poll(() => seen(entered, "wins"), { timeout: 10_000 })
				.toBeGreaterThan(before + 20);
			const headers = { authorization: `Bearer ${TOKEN}` };
			const url = `${(server as StartedServer).url}/admin/rooms/${entered.id}/move`;
			// one that took too long on a busy machine is asked for again
			if ((await fetch(url, { method: "POST", headers })).ok) moves++;
		}
		entered.input = { win: false, ask: false };
		const wins = await settled(() => seen(entered, "wins"));
		await expect.poll(() => standings().size, { timeout: 20_000 }).toBe(wins);
		expect(receiver.deliveries.length).toBe(2 * wins);
		expect(new Set([...standings()].map((key) => key.split(":")[1])).size).toBeGreaterThan(2);
	}, 90_000);
});

describe("hooks of a server with workers", () => {
	it("answer requests and are told of results, in the worker that has the room", async () => {
		const hooks = path.join(folder, "hooks.mjs");
		await writeFile(
			hooks,
			`import { appendFileSync } from "node:fs";
			const say = (name) => (what) =>
				appendFileSync(${JSON.stringify(path.join(folder, "said"))}, JSON.stringify([name, what]) + "\\n");
			export const hooks = {
				roomOpened: say("roomOpened"), joined: say("joined"), left: say("left"), result: say("result"),
				async request({ name, player }) {
					if (name === "weather") throw new Error("nobody knows");
					return { level: player.name.length, isNew: true };
				},
			};`,
		);
		await start("--workers", "2", "--hooks", hooks);
		const entered = await enter();
		await expect.poll(() => seen(entered, "level"), { timeout: 10_000 }).toBe(1003);
		entered.input = { win: true, ask: false };
		await receiver.has(3);
		entered.leave();
		const said = async (): Promise<[string, { player?: { name: string } | null }][]> =>
			(await readFile(path.join(folder, "said"), "utf8"))
				.trim()
				.split("\n")
				.map((line) => JSON.parse(line));
		await expect
			.poll(async () => new Set((await said()).map(([name]) => name)), { timeout: 10_000 })
			.toEqual(new Set(["roomOpened", "joined", "left", "result"]));
		const joined = (await said()).find(([name]) => name === "joined");
		expect(joined?.[1].player?.name).toBe("Ada");
	}, 60_000);

	it("are asked again by whoever goes on with a room whose worker was killed before they answered", async () => {
		const hooks = path.join(folder, "hooks.mjs");
		const asked = path.join(folder, "asked");
		await writeFile(
			hooks,
			`import { appendFileSync, readFileSync } from "node:fs";
			export const hooks = {
				request({ key }) {
					appendFileSync(${JSON.stringify(asked)}, key + "\\n");
					const times = readFileSync(${JSON.stringify(asked)}, "utf8").trim().split("\\n").length;
					return times === 1 ? new Promise(() => {}) : { level: 7, isNew: false };
				},
			};`,
		);
		await start("--workers", "2", "--hooks", hooks);
		const entered = await enter();
		const keys = async (): Promise<string[]> =>
			(await readFile(asked, "utf8").catch(() => "")).trim().split("\n");
		await expect.poll(async () => (await keys())[0], { timeout: 10_000 }).toMatch(/:1:\d+:0$/);
		await killWorker();
		await expect.poll(() => seen(entered, "level"), { timeout: 20_000 }).toBe(7);
		const [first, second, ...more] = await keys();
		expect([second, more, seen(entered, "failures")]).toEqual([first, [], 0]);
	}, 60_000);
});

describe("hotstep dev", () => {
	it("builds and runs the hooks beside the game, and changed ones again", async () => {
		await cp(sourceFolder("duel"), folder, { recursive: true });
		const hooks = (level: number): Promise<void> =>
			writeFile(
				path.join(folder, "hooks.ts"),
				`import type { Hooks } from "hotstep";
				export const hooks: Hooks = { request: () => ({ level: ${level}, isNew: false }) };`,
			);
		await hooks(3);
		const dev = runCli(["dev", folder, "--port", "0", "--log", "error", "--no-page"]);
		let output = "";
		dev.stdout?.on("data", (chunk) => {
			output += chunk;
		});
		try {
			await expect.poll(() => output, { timeout: 30_000 }).toMatch(/serves duel on http/);
			const url = (/http:\/\/\S+/.exec(output)?.[0] ?? "").replace("http", "ws");
			room = await connect(url, { game: "duel", name: "Ada", interpolate: false });
			await expect.poll(() => seen(room as Room, "level"), { timeout: 10_000 }).toBe(3);
			room.leave();
			await hooks(4);
			await expect
				.poll(
					async () => {
						room = await connect(url, { game: "duel", name: "Ada", interpolate: false });
						await new Promise((resolve) => setTimeout(resolve, 300));
						const level = seen(room, "level");
						room.leave();
						return level;
					},
					{ timeout: 20_000 },
				)
				.toBe(4);
		} finally {
			dev.kill("SIGTERM");
			await once(dev, "exit");
		}
	}, 90_000);
});
