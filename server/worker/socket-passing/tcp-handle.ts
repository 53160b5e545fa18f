import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

/**
 * What stands behind a `net.Socket`: one descriptor of a connection. Node's own cluster module passes these between
 * processes too; they are nowhere in its documentation, so `self-test.ts` tries all of it before it is used.
 */
export interface TcpHandle {
	reading: boolean;
	readStop(): number;
	/** Closes the descriptor at once; the connection ends with its last one. */
	close(): void;
	/** Bytes that the system has not taken yet, of those that were written. */
	readonly writeQueueSize: number;
}

export function handleOf(socket: Socket): TcpHandle | null {
	return (socket as unknown as { _handle: TcpHandle | null })._handle ?? null;
}

/** Nothing more is read: `pause()` would go on reading into the stream's buffer. */
export function stopReading(handle: TcpHandle): void {
	handle.reading = false;
	handle.readStop();
}

/**
 * Takes the descriptor out of a socket, which is over for this process then, with what it had read and handed to nobody;
 * null for one that is closed.
 */
export function detachHandle(socket: Socket): { handle: TcpHandle; unread: Buffer } | null {
	const handle = handleOf(socket);
	if (handle === null || socket.destroyed) return null;
	const unread = drain(socket, handle);
	(socket as unknown as { _handle: null })._handle = null;
	socket.destroy();
	return { handle, unread };
}

/** What lies in the stream's buffer; its listeners do not hear of it. */
export function drain(socket: Socket, handle: TcpHandle): Buffer {
	stopReading(handle);
	socket.removeAllListeners("data");
	socket.pause();
	const chunks: Buffer[] = [];
	for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk);
	// `read` asks for more
	stopReading(handle);
	return Buffer.concat(chunks);
}

/** Sends a message and a duplicate of the descriptor: this process keeps its own. False when the channel is closed. */
export function sendHandle(
	channel: Pick<ChildProcess, "send" | "connected">,
	message: object,
	handle: TcpHandle,
): boolean {
	if (!channel.connected) return false;
	// the other process may be gone before it is there: then its end is seen, and the descriptor is still here
	channel.send(message, handle as never, {}, () => {});
	return true;
}
