import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { detachHandle, sendHandle, type TcpHandle } from "./tcp-handle.ts";

/**
 * The supervisor's duplicates of its clients' sockets. A connection ends with its last descriptor, so these keep it open
 * while it goes from one worker to another, and when a worker is killed; and it does not end before the supervisor is
 * told that the worker's end is closed.
 */
export class KeptSockets {
	private readonly handles = new Map<number, TcpHandle>();
	private last = 0;

	get size(): number {
		return this.handles.size;
	}

	/** Keeps a socket that this process accepted, which reads no more of it; null when it is closed already. */
	keep(socket: Socket): { number: number; unread: Buffer } | null {
		const detached = detachHandle(socket);
		if (detached === null) return null;
		const number = ++this.last;
		this.handles.set(number, detached.handle);
		return { number, unread: detached.unread };
	}

	/** All of them, for another supervisor; and the number of the last one. */
	get all(): ReadonlyMap<number, TcpHandle> {
		return this.handles;
	}

	get lastNumber(): number {
		return this.last;
	}

	/** Goes on with the sockets of another supervisor, under their numbers. */
	takeOver(handles: ReadonlyMap<number, TcpHandle>, last: number): void {
		this.last = Math.max(this.last, last);
		for (const [number, handle] of handles) this.handles.set(number, handle);
	}

	has(number: number): boolean {
		return this.handles.has(number);
	}

	/** Sends a worker another duplicate; false when the socket or the worker is gone. */
	pass(number: number, worker: Pick<ChildProcess, "send" | "connected">, message: object): boolean {
		const handle = this.handles.get(number);
		return handle !== undefined && sendHandle(worker, message, handle);
	}

	/** Closes the duplicate; with it the connection, when no worker has one. */
	end(number: number): void {
		this.handles.get(number)?.close();
		this.handles.delete(number);
	}

	/** Takes the socket back for this process, which has then no duplicate besides. */
	resume(number: number): Socket | null {
		const handle = this.handles.get(number);
		if (handle === undefined) return null;
		this.handles.delete(number);
		return new Socket({ handle, allowHalfOpen: true } as object);
	}

	endAll(): void {
		for (const number of [...this.handles.keys()]) this.end(number);
	}
}
