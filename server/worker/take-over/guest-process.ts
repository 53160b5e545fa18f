import { EventEmitter } from "node:events";
import type { TcpHandle } from "../socket-passing/tcp-handle.ts";
import type { WorkerProcess } from "../worker-pool.ts";
import type { FromNew } from "./wire.ts";

/** Tells the old supervisor something, with a descriptor or without; false when it is gone. */
type TellOld = (message: FromNew, handle: TcpHandle | undefined, done: () => void) => boolean;

/** A worker of the old supervisor, as the new one's own: what it is told goes by the old one. */
export class GuestProcess extends EventEmitter implements WorkerProcess {
	readonly pid: number;
	/** Its number at the old supervisor. */
	readonly oldNumber: number;
	connected = true;
	private readonly tell: TellOld;

	constructor(oldNumber: number, pid: number, tell: TellOld) {
		super();
		this.oldNumber = oldNumber;
		this.pid = pid;
		this.tell = tell;
	}

	/** As of a child process: an order, a descriptor or nothing, options or nothing, and what to call then. */
	send(order: unknown, ...rest: unknown[]): boolean {
		const done = rest.findLast((one): one is () => void => typeof one === "function") ?? (() => {});
		const [handle] = rest;
		const isHandle = typeof handle === "object" && handle !== null;
		const message = { type: "order", worker: this.oldNumber, order } as FromNew;
		return this.tell(message, isHandle ? (handle as TcpHandle) : undefined, done);
	}

	kill(): boolean {
		return this.tell({ type: "kill", worker: this.oldNumber }, undefined, () => {});
	}

	/** Its process is gone. */
	ended(how: string): void {
		if (!this.connected) return;
		this.connected = false;
		this.emit("exit", null, how);
	}
}
