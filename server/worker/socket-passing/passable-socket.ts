import { Socket } from "node:net";
import { WORKER_LIMITS } from "../worker-limits.ts";
import { FrameTail } from "./frame-tail.ts";
import { drain, handleOf, type TcpHandle } from "./tcp-handle.ts";

/** What travels with a socket that is in use, so that not a byte is lost or doubled. */
export interface Carried {
	/** Read from the client, and of no whole message yet. */
	unread: Uint8Array;
	/** Written for the client, and not taken by the system yet: it may begin in the midst of a frame. */
	unsent: Uint8Array;
}

type Done = (error?: Error | null) => void;

interface Chunk {
	chunk: Buffer | string;
	encoding: BufferEncoding;
}

function bytesOf({ chunk, encoding }: Chunk): Buffer {
	return typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
}

/** A socket on a descriptor that came from another process, and that can go to one. */
export class PassableSocket extends Socket {
	private readonly tail = new FrameTail(WORKER_LIMITS.unreadBytes);
	/** What the system is taking now, and whom to tell. */
	private writing: readonly Chunk[] | null = null;
	private done: Done | null = null;
	/** Where writes go once the descriptor is given up. */
	private collected: Buffer[] | null = null;
	private swallows = false;

	constructor(handle: TcpHandle) {
		// halves as an HTTP server has them: a client that has ended its own still gets the answer
		super({ handle, allowHalfOpen: true } as object);
		// with the first reader, and not before: what is read until then is for it
		const follow = (event: string | symbol): void => {
			if (event !== "data") return;
			this.off("newListener", follow);
			this.on("data", (chunk: Buffer) => this.tail.take(chunk));
		};
		this.on("newListener", follow);
	}

	/** Leaves out the next write: the answer to a handshake that was answered long ago. */
	swallowNextWrite(): void {
		this.swallows = true;
	}

	override write(
		chunk: Uint8Array | string,
		encoding?: BufferEncoding | Done,
		done?: Done,
	): boolean {
		if (this.swallows) {
			this.swallows = false;
			return true;
		}
		return super.write(chunk, encoding as BufferEncoding, done);
	}

	override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
		if (this.isGiven([{ chunk, encoding }], done)) super._write(chunk, encoding, this.written);
	}

	override _writev(chunks: Chunk[], done: Done): void {
		// Node overwrites the list
		if (this.isGiven(chunks.slice(), done)) super._writev?.(chunks, this.written);
	}

	/** Remembers what the system is given; once the descriptor is given up, keeps it and returns false. */
	private isGiven(chunks: readonly Chunk[], done: Done): boolean {
		if (this.collected !== null) {
			this.collected.push(...chunks.map(bytesOf));
			done();
			return false;
		}
		this.writing = chunks;
		this.done = done;
		return true;
	}

	private readonly written = (error?: Error | null): void => {
		const { done } = this;
		this.writing = null;
		this.done = null;
		done?.(error);
	};

	/**
	 * Gives the descriptor up in the middle of everything and says what must travel with the connection, which lives on
	 * in another process' duplicate. Null, and nothing has changed, when it cannot: one of its ends is over, or more
	 * waits than may travel. Whoever listened to the socket hears nothing more. Not to be called while its data is being
	 * read: what else came with them would be lost.
	 */
	release(): Carried | null {
		const handle = handleOf(this);
		const begun = this.tail.bytes;
		if (handle === null || begun === null || this.destroyed) return null;
		if (this.readableEnded || this.writableEnded || this.errored !== null) return null;
		const unsentBytes = this.writableLength;
		if (unsentBytes > WORKER_LIMITS.unsentBytes || !Number.isInteger(handle.writeQueueSize))
			return null;
		this.removeAllListeners();
		// what the system reports of the descriptor that is closed below concerns nobody
		this.on("error", () => {});
		const unread = Buffer.concat([begun, drain(this, handle)]);
		const unsent = this.takeUnsent(handle);
		this.destroy();
		return { unread, unsent };
	}

	/** The end of what the system was given and has not taken, and what waits behind it. */
	private takeUnsent({ writeQueueSize }: TcpHandle): Buffer {
		const { writing, done } = this;
		this.collected = [];
		this.done = null;
		if (writing !== null) {
			const given = Buffer.concat(writing.map(bytesOf));
			this.collected.push(given.subarray(given.length - writeQueueSize));
		}
		// the stream hands over the rest as if that had been written
		done?.();
		return Buffer.concat(this.collected);
	}
}
