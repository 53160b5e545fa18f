import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { ClosedAnswer, Overview, RoomLine } from "../../../protocol/admin-answers.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { MessageAnswer } from "../../../protocol/operator-answers.ts";
import { VERSION } from "../../installation.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { readMessage } from "../../ops/admin/operate.ts";
import { readOverviewQuery } from "../../ops/admin/overview-query.ts";
import { noteDetail } from "../../ops/audit/audited.ts";
import { readBody } from "../../ops/read-body.ts";
import { sendJson } from "../../ops/send-json.ts";
import type { ControlAnswer, ControlPlace, ControlRequest } from "./control-client.ts";
import { askAll, controlPath, type Machine, passOn } from "./machine.ts";
import {
	type Answered,
	mergeClosed,
	mergeDeployment,
	mergeGames,
	mergeOverviews,
	mergeRooms,
	workerKey,
} from "./merge-answers.ts";

interface Call {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly url: URL;
	/** The second part of the path, still encoded. */
	readonly name: string;
}

/** `/admin/…` of all workers: lists are put together, rooms answered by who has them, deployments done by all. */
export class MachineAdmin {
	private readonly machine: Machine;

	constructor(machine: Machine) {
		this.machine = machine;
	}

	/** Answers somebody who may ask. */
	async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(controlPath(request), "http://localhost");
		const [, , kind = "", name = "", ...rest] = url.pathname.split("/");
		const call: Call = { request, response, url, name };
		const isGet = request.method === "GET";
		if (kind === "overview" && isGet) return this.sendOverview(call);
		if (kind === "audit" && isGet) {
			return sendJson(response, 200, { lines: await this.machine.audit.list() });
		}
		if (kind === "message" && request.method === "POST") return this.sendMessage(call);
		if (kind === "workers") return this.sendWorkers(call, rest[0]);
		if (kind === "upgrade" && request.method === "POST") {
			const upgraded = await this.machine.upgrader.upgrade();
			return sendJson(response, "error" in upgraded ? 409 : 200, upgraded);
		}
		if (kind === "games" && name === "" && isGet) {
			return sendJson(response, 200, mergeGames(await this.askAll(call)));
		}
		if (kind === "games" && rest[0] === "deployments" && isGet) return this.sendDeployments(call);
		if (kind === "games" && rest[0] === "rooms")
			return this.toWorker(call, this.machine.nextWorker());
		if (kind === "games" && request.method === "POST") return this.deploy(call);
		if (kind === "closed" && name === "" && isGet) {
			return sendJson(response, 200, mergeClosed(await this.askAll<ClosedAnswer>(call)));
		}
		if (kind === "closed" && /^\d{1,10}$/.test(name)) {
			const { worker, key } = workerKey(Number(name));
			call.url.pathname = ["", "admin", "closed", key, ...rest].join("/");
			return this.toWorker(call, worker);
		}
		if (kind === "rooms") {
			const room = decodeURIComponent(name);
			if (rest[0] === "move" && request.method === "POST") return this.move(call, room);
			if (!isGet) await this.machine.moves.whenStill(room);
			const owner = this.machine.ownerOf(room);
			if (isGet && owner !== null && rest.length === 0) return this.sendRoom(call, owner);
			if (owner !== null) return this.toWorker(call, owner);
			const detail = `no room "${room}"`;
			return sendJson(response, 404, { error: "ERR_ADMIN_ROOM", detail });
		}
		// what it is not, any worker says as a server of one process does
		return this.toWorker(call, this.machine.running()[0]?.worker ?? null);
	}

	/** Lists workers, or says that one is to be empty, or may have rooms again. */
	private sendWorkers({ request, response, name }: Call, what: string | undefined): void {
		const { machine } = this;
		if (name === "" && request.method === "GET") return sendJson(response, 200, machine.workers());
		const isKnown = what === "drain" || what === "undrain";
		if (!isKnown || request.method !== "POST") {
			return sendJson(response, 404, { error: "ERR_NOT_FOUND" });
		}
		const lineOf = () => machine.workers().find(({ worker }) => String(worker) === name);
		const line = lineOf();
		if (!line) {
			const detail = `no worker "${name}": they are numbered from 1`;
			return sendJson(response, 404, { error: "ERR_ADMIN_WORKER", detail });
		}
		machine.balancer[what](line.worker);
		sendJson(response, 200, lineOf());
	}

	private askAll<T>({ url }: Call): Promise<Answered<T>[]> {
		return askAll<T>(this.machine, { method: "GET", path: `${url.pathname}${url.search}` });
	}

	/** What is asked is answered by one worker. */
	private async toWorker({ request, response, url }: Call, worker: number | null): Promise<void> {
		const place = this.machine.running().find((one) => one.worker === worker)?.place;
		if (!place) {
			const detail = `worker ${worker ?? "(any)"} does not run`;
			return sendJson(response, 503, { error: "ERR_WORKER_DOWN", detail });
		}
		const body = await readBody(request, LIMITS.moduleBytes + SERVER_LIMITS.mapBytes);
		if (body === null) return sendJson(response, 400, { error: "ERR_BODY_INVALID" });
		const asked = await this.machine.control.open(place, {
			method: request.method ?? "GET",
			path: `${url.pathname}${url.search}`,
			headers: headersFor(request),
			...(body.length > 0 ? { body } : {}),
		});
		passOn(asked, response);
	}

	/** A room, and which worker has it. */
	private async sendRoom(call: Call, worker: number): Promise<void> {
		const place = this.machine.running().find((one) => one.worker === worker)?.place;
		if (!place) return this.toWorker(call, worker);
		const path = `${call.url.pathname}${call.url.search}`;
		const { status, body } = await this.machine.control.ask(place, { method: "GET", path });
		const answer = JSON.parse(body.toString()) as { room?: object };
		const told = answer.room ? { ...answer, room: { ...answer.room, worker } } : answer;
		sendJson(call.response, status, told);
	}

	/** Moves a room to a worker, or to the least busy one that has not got it. */
	private async move({ request, response }: Call, room: string): Promise<void> {
		const asked = await readJson(request);
		const to = asked === null ? null : (asked.worker ?? this.othersThan(room)[0] ?? 0);
		if (typeof to !== "number") return sendJson(response, 400, { error: "ERR_BODY_INVALID" });
		noteDetail(response, `to worker ${to}`);
		const result = await this.machine.moves.move(room, to);
		sendJson(response, "error" in result ? 409 : 200, result);
	}

	/** Workers that have not got a room, the least busy first. */
	private othersThan(room: string): number[] {
		const owner = this.machine.ownerOf(room);
		return this.machine.byLoad().filter((worker) => worker !== owner);
	}

	/** Shows a line to everybody, or to those in one room. */
	private async sendMessage({ request, response, url }: Call): Promise<void> {
		const message = await readMessage(request);
		if ("error" in message) return sendJson(response, 400, message);
		const room = url.searchParams.get("room");
		noteDetail(response, `${room ? `to room ${room}` : "to all"}: ${message.text ?? "(none)"}`);
		const asked: ControlRequest = {
			method: "POST",
			path: `${url.pathname}${url.search}`,
			body: Buffer.from(JSON.stringify(message)),
		};
		if (room === null) {
			const all = await askAll<MessageAnswer>(this.machine, asked);
			const sum = (read: (answer: MessageAnswer) => number): number =>
				all.reduce((total, { answer }) => total + read(answer), 0);
			const told: MessageAnswer = {
				rooms: sum((one) => one.rooms),
				clients: sum((one) => one.clients),
			};
			return sendJson(response, 200, told);
		}
		await this.machine.moves.whenStill(room);
		const owner = this.machine.ownerOf(room);
		const place = this.machine.running().find(({ worker }) => worker === owner)?.place;
		if (place) return passOn(await this.machine.control.open(place, asked), response);
		sendJson(response, 404, { error: "ERR_ADMIN_ROOM", detail: `no room "${room}"` });
	}

	private async sendOverview({ response, url }: Call): Promise<void> {
		const query = readOverviewQuery(url.searchParams);
		if ("error" in query) return sendJson(response, 400, query);
		const { offset, limit, rooms } = query;
		const first = await this.overviews(url, 0);
		const lists: Answered<RoomLine[]>[] = first.map(({ worker, answer }) => {
			return { worker, answer: [...answer.rooms] };
		});
		// no worker has more of the rooms that are shown than are shown up to there
		for (
			let from = SERVER_LIMITS.adminRooms;
			from < offset + limit;
			from += SERVER_LIMITS.adminRooms
		) {
			for (const { worker, answer } of await this.overviews(url, from)) {
				lists.find((list) => list.worker === worker)?.answer.push(...answer.rooms);
			}
		}
		const merged = mergeRooms(lists, rooms.sort).slice(offset, offset + limit);
		const own = {
			timeMs: performance.now(),
			version: VERSION,
			uptimeSeconds: Math.round((Date.now() - this.machine.startedMs) / 1000),
			connections: this.machine.connections(),
			offset,
			workers: this.machine.workers(),
			auditRevision: this.machine.audit.revision,
		};
		sendJson(response, 200, mergeOverviews(first, merged, own));
	}

	private overviews(url: URL, offset: number): Promise<Answered<Overview>[]> {
		const query = new URLSearchParams(url.searchParams);
		query.set("offset", String(offset));
		query.set("limit", String(SERVER_LIMITS.adminRooms));
		return askAll(this.machine, { method: "GET", path: `/admin/overview?${query}` });
	}

	private async sendDeployments(call: Call): Promise<void> {
		const byId = new Map<unknown, Answered<Record<string, unknown>>[]>();
		for (const { worker, answer } of await this.askAll<Record<string, unknown>[]>(call)) {
			for (const deployment of answer) {
				const key = `${deployment.id} ${deployment.hash}`;
				byId.set(key, [...(byId.get(key) ?? []), { worker, answer: deployment }]);
			}
		}
		sendJson(call.response, 200, [...byId.values()].map(mergeDeployment));
	}

	/**
	 * Deploys in all workers, or in none: where one refuses, the others take their rules back. Canaries are chosen in
	 * each worker.
	 */
	private deploy(call: Call): Promise<void> {
		return this.machine.moves.whileNothingMoves(() => this.deployNow(call));
	}

	private async deployNow({ request, response, url, name }: Call): Promise<void> {
		if (this.machine.upgrader.isUnderWay) {
			const detail = "Hotstep is being upgraded: deploy when that is over";
			return sendJson(response, 409, { error: "ERR_UPGRADE_BUSY", detail });
		}
		const isWhole = this.machine.workers().every(({ state }) => /running|leftOut/.test(state));
		if (!isWhole) {
			const detail = "a worker is being started again: deploy when all of them run";
			return sendJson(response, 503, { error: "ERR_WORKER_DOWN", detail });
		}
		const body = await readBody(request, LIMITS.moduleBytes + SERVER_LIMITS.mapBytes);
		const tooLong = { error: "ERR_SWAP_BODY", detail: "the body is too long" };
		if (body === null) return sendJson(response, 409, tooLong);
		const asked: ControlRequest = {
			method: "POST",
			path: `${url.pathname}${url.search}`,
			headers: headersFor(request),
			body,
		};
		const answers = await Promise.all(
			this.machine.running().map(async ({ worker, place }) => {
				return { worker, place, ...(await this.askOne(place, asked)) };
			}),
		);
		const refused = answers.find(({ status }) => status >= 400);
		if (!refused) {
			const merged = mergeDeployment(
				answers.map(({ worker, body }) => ({ worker, answer: JSON.parse(body.toString()) })),
			);
			return sendJson(response, 200, merged);
		}
		if (/\/(swap|promote)$/.test(url.pathname)) {
			const back = answers.filter(({ status }) => status < 400);
			const path = `/admin/games/${name}/rollback?by=the+supervisor`;
			await Promise.all(back.map(({ place }) => this.askOne(place, { method: "POST", path })));
		}
		sendJson(response, refused.status, {
			...(JSON.parse(refused.body.toString()) as object),
			worker: refused.worker,
		});
	}

	/** A worker that dies over it has refused. */
	private async askOne(place: ControlPlace, request: ControlRequest): Promise<ControlAnswer> {
		try {
			return await this.machine.control.ask(place, request);
		} catch (thrown) {
			const { message: detail } = thrown as Error;
			const body = Buffer.from(JSON.stringify({ error: "ERR_WORKER_ANSWER", detail }));
			return { status: 502, body };
		}
	}
}

/** A body that is an object, or nothing; null for another. */
async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | null> {
	const body = await readBody(request, SERVER_LIMITS.httpTargetBytes);
	if (body === null) return null;
	if (body.length === 0) return {};
	try {
		const value: unknown = JSON.parse(body.toString());
		return typeof value === "object" && value !== null ? { ...value } : null;
	} catch {
		return null;
	}
}

/** What a worker must know of a request beside its target and its body. */
function headersFor({ headers, socket }: IncomingMessage): Record<string, string> {
	const map = headers["x-hotstep-map-bytes"];
	return {
		"x-hotstep-address": socket.remoteAddress ?? "",
		...(typeof map === "string" ? { "x-hotstep-map-bytes": map } : {}),
	};
}
