import { EventEmitter } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../server/log.ts";
import type { Report } from "../../../server/worker/messages/report.ts";
import type { TcpHandle } from "../../../server/worker/socket-passing/tcp-handle.ts";
import { type GivenTo, HandOff } from "../../../server/worker/take-over/hand-off.ts";
import { TAKE_OVER_VERSION } from "../../../server/worker/take-over/wire.ts";
import type { WorkerProcess } from "../../../server/worker/worker-pool.ts";

/** A process that notes what it is sent. */
class FakeProcess extends EventEmitter implements WorkerProcess {
	readonly pid = 77;
	connected = true;
	readonly sent: { message: Record<string, unknown>; handle: unknown }[] = [];
	killed = 0;

	send(message: unknown, ...rest: unknown[]): boolean {
		const handle = typeof rest[0] === "object" ? rest[0] : undefined;
		this.sent.push({ message: message as Record<string, unknown>, handle });
		const done = rest.find((one) => typeof one === "function") as (() => void) | undefined;
		done?.();
		return true;
	}

	kill(): boolean {
		this.killed++;
		return true;
	}
}

const handle = (): TcpHandle & { closed: number } => ({
	...{ reading: false, writeQueueSize: 0, closed: 0, readStop: () => 0 },
	close() {
		this.closed++;
	},
});

let successor: FakeProcess;
let worker: FakeProcess;
let isStill: boolean;
let given: GivenTo | null;
let said: string[];
let handOff: HandOff;
const client = handle();
const listener = handle();
const ready = { type: "ready", version: TAKE_OVER_VERSION };
beforeEach(() => {
	successor = new FakeProcess();
	worker = new FakeProcess();
	isStill = true;
	given = null;
	said = [];
	handOff = new HandOff({
		log: silentLog,
		spawn: () => successor,
		begin: { log: null },
		isAtRest: () => isStill,
		giveUp(to) {
			given = to;
			const workers = [{ worker: 1, pid: 5, life: "w1-a", socketPath: "/s", secret: "x" }];
			const state = { workers, rooms: [], sockets: [], lastSocket: 9 };
			return { state, sockets: new Map([[9, client]]), listener };
		},
		stopListening: () => said.push("deaf"),
		taken: () => said.push("taken"),
		processOf: (number) => (number === 1 ? worker : null),
		over: (isWhole) => said.push(`over ${isWhole}`),
	});
});

const types = (): unknown[] => successor.sent.map(({ message }) => message.type);

describe("an old supervisor's part of an upgrade", () => {
	it("gives all away in one step, then passes on until its last worker has ended", async () => {
		expect(types()).toEqual(["begin"]);
		successor.emit("message", ready);
		await expect.poll(() => given).not.toBeNull();
		// news come after the state that they are about
		const report: Report = { type: "gone", socket: 9 };
		given?.heard(1, report);
		expect(types()).toEqual(["begin", "listener", "socket", "state", "report"]);
		expect(successor.sent.map((one) => one.handle).slice(1, 3)).toEqual([listener, client]);
		expect(said).toEqual(["deaf"]);
		successor.emit("message", { type: "taken" });
		expect(await handOff.result).toEqual({ pid: 77 });
		// orders go to the workers, each with its descriptor, of which this process keeps none
		const passed = handle();
		const order = { type: "release", sockets: [9] };
		successor.emit("message", { type: "order", worker: 1, order });
		successor.emit("message", { type: "order", worker: 1, order }, passed);
		expect(worker.sent).toEqual([
			{ message: order, handle: undefined },
			{ message: order, handle: passed },
		]);
		expect(passed.closed).toBe(1);
		successor.emit("message", { type: "kill", worker: 1 });
		expect(worker.killed).toBe(1);
		const late = handle();
		given?.connected(late, new Uint8Array(3));
		expect(successor.sent.at(-1)).toMatchObject({ message: { type: "connection" }, handle: late });
		expect(late.closed).toBe(1);
		given?.ended(1, "code 0");
		expect(said).toEqual(["deaf", "taken", "over true"]);
	});

	it("waits until no room moves, and gives nothing away before", async () => {
		isStill = false;
		successor.emit("message", ready);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(given).toBeNull();
		isStill = true;
		await expect.poll(() => given).not.toBeNull();
	});

	it.each([
		[
			"cannot start",
			(): unknown => successor.emit("message", { type: "cannot", name: "E", detail: "d" }),
		],
		["dies", (): unknown => successor.emit("exit", 1, null)],
		["cannot be started", (): unknown => successor.emit("error", new Error("no such file"))],
		["speaks nonsense", (): unknown => successor.emit("message", { type: "ready" })],
		["is of another kind", (): unknown => successor.emit("message", { ...ready, version: 99 })],
	])("ends the new one alone when that %s", async (_, fail) => {
		fail();
		expect(await handOff.result).toMatchObject({ error: "ERR_UPGRADE_FAILED" });
		expect([successor.killed, given, said]).toEqual([1, null, []]);
		// whatever it says afterwards
		successor.emit("message", ready);
		successor.emit("message", { type: "order", worker: 1, order: { type: "stop" } });
		expect([given, worker.sent]).toEqual([null, []]);
	});

	it.each(["dies", "speaks nonsense"])(
		"cannot go on when the new one %s that has everything",
		async (how) => {
			successor.emit("message", ready);
			await expect.poll(() => given).not.toBeNull();
			if (how === "dies") successor.emit("exit", null, "SIGKILL");
			else successor.emit("message", { type: "order", worker: 1, order: { type: "fly" } });
			expect(await handOff.result).toMatchObject({ error: "ERR_UPGRADE_FAILED" });
			expect(said).toEqual(["deaf", "over false"]);
		},
	);
});
