import type { Writable } from "node:stream";
import { blockHead, fileHead } from "./block-file.ts";
import { JOURNAL_MAGIC, JOURNAL_MAJOR, JOURNAL_MINOR } from "./journal-format.ts";

interface Entry {
	/** Null while it is still being made. */
	payload: Uint8Array | null;
	readonly written: () => void;
}

/**
 * Writes blocks to a stream in the order of the calls, whenever their payloads are ready. No call
 * waits: bytes that the disk has not taken yet are counted, for the caller to judge.
 */
export class BlockStream {
	/** Bytes handed over and not yet written. */
	queuedBytes = 0;
	/** Bytes held for blocks that are still being made, or not yet written. */
	heldBytes = 0;
	/** Bytes passed to the stream below, headers included. */
	writtenBytes = 0;
	/** Settles when the stream is closed, and never rejects. */
	readonly closed: Promise<void>;
	private readonly sink: Writable;
	private readonly onFailure: (error: Error) => void;
	private queue: Entry[] = [];
	private isEnding = false;

	constructor(sink: Writable, onFailure: (error: Error) => void) {
		this.sink = sink;
		this.onFailure = onFailure;
		this.closed = new Promise((resolve) => {
			sink.once("close", resolve);
		});
		sink.on("error", onFailure);
		const head = fileHead(JOURNAL_MAGIC, JOURNAL_MAJOR, JOURNAL_MINOR);
		this.writtenBytes = head.length;
		sink.write(head);
	}

	/** Adds a block of whole records; `free` is called when the bytes may be used again. */
	write(payload: Uint8Array, free: () => void): void {
		this.queuedBytes += payload.length;
		this.queue.push({
			payload,
			written: () => {
				this.queuedBytes -= payload.length;
				free();
			},
		});
		this.pump();
	}

	/** Keeps a place in the order for a block that is still being made from `heldBytes` bytes. */
	writeLater(heldBytes: number, payload: Promise<Uint8Array>): void {
		this.heldBytes += heldBytes;
		const entry: Entry = {
			payload: null,
			written: () => {
				this.heldBytes -= heldBytes;
			},
		};
		this.queue.push(entry);
		payload.then((made) => {
			entry.payload = made;
			this.pump();
		}, this.onFailure);
	}

	/** Closes the stream behind the last block. */
	end(): void {
		this.isEnding = true;
		this.pump();
	}

	/** Gives up: nothing more is written, and waiting bytes are dropped. */
	abandon(): void {
		this.queue = [];
		this.isEnding = false;
		this.sink.destroy();
	}

	private pump(): void {
		while (this.queue[0]?.payload) {
			const { payload, written } = this.queue.shift() as Entry & { payload: Uint8Array };
			const head = blockHead(payload);
			this.writtenBytes += head.length + payload.length;
			this.sink.write(head);
			this.sink.write(payload, (error) => {
				if (!error) written();
			});
		}
		if (this.isEnding && this.queue.length === 0) this.sink.end();
	}
}
