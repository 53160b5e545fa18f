import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Report } from "../../../server/worker/messages/report.ts";
import { WORKER_LIMITS } from "../../../server/worker/worker-limits.ts";
import { WorkerPool, type WorkerProcess } from "../../../server/worker/worker-pool.ts";

class FakeProcess extends EventEmitter {
	connected = true;
	pid = 1;
	readonly sent: unknown[] = [];
	readonly kills: unknown[] = [];
	send(message: unknown): boolean {
		this.sent.push(message);
		return true;
	}
	kill(signal: unknown): boolean {
		this.kills.push(signal);
		this.end(null, "SIGKILL");
		return true;
	}
	end(code: number | null, signal: string | null = null): void {
		this.connected = false;
		this.emit("exit", code, signal);
	}
	say(report: object): void {
		this.emit("message", report);
	}
}

const READY: Report = { type: "ready", games: [], control: "" };
const LOAD: Report = {
	type: "load",
	cpu: 0,
	latenessP99Ms: 0,
	roomLog: null,
	seats: 0,
	rooms: 0,
	connections: 0,
	rssBytes: 0,
	isFull: false,
};

let spawned: { worker: number; process: FakeProcess }[];
let lines: string[];
let lost: number[];
let pool: WorkerPool;

beforeEach(() => {
	vi.useFakeTimers();
	spawned = [];
	lines = [];
	lost = [];
	pool = new WorkerPool({
		count: 2,
		spawn(worker) {
			const process = new FakeProcess();
			spawned.push({ worker, process });
			return process as unknown as WorkerProcess;
		},
		log: (_, line) => lines.push(line),
		heard: () => {},
		lost: (worker) => lost.push(worker),
		now: () => Date.now(),
	});
});

afterEach(() => {
	vi.useRealTimers();
});

/** The process that a worker has now. */
function processOf(worker: number): FakeProcess {
	return spawned.findLast((one) => one.worker === worker)?.process as FakeProcess;
}

async function up(): Promise<void> {
	const started = pool.start();
	for (const { process } of spawned) process.say(READY);
	await started;
}

const states = () => pool.workers.map(({ state }) => state);

describe("the pool of workers", () => {
	it("is up when all of them are", async () => {
		let isUp = false;
		void pool.start().then(() => {
			isUp = true;
		});
		processOf(1).say(READY);
		await vi.advanceTimersByTimeAsync(10);
		expect([isUp, ...states()]).toEqual([false, "running", "starting"]);
		processOf(2).say(READY);
		await vi.advanceTimersByTimeAsync(10);
		expect([isUp, ...states()]).toEqual([true, "running", "running"]);
	});

	it("does not come up when a worker says that it never will", async () => {
		const started = pool.start();
		processOf(1).say({ type: "cannotStart", name: "ERR_MODULE_MISSING", detail: "arena.wasm" });
		await expect(started).rejects.toMatchObject({
			name: "ERR_MODULE_MISSING",
			message: "arena.wasm",
		});
	});

	it("starts a crashed worker again and leaves out one that goes on crashing", async () => {
		await up();
		processOf(1).end(null, "SIGKILL");
		expect([pool.processOf(1), ...states()]).toEqual([null, "waiting", "running"]);
		for (let i = 0; i < 20; i++) {
			await vi.advanceTimersByTimeAsync(WORKER_LIMITS.mostBackOffMs);
			processOf(2).say(LOAD);
			if (pool.workers[0]?.state === "starting") processOf(1).end(1);
		}
		expect(states()).toEqual(["leftOut", "running"]);
		expect(lines.at(-1)).toBe("a worker crashed again and again and is left out");
		expect(spawned.filter(({ worker }) => worker === 1)).toHaveLength(
			1 + WORKER_LIMITS.crashesInRow,
		);
		expect(lost.every((worker) => worker === 1)).toBe(true);
	});

	it("kills a worker that hangs, and one that does not come up", async () => {
		await up();
		const [hung, well] = [processOf(1), processOf(2)];
		for (let i = 0; i <= WORKER_LIMITS.silentSeconds; i++) {
			await vi.advanceTimersByTimeAsync(1_000);
			well.say(LOAD);
		}
		expect([hung.kills, well.kills]).toEqual([["SIGKILL"], []]);
		const next = processOf(1);
		expect(next).not.toBe(hung);
		await vi.advanceTimersByTimeAsync(WORKER_LIMITS.startMs);
		expect(next.kills).toEqual(["SIGKILL"]);
	});

	it("answers as long as one of its workers does", async () => {
		expect(pool.isAnswering).toBe(false);
		await up();
		for (let i = 0; i < WORKER_LIMITS.answerSeconds; i++) {
			expect(pool.isAnswering).toBe(true);
			await vi.advanceTimersByTimeAsync(1_000);
		}
		expect(pool.isAnswering).toBe(false);
		processOf(2).say(LOAD);
		expect(pool.isAnswering).toBe(true);
	});

	it("kills a worker that speaks nonsense", async () => {
		await up();
		processOf(1).say({ ...LOAD, cpu: Number.NaN });
		expect(processOf(2).kills).toEqual([]);
		expect(spawned[0]?.process.kills).toEqual(["SIGKILL"]);
		expect(lines).toContain("a worker speaks nonsense");
	});

	it("waits for its workers to stop, and kills those that do not", async () => {
		await up();
		let isStopped = false;
		void pool.stop().then(() => {
			isStopped = true;
		});
		const [one, two] = [processOf(1), processOf(2)];
		expect([one.sent, two.sent]).toEqual([[{ type: "stop" }], [{ type: "stop" }]]);
		one.end(0);
		await vi.advanceTimersByTimeAsync(WORKER_LIMITS.stopMs - 1);
		expect([isStopped, two.kills]).toEqual([false, []]);
		await vi.advanceTimersByTimeAsync(1);
		expect([isStopped, two.kills]).toEqual([true, ["SIGKILL"]]);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(spawned).toHaveLength(2);
	});
});
