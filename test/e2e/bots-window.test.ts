import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { BotWorker, readBotsOptions, summarise } from "../../bots/index.ts";
import { isHealthy } from "../../bots/metrics/summary.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { startServer } from "../support/start-server.ts";

describe("a worker's window", () => {
	let server: OpenServer | null = null;
	afterEach(() => server?.close());

	async function open(args: readonly string[]) {
		server = await openServer({ games: [await moduleFile("dots")] });
		const { url } = await server.listen(0);
		const where = ["--url", url.replace("http", "ws"), "--game", "dots", "--seed", "1"];
		const options = readBotsOptions([...where, ...args]);
		return {
			url,
			options,
			worker: new BotWorker({ ...options, behaviour: null, first: 0, every: 1 }),
		};
	}

	it("counts those who never come back from a storm, and how long they have been away", async () => {
		const { url, options, worker } = await open(["--storm", "100%", "--storm-every", "500ms"]);
		await worker.scaleTo(6, 200);
		const measuring = worker.measure(3);
		const isCutOff = async (): Promise<boolean> => {
			const health = (await (await fetch(`${url}/healthz`)).json()) as { connections: number };
			return health.connections === 0;
		};
		while (!(await isCutOff())) await sleep(5);
		await server?.close();
		const totals = await measuring;
		await worker.leave();
		expect(totals).toMatchObject({ connected: 6, connectedAtEnd: 0, disconnects: 0, gone: 6 });
		expect(totals.rejoins.maxUs).toBeGreaterThan(1_000_000);
		expect(totals.rejoins.counts.reduce((a, b) => a + b, 0)).toBe(6);
		const server0 = { cpu: null, tickLatenessP50Ms: null, tickLatenessP99Ms: null };
		const told = {
			...server0,
			droppedTicks: null,
			rooms: null,
			version: null,
			missing: "it is gone",
		};
		const summary = summarise(options, { totals, server: told, toolCpu: 0, seconds: 3 });
		expect(isHealthy(summary)).toBe(false);
	});

	it("has inputs of rooms that stood still and dropped the time, as players go on", async () => {
		// a stopped supervisor would not stop the rooms of its workers
		const child = await startServer(["dist/games/arena.wasm", "--workers", "0"]);
		const where = ["--url", child.url.replace("http", "ws"), "--seed", "1"];
		const options = { ...readBotsOptions(where), behaviour: null, first: 0, every: 1 };
		const worker = new BotWorker(options);
		try {
			await worker.scaleTo(4, 200);
			await sleep(1_000);
			const measuring = worker.measure(4.5);
			child.process.kill("SIGSTOP");
			await sleep(3_000);
			child.process.kill("SIGCONT");
			const { latencies } = await measuring;
			// those who were given into the silence waited longer than it was after they were
			expect(latencies.maxUs).toBeGreaterThan(2_500_000);
			expect(latencies.maxUs).toBeLessThan(5_000_000);
			const after = await worker.measure(1);
			// pings alone would be some dozens of bytes
			expect(after.sentBytes).toBeGreaterThan(4 * 300);
		} finally {
			child.process.kill("SIGCONT");
			await worker.leave();
			await child.stop();
		}
	});

	it("ends for bytes when its time is over, though it waits for clients who are silent", async () => {
		// so far away that nobody is back from the storm before the wait is over
		const storm = ["--storm", "20%", "--storm-every", "900ms", "--latency", "400ms"];
		const { worker } = await open(storm);
		await worker.scaleTo(10, 200);
		await sleep(1_000);
		const totals = await worker.measure(1);
		await worker.leave();
		expect(totals.stormed).toBeGreaterThan(0);
		expect(totals.snapshots).toBeGreaterThan(100);
		expect(totals.snapshots).toBeLessThan(10 * 23);
	});
});
