import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Overview, RoomLine, WorkerLine } from "../../../protocol/admin-answers.ts";
import type { AuditAnswer } from "../../../protocol/operator-answers.ts";
import { silentLog } from "../../../server/log.ts";
import { AuditList } from "../../../server/ops/audit/audit-list.ts";
import { ControlClient } from "../../../server/worker/http/control-client.ts";
import { MachineHttp } from "../../../server/worker/http/machine-http.ts";
import { mergeMetrics } from "../../../server/worker/http/merge-metrics.ts";

type Answers = Record<string, unknown>;

/** What each worker answers, by method and path; functions are called with what was asked. */
let answers: Answers[];
let asked: [worker: number, request: string][];
let states: WorkerLine["state"][];
let servers: Server[];
let control: ControlClient;
let url: string;
let audit: AuditList;

beforeEach(async () => {
	answers = [{}, {}];
	asked = [];
	states = ["running", "running"];
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-test-"));
	const places = [1, 2].map((worker) => path.join(folder, `${worker}.sock`));
	servers = places.map((place, i) =>
		createServer((request, response) => {
			const target = `${request.method} ${request.url?.split("?")[0]}`;
			asked.push([i + 1, `${request.method} ${request.url}`]);
			const found = (answers[i] as Answers)[target];
			if (request.headers.authorization !== "Bearer secret") response.writeHead(401);
			else if (found === undefined) response.writeHead(404, { "content-type": "application/json" });
			else if ((found as { error?: string }).error) response.writeHead(409);
			const answer =
				typeof found === "function" ? found(request) : (found ?? { error: "ERR_NOT_FOUND" });
			response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
		}).listen(place),
	);
	await Promise.all(servers.map((server) => once(server, "listening")));
	control = new ControlClient();
	audit = new AuditList(silentLog, null);
	const http = new MachineHttp({
		machine: {
			control,
			audit,
			startedMs: Date.now(),
			running: () =>
				places.flatMap((socketPath, i) =>
					states[i] === "running"
						? [{ worker: i + 1, place: { socketPath, secret: "secret" } }]
						: [],
				),
			workers: () =>
				states.map((state, i) => ({
					worker: i + 1,
					state,
					pid: 1,
					restarts: 0,
					drain: null,
					load: null,
				})),
			ownerOf: (room) => (room === "in two" ? 2 : null),
			nextWorker: () => 1,
			connections: () => 7,
			byLoad: () => [1, 2],
			upgrader: {
				async upgrade() {
					asked.push([0, "upgrade"]);
					return { pid: 12 };
				},
				isUnderWay: false,
				isGiven: false,
			},
			moves: {
				async move(room, to) {
					asked.push([to, `move ${room}`]);
					return { error: "ERR_MOVE_BUSY", detail: "" };
				},
				whenStill: () => null,
				whileNothingMoves: (run) => run(),
			},
			balancer: {
				drain: (worker) => void asked.push([worker, "drain"]),
				undrain: (worker) => void asked.push([worker, "undrain"]),
			},
			metrics: () => "# HELP a A.\n# TYPE a gauge\na 1\n",
		},
		adminToken: "operator",
		adminRemote: false,
		metricsReaders: "local",
		pageFolder: null,
		monitorFolder: null,
	});
	const own = createServer(http.handle).listen(0, "127.0.0.1");
	servers.push(own);
	await once(own, "listening");
	url = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
});

afterEach(() => {
	control.close();
	for (const server of servers) {
		server.closeAllConnections();
		server.close();
	}
});

