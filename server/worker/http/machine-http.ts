import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { hasToken, isFromHere, namesThisMachine } from "../../ops/access.ts";
import { auditRequest } from "../../ops/audit/audited.ts";
import { type MetricsReaders, pathOf, sendMonitor, sendPage } from "../../ops/http.ts";
import { EXPOSITION_TYPE } from "../../ops/metrics/exposition.ts";
import { sendJson } from "../../ops/send-json.ts";
import { askAll, type Machine, passOn } from "./machine.ts";
import { MachineAdmin } from "./machine-admin.ts";
import { mergeMetrics } from "./merge-metrics.ts";

interface MachineHttpOptions {
	readonly machine: Machine;
	/** Null: there is no admin API. */
	readonly adminToken: string | null;
	readonly adminRemote: boolean;
	readonly metricsReaders: MetricsReaders;
	readonly pageFolder: string | null;
	readonly monitorFolder: string | null;
}

interface Health {
	rooms: number;
	faults: number;
	roomsFailed: number;
	journalsStopped: number;
	drops: Record<string, number>;
}

/** Answers `/healthz`, `/rooms`, `/metrics`, `/modules/…`, `/admin/…`, `/monitor` and the page for the whole machine. */
export class MachineHttp {
	private readonly options: MachineHttpOptions;
	private readonly admin: MachineAdmin | null;

	constructor(options: MachineHttpOptions) {
		this.options = options;
		const { adminToken, machine } = options;
		this.admin = adminToken === null ? null : new MachineAdmin(machine);
	}

	readonly handle: RequestListener = (request, response) => {
		this.answer(request, response).catch((error: Error) => {
			if (response.headersSent) response.destroy();
			else sendJson(response, 502, { error: "ERR_WORKER_ANSWER", detail: error.message });
		});
	};

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (this.options.machine.upgrader.isGiven) {
			response.setHeader("connection", "close");
			response.setHeader("retry-after", "1");
			return sendJson(response, 503, { error: "ERR_SERVER_SHUTDOWN" });
		}
		const target = pathOf(request);
		if (target === null) return sendJson(response, 400, { error: "ERR_BAD_TARGET" });
		if (target.startsWith("/admin/")) return this.answerAdmin(request, response);
		if (request.method !== "GET" && request.method !== "HEAD") {
			response.setHeader("allow", "GET, HEAD");
			return sendJson(response, 405, { error: "ERR_METHOD" });
		}
		if (target === "/healthz") return this.sendHealth(response);
		if (target === "/rooms") return this.sendRooms(request, response);
		if (target === "/metrics") return this.sendMetrics(request, response);
		const { adminToken, adminRemote, monitorFolder, pageFolder } = this.options;
		if (target === "/monitor" || target.startsWith("/monitor/")) {
			const admin = adminToken === null ? null : { remote: adminRemote };
			return sendMonitor(request, response, { admin, monitorFolder }, target);
		}
		if (/^\/modules\/[0-9a-f]{64}\.wasm$/.test(target)) return this.sendModule(response, target);
		sendPage(request, response, pageFolder);
	}

	private isTrusted(request: IncomingMessage): boolean {
		const { adminToken } = this.options;
		return adminToken !== null && hasToken(request, adminToken);
	}

	private async answerAdmin(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (this.admin === null) return sendJson(response, 404, { error: "ERR_ADMIN_OFF" });
		if (!this.options.adminRemote && !isFromHere(request)) {
			return sendJson(response, 403, { error: "ERR_ADMIN_REMOTE" });
		}
		if (!this.isTrusted(request)) return sendJson(response, 401, { error: "ERR_ADMIN_TOKEN" });
		auditRequest(request, response, this.options.machine.audit);
		await this.admin.answer(request, response);
	}

	private async sendHealth(response: ServerResponse): Promise<void> {
		const { machine } = this.options;
		const all = await askAll<Health>(machine, { method: "GET", path: "/healthz" });
		const sum = (read: (health: Health) => number): number =>
			all.reduce((total, { answer }) => total + read(answer), 0);
		const drops: Record<string, number> = {};
		for (const { answer } of all) {
			for (const [name, count] of Object.entries(answer.drops)) {
				drops[name] = (drops[name] ?? 0) + count;
			}
		}
		const workers = machine.workers();
		const isWhole = workers.every(({ state }) => state === "running");
		sendJson(response, all.length > 0 ? 200 : 503, {
			status: all.length === 0 ? "down" : isWhole ? "ok" : "degraded",
			uptimeSeconds: Math.round((Date.now() - machine.startedMs) / 1000),
			rooms: sum(({ rooms }) => rooms),
			connections: machine.connections(),
			faults: sum(({ faults }) => faults),
			roomsFailed: sum(({ roomsFailed }) => roomsFailed),
			journalsStopped: sum(({ journalsStopped }) => journalsStopped),
			drops,
			workers: workers.map(({ worker, state, restarts }) => ({ worker, state, restarts })),
		});
	}

	/** A room's id is a way in: strangers are told how many rooms there are, and not which. */
	private async sendRooms(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { machine } = this.options;
		const all = await askAll<{ id?: string }[]>(machine, { method: "GET", path: "/rooms" });
		const knows = (isFromHere(request) && namesThisMachine(request)) || this.isTrusted(request);
		const rooms = all.flatMap(({ worker, answer }) =>
			answer.map(({ id, ...room }) => ({ ...(knows ? { id } : {}), ...room, worker })),
		);
		sendJson(response, 200, rooms);
	}

	private async sendMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { machine, metricsReaders } = this.options;
		if (metricsReaders === "off") return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
		const isHere = isFromHere(request) && namesThisMachine(request);
		if (metricsReaders !== "all" && !isHere && !this.isTrusted(request)) {
			return sendJson(response, 403, { error: "ERR_METRICS_REMOTE" });
		}
		const texts = new Map([["supervisor", machine.metrics()]]);
		const answers = machine.running().map(async ({ worker, place }) => {
			const { body } = await machine.control.ask(place, { method: "GET", path: "/metrics" });
			texts.set(String(worker), body.toString());
		});
		await Promise.allSettled(answers);
		response.writeHead(200, {
			"content-type": EXPOSITION_TYPE,
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
		});
		const sorted = [...texts].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
		response.end(mergeMetrics(new Map(sorted)));
	}

	/** Any worker that has it: rules that are on trial may be in one alone. */
	private async sendModule(response: ServerResponse, path: string): Promise<void> {
		const { machine } = this.options;
		for (const { place } of machine.running()) {
			const answer = await machine.control.open(place, { method: "GET", path });
			if (answer.statusCode === 200) return passOn(answer, response);
			answer.resume();
		}
		sendJson(response, 404, { error: "ERR_MODULE_UNKNOWN" });
	}
}
