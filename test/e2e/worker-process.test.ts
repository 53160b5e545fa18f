import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { entryFile } from "../../server/worker/entry-file.ts";
import { ControlClient } from "../../server/worker/http/control-client.ts";
import { type Report, readReport } from "../../server/worker/messages/report.ts";
import type { WorkerConfig } from "../../server/worker/worker-config.ts";
import { moduleFile } from "../fixtures/build-module.ts";

const control = new ControlClient();
let child: ChildProcess | null = null;
afterEach(() => {
	child?.kill("SIGKILL");
	control.close();
});

/** A worker's process that has been told to start by a supervisor that is not there. */
async function begin() {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-test-"));
	const place = { socketPath: path.join(folder, "1.sock"), secret: "a secret of tests" };
	const config: WorkerConfig = {
		worker: 1,
		logLevel: "error",
		control: place,
		isKeeper: false,
		logging: { incarnation: "test", dead: [], share: null },
		recordFolder: null,
		recordRetention: null,
		server: {
			games: [await moduleFile("dots")],
			rooms: {},
			connections: {},
			deployments: {},
			recovery: null,
		},
	};
	const started = fork(entryFile("worker-entry"), [], { serialization: "advanced" });
	child = started;
	await new Promise<void>((resolve) => started.send({ start: config }, () => resolve()));
	return { place, child: started };
}

/** One that runs, and what it reports. */
async function start() {
	const { place, child: started } = await begin();
	const reports: Report[] = [];
	const ready = new Promise<void>((resolve) => {
		started.on("message", (message) => {
			const report = readReport(message);
			if (report === null) throw new Error("the worker speaks nonsense");
			reports.push(report);
			if (report.type === "ready") resolve();
		});
	});
	await ready;
	return { place, reports, child: started };
}

describe("the process of a worker", () => {
	it("tells of a room that has opened before anybody else can know of it", async () => {
		const { place, reports } = await start();
		for (let i = 0; i < 10; i++) {
			const asked = { method: "POST", path: "/admin/games/dots/rooms" };
			const { id } = JSON.parse((await control.ask(place, asked)).body.toString()) as {
				id: string;
			};
			// what was sent before the answer may lie in another pipe: one turn of the loop reads all of them
			await turn();
			await turn();
			const opened = reports.flatMap((report) => (report.type === "rooms" ? report.opened : []));
			expect(opened.map((room) => room.id)).toContain(id);
		}
	});

	it("does not end when it is signalled with the whole group, and does when its supervisor is gone", async () => {
		const { child } = await start();
		child.kill("SIGTERM");
		child.kill("SIGINT");
		expect(
			(await control.ask((await start()).place, { method: "GET", path: "/healthz" })).status,
		).toBe(200);
		expect([child.exitCode, child.signalCode]).toEqual([null, null]);
		child.disconnect();
		expect(await once(child, "exit")).toEqual([0, null]);
	});

	it("ends when its supervisor is gone before it is up", async () => {
		const { child } = await begin();
		child.disconnect();
		const [, signal] = await once(child, "exit");
		expect(signal).toBeNull();
	});
});