async function ask(path: string, method = "GET", body?: string) {
	const headers = { authorization: "Bearer operator" };
	const response = await fetch(url + path, { method, headers, ...(body ? { body } : {}) });
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const line = (id: string, players: number) =>
	({ id, players, warnings: [] }) as unknown as RoomLine;

function overviewOf(...rooms: RoomLine[]) {
	return (request: IncomingMessage): Partial<Overview> => {
		const query = new URL(request.url ?? "", "http://x").searchParams;
		const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
		return {
			faults: 1,
			process: {
				cpuSeconds: 2,
				rssBytes: 3,
				heapBytes: 4,
				loopP99Ms: rooms.length,
				loopUtilization: 0,
			},
			roomCount: rooms.length,
			matched: rooms.length,
			totals: { players: 5, spectators: 0, alarm: 0, attention: 1, kinds: { late: 1 } },
			closed: { failed: 0, revision: 2 },
			rooms: rooms.slice(offset, offset + limit),
		};
	};
}

describe("the HTTP of a machine with workers", () => {
	it("puts lists in the order of one list, however long they are", async () => {
		const many = Array.from({ length: 250 }, (_, i) => line(`a${i}`, 1_000 - 2 * i));
		const more = Array.from({ length: 250 }, (_, i) => line(`b${i}`, 1_001 - 2 * i));
		answers = [
			{ "GET /admin/overview": overviewOf(...many) },
			{ "GET /admin/overview": overviewOf(...more) },
		];
		const { body } = await ask("/admin/overview?sort=players&offset=420&limit=3");
		expect(body).toMatchObject({
			roomCount: 500,
			matched: 500,
			faults: 2,
			connections: 7,
			offset: 420,
		});
		expect(body.process).toMatchObject({ cpuSeconds: 4, loopP99Ms: 250 });
		expect(body.totals).toEqual({
			players: 10,
			spectators: 0,
			alarm: 0,
			attention: 2,
			kinds: { late: 2 },
		});
		expect(body.rooms).toMatchObject([
			{ id: "b210", worker: 2 },
			{ id: "a210", worker: 1 },
			{ id: "b211", worker: 2 },
		]);
		expect(await ask("/admin/overview?limit=1000")).toMatchObject({
			status: 400,
			body: { error: "ERR_ADMIN_QUERY" },
		});
	});

	it("asks the worker that has a room, and hands its answer on as it is", async () => {
		answers[1] = { "POST /admin/rooms/in%20two/resume": { id: "in two" } };
		expect(await ask("/admin/rooms/in%20two/resume", "POST")).toEqual({
			status: 200,
			body: { id: "in two" },
		});
		expect(asked).toEqual([[2, "POST /admin/rooms/in%20two/resume"]]);
		expect((await ask("/admin/rooms/elsewhere")).body).toMatchObject({ error: "ERR_ADMIN_ROOM" });
		states[1] = "waiting";
		expect(await ask("/admin/rooms/in%20two")).toMatchObject({
			status: 503,
			body: { error: "ERR_WORKER_DOWN" },
		});
	});

	it("drains the worker that is named, and none that is not there", async () => {
		expect(await ask("/admin/workers/2/drain", "POST")).toMatchObject({
			status: 200,
			body: { worker: 2, state: "running" },
		});
		await ask("/admin/workers/2/undrain", "POST");
		expect(asked).toEqual([
			[2, "drain"],
			[2, "undrain"],
		]);
		for (const name of ["3", "0", "two", "__proto__", "02"]) {
			expect(await ask(`/admin/workers/${name}/drain`, "POST")).toMatchObject({
				status: 404,
				body: { error: "ERR_ADMIN_WORKER" },
			});
		}
		expect(await ask("/admin/workers/2/drain")).toMatchObject({ status: 404 });
		expect(await ask("/admin/workers/2/fill", "POST")).toMatchObject({ status: 404 });
		expect(asked).toHaveLength(2);
	});

	it("tells everybody, or the worker that has a room, and lists who changed what", async () => {
		answers = [
			{ "POST /admin/message": { rooms: 2, clients: 3 } },
			{
				"POST /admin/message": { rooms: 1, clients: 1 },
				"POST /admin/rooms/in%20two/players/0/kick": { error: "ERR_ADMIN_PLAYER" },
			},
		];
		const body = JSON.stringify({ text: "Hello" });
		const told = await ask("/admin/message?by=ann", "POST", body);
		expect(told).toEqual({ status: 200, body: { rooms: 3, clients: 4 } });
		expect((await ask("/admin/message?room=in+two", "POST", body)).body).toMatchObject({
			rooms: 1,
		});
		const wrong = ["", "{}", '{"text":""}', '{"text":1}', `{"text":"${"x".repeat(2_001)}"}`];
		for (const each of wrong) {
			expect((await ask("/admin/message", "POST", each)).body.error).toBe("ERR_ADMIN_MESSAGE");
		}
		expect((await ask("/admin/message?room=none", "POST", body)).body.error).toBe("ERR_ADMIN_ROOM");
		await ask("/admin/rooms/in%20two/players/0/kick", "POST");
		await ask("/admin/rooms/in%20two/move", "POST", '{"worker":1}');
		await ask("/admin/workers/2/drain", "POST");
		await ask("/admin/games/none/swap", "POST");
		await ask("/admin/nothing", "DELETE");
		const { lines } = (await ask("/admin/audit")).body as unknown as AuditAnswer;
		expect(lines.map(({ what, target, status }) => `${what} ${target} ${status}`)).toEqual([
			"DELETE nothing  404",
			"swap games/none 404",
			"drain workers/2 200",
			"move rooms/in two 409",
			"kick rooms/in two/players/0 409",
			"message  404",
			...wrong.map(() => "message  400"),
			"message  200",
			"message  200",
		]);
		expect(lines.map(({ detail }) => detail).slice(2, 6)).toEqual([
			"",
			"to worker 1",
			"",
			"to room none: Hello",
		]);
		expect(lines.at(-1)).toMatchObject({ by: "ann at 127.0.0.1", detail: "to all: Hello" });
		expect(lines[3]?.error).toBe("ERR_MOVE_BUSY");
	});

	it("deploys in all workers, and sums up what came of it", async () => {
		answers[0] = { "POST /admin/games/dots/swap": { id: 1, swapped: ["a"], trials: [] } };
		answers[1] = { "POST /admin/games/dots/swap": { id: 1, swapped: ["b", "c"], trials: [1] } };
		const { body } = await ask("/admin/games/dots/swap?policy=live", "POST", "wasm");
		expect(body).toEqual({ id: 1, swapped: ["a", "b", "c"], trials: [1] });
	});

	it("takes rules back where they were taken, when one worker refuses them", async () => {
		answers[0] = {
			"POST /admin/games/dots/swap": { id: 1 },
			"POST /admin/games/dots/rollback": {},
		};
		answers[1] = { "POST /admin/games/dots/swap": { error: "ERR_SWAP_TRIAL", detail: "it traps" } };
		expect(await ask("/admin/games/dots/swap?policy=live", "POST", "wasm")).toEqual({
			status: 409,
			body: { error: "ERR_SWAP_TRIAL", detail: "it traps", worker: 2 },
		});
		expect(asked.slice(2)).toEqual([[1, "POST /admin/games/dots/rollback?by=the+supervisor"]]);
	});

	it("deploys nothing while a worker is being started", async () => {
		states[1] = "starting";
		const answer = await ask("/admin/games/dots/swap", "POST", "wasm");
		expect(answer).toMatchObject({ status: 503, body: { error: "ERR_WORKER_DOWN" } });
		expect(asked).toEqual([]);
	});

	it("says how well the machine is, with what the workers that answer say", async () => {
		const health = {
			rooms: 2,
			faults: 1,
			roomsFailed: 0,
			journalsStopped: 0,
			drops: { ERR_KICKED: 1 },
		};
		answers = [{ "GET /healthz": health }, { "GET /healthz": health }];
		expect(await ask("/healthz")).toMatchObject({
			status: 200,
			body: { status: "ok", rooms: 4, connections: 7, drops: { ERR_KICKED: 2 } },
		});
		states[1] = "leftOut";
		expect((await ask("/healthz")).body).toMatchObject({ status: "degraded", rooms: 2 });
		states[0] = "waiting";
		expect(await ask("/healthz")).toMatchObject({ status: 503, body: { status: "down" } });
	});

	it("gives a module that any worker has", async () => {
		const hash = "a".repeat(64);
		answers[1] = { [`GET /modules/${hash}.wasm`]: "bytes" };
		expect(await (await fetch(`${url}/modules/${hash}.wasm`)).text()).toBe("bytes");
		expect((await fetch(`${url}/modules/${"b".repeat(64)}.wasm`)).status).toBe(404);
	});

	it("lets nobody in without the operator's token, whatever the workers would say", async () => {
		for (const authorization of ["Bearer secret", "Bearer ", ""]) {
			const response = await fetch(`${url}/admin/overview`, { headers: { authorization } });
			expect(response.status).toBe(401);
		}
		expect(asked).toEqual([]);
	});
});

describe("metrics of several processes", () => {
	it("have each family once and a label for the worker", () => {
		const one = '# HELP a A.\n# TYPE a counter\na{b="c"} 1\n# HELP d D.\n# TYPE d gauge\nd 2\n';
		const two = '# HELP d D.\n# TYPE d gauge\nd 3\n# HELP a A.\n# TYPE a counter\na{b="{ x"} 4\n';
		expect(
			mergeMetrics(
				new Map([
					["1", one],
					["supervisor", two],
				]),
			),
		).toBe(
			'# HELP a A.\n# TYPE a counter\na{worker="1",b="c"} 1\na{worker="supervisor",b="{ x"} 4\n' +
				'# HELP d D.\n# TYPE d gauge\nd{worker="1"} 2\nd{worker="supervisor"} 3\n',
		);
	});
});
