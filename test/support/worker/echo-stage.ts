import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import { KeptSockets } from "../../../server/worker/socket-passing/kept-sockets.ts";
import type { EchoOrder, EchoReport } from "./echo-worker.ts";

const FILE = path.resolve(
	import.meta.dirname,
	"../../..",
	"dist/test/support/worker/echo-worker.js",
);

/** Some echo workers behind one port: the supervisor's part of passing sockets, and nothing else. */
export class EchoStage {
	readonly kept = new KeptSockets();
	readonly workers: ChildProcess[] = [];
	/** Which worker has which socket; -1 - worker while it is asked to give it back. */
	readonly owners = new Map<number, number>();
	/** Sockets that would not move. */
	refused = 0;
	/** Sockets that were moved; each counts as often as it was. */
	moved = 0;
	/** Moves with bytes of half a message, and with bytes that the client had not taken. */
	withUnread = 0;
	withUnsent = 0;
	private readonly http = createServer();

	async start(workers: number): Promise<number> {
		for (let i = 0; i < workers; i++) {
			const child = fork(FILE, [], { serialization: "advanced" });
			this.workers.push(child);
			await once(child, "message");
			child.on("message", (report: EchoReport) => this.hear(report));
		}
		this.http.on("upgrade", ({ url = "/", headers }, socket: Socket, head: Buffer) => {
			const taken = this.kept.keep(socket);
			if (!taken) return;
			const behind = Buffer.concat([head, taken.unread]);
			this.send(0, { open: taken.number, request: { url, headers, behind } }, taken.number);
		});
		this.http.listen(0, "127.0.0.1");
		await once(this.http, "listening");
		return (this.http.address() as AddressInfo).port;
	}

	/** Gives a worker a socket, with an order. */
	send(worker: number, order: EchoOrder, socket: number): void {
		this.owners.set(socket, worker);
		this.kept.pass(socket, this.workers[worker] as ChildProcess, order);
	}

	/** Moves these sockets from the worker that has them to the next one. */
	move(sockets: readonly number[]): void {
		this.workers.forEach((child, worker) => {
			const own = sockets.filter((socket) => this.owners.get(socket) === worker);
			for (const socket of own) this.owners.set(socket, -1 - worker);
			if (own.length > 0) child.send({ release: own } satisfies EchoOrder);
		});
	}

	private hear(report: EchoReport): void {
		if ("gone" in report) {
			this.owners.delete(report.gone);
			this.kept.end(report.gone);
		} else if ("released" in report) {
			const { released, carried } = report;
			const from = -1 - (this.owners.get(released) ?? -1);
			if (carried === null) {
				this.refused++;
				this.owners.set(released, from);
				return;
			}
			const to = (from + 1) % this.workers.length;
			this.moved++;
			if (carried.unread.length > 0) this.withUnread++;
			if (carried.unsent.length > 0) this.withUnsent++;
			this.send(to, { adopt: released, carried }, released);
		}
	}

	stop(): void {
		for (const child of this.workers) child.kill("SIGKILL");
		this.kept.endAll();
		this.http.close();
	}
}
