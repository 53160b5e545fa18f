import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { WorkerLine } from "../../../protocol/admin-answers.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { AuditList } from "../../ops/audit/audit-list.ts";
import type { Balancer } from "../moves/balancer.ts";
import type { MoveRegister } from "../moves/move-register.ts";
import type { Upgrader } from "../take-over/upgrader.ts";
import type { ControlClient, ControlPlace, ControlRequest } from "./control-client.ts";
import type { Answered } from "./merge-answers.ts";

/** What the machine's HTTP needs of the supervisor. */
export interface Machine {
	readonly control: ControlClient;
	/** Workers that run, and where they answer. */
	running(): { worker: number; place: ControlPlace }[];
	workers(): WorkerLine[];
	/** The worker that has a room. */
	ownerOf(room: string): number | null;
	/** The worker for a room that an operator opens: it counts as a client there. Null when none takes rooms. */
	nextWorker(): number | null;
	connections(): number;
	/** Workers that take rooms, the least busy first. */
	byLoad(): number[];
	readonly moves: Pick<MoveRegister, "move" | "whenStill" | "whileNothingMoves">;
	readonly upgrader: Pick<Upgrader, "upgrade" | "isUnderWay" | "isGiven">;
	readonly balancer: Pick<Balancer, "drain" | "undrain">;
	/** What was changed by whom, on the whole machine. */
	readonly audit: AuditList;
	readonly startedMs: number;
	/** The supervisor's own metrics. */
	metrics(): string;
}

/** Asks all workers the same; those that do not answer are left out. */
export async function askAll<T>(machine: Machine, request: ControlRequest): Promise<Answered<T>[]> {
	const answers = await Promise.allSettled(
		machine.running().map(async ({ worker, place }) => {
			const { status, body } = await machine.control.ask(place, request);
			if (status >= 400) throw new Error(`worker ${worker} answers ${status}`);
			return { worker, answer: JSON.parse(body.toString()) as T };
		}),
	);
	return answers.flatMap((settled) => (settled.status === "fulfilled" ? [settled.value] : []));
}

/** Headers that are about one connection, and not about what it carries. */
const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);

/** Gives a worker's answer to whoever asked. */
export function passOn(answer: IncomingMessage, response: ServerResponse): void {
	for (const [name, value] of Object.entries(answer.headers)) {
		if (value !== undefined && !HOP.has(name)) response.setHeader(name, value);
	}
	response.writeHead(answer.statusCode ?? 502);
	pipeline(answer, response, () => {});
}

/** Bytes of a target that a worker is asked. */
export function controlPath(request: IncomingMessage): string {
	return (request.url ?? "/").slice(0, SERVER_LIMITS.httpTargetBytes);
}
