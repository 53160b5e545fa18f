import { once } from "node:events";
import { cp, mkdtemp } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { createReceiver } from "../../examples/results-in-postgres/receiver.ts";
import { createTables } from "../../examples/results-in-postgres/store-result.ts";
import { buildHooks } from "../../game-logic/sdk/build-hooks.ts";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { hasPostgres, PostgresServer } from "../support/postgres-server.ts";
import { repositoryRoot } from "../support/repository-root.ts";
import { type StartedServer, startServer } from "../support/start-server.ts";

if (!hasPostgres) {
	const what = "results: no PostgreSQL here (apt-get install postgresql)";
	if (process.env.HOTSTEP_POSTGRES === "required") throw new Error(what);
	process.stderr.write(`${what}: skipped\n`);
}

const TOKEN = "a token of tests";
const SECRET = "a secret of these tests";

describe.skipIf(!hasPostgres)("results in PostgreSQL", () => {
	let database: PostgresServer;
	let pool: pg.Pool;
	let folder: string;
	let server: StartedServer | null = null;
	let receiver: Server | null = null;
	let room: Room | null = null;

	beforeAll(async () => {
		database = await PostgresServer.start();
		pool = new pg.Pool({ connectionString: database.url });
		pool.on("error", () => {});
		await createTables(pool);
	});
	afterAll(async () => {
		await pool.end();
		await database.close();
	});
	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), "hotstep-postgres-test-"));
		await pool.query("TRUNCATE results, players");
	});
	afterEach(async () => {
		room?.leave();
		room = null;
		await server?.stop();
		server = null;
		receiver?.closeAllConnections();
		receiver?.close();
		receiver = null;
	});

	async function play(...more: string[]): Promise<Room> {
		const game = path.join(folder, "game.wasm");
		await cp(await moduleFile("duel"), game);
		const options = ["--no-page", "--workers", "2", "--admin-token", TOKEN, "--data", folder];
		server = await startServer([game, ...options, ...more]);
		const url = server.url.replace("http", "ws");
		room = await connect(url, { game: "duel", name: "Ada", interpolate: false });
		room.input = { win: true, ask: false };
		return room;
	}

	function winsOf(entered: Room): number {
		entered.update();
		const { duelist } = entered.state as unknown as { duelist?: { wins: ArrayLike<number> } };
		return duelist?.wins[0] ?? 0;
	}

	async function ask<T>(target: string): Promise<T> {
		const headers = { authorization: `Bearer ${TOKEN}` };
		return (await fetch(`${(server as StartedServer).url}${target}`, { headers })).json() as T;
	}

	async function killWorker(): Promise<void> {
		const [listed] = await ask<{ worker: number }[]>("/rooms");
		const lines = await ask<WorkerLine[]>("/admin/workers");
		const { pid } = lines.find(({ worker }) => worker === listed?.worker) as WorkerLine;
		process.kill(pid as number, "SIGKILL");
	}

	/** Wins as they add up in the database, and the results that made them. */
	async function stored(): Promise<{ matches: number; standings: number }> {
		const { rows } = await pool.query(
			`SELECT coalesce((SELECT matches FROM players WHERE name = 'Ada'), 0)::int AS matches,
			 (SELECT count(*) FROM results WHERE name = 'standing')::int AS standings`,
		);
		return rows[0] as { matches: number; standings: number };
	}

	/** The match ends; each of its wins is in the database once. */
	async function expectOnce(entered: Room): Promise<void> {
		entered.input = { win: false, ask: false };
		let wins = -1;
		for (let now = winsOf(entered); now !== wins; now = winsOf(entered)) {
			wins = now;
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
		await expect.poll(stored, { timeout: 30_000 }).toEqual({ matches: wins, standings: wins });
	}

	it("are there once by webhook, though the worker was killed right after they were said", async () => {
		receiver = createReceiver(pool, SECRET).listen(0, "127.0.0.1");
		await once(receiver, "listening");
		const { port } = receiver.address() as AddressInfo;
		process.env.HOTSTEP_WEBHOOK_SECRET = SECRET;
		const entered = await play("--webhook", `http://127.0.0.1:${port}/`);
		delete process.env.HOTSTEP_WEBHOOK_SECRET;
		await expect.poll(() => winsOf(entered), { timeout: 10_000 }).toBeGreaterThan(20);
		await killWorker();
		const before = winsOf(entered);
		await expect.poll(() => winsOf(entered), { timeout: 20_000 }).toBeGreaterThan(before + 20);
		await expectOnce(entered);
	}, 90_000);

	it("are there once by the game's own hook, though worker and database were killed", async () => {
		const example = path.join(repositoryRoot(), "examples/results-in-postgres");
		expect(await buildHooks(example, path.join(folder, "game.hooks.mjs"))).toBeNull();
		process.env.DATABASE_URL = database.url;
		const entered = await play();
		delete process.env.DATABASE_URL;
		await expect.poll(() => winsOf(entered), { timeout: 10_000 }).toBeGreaterThan(20);
		await database.kill();
		const during = winsOf(entered);
		// the game does not wait for its database
		await expect.poll(() => winsOf(entered), { timeout: 10_000 }).toBeGreaterThan(during + 20);
		await killWorker();
		const after = winsOf(entered);
		await expect.poll(() => winsOf(entered), { timeout: 20_000 }).toBeGreaterThan(after + 20);
		await database.run();
		await expectOnce(entered);
	}, 90_000);
});
