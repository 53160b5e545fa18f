import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { builtModule } from "../installation.ts";
import type { RoomLogContents } from "../journal/room-log/read-room-log.ts";

/**
 * Reads all logs of a folder in a thread of its own, so that rooms that run do not wait for it. The thread stands by:
 * when a worker has died, its start would be most of the time that players wait.
 */
export class LogReader {
	private readonly thread = new Worker(builtModule("server/recovery/log-reader-thread"));
	private last: Promise<unknown> = Promise.resolve();

	constructor() {
		this.thread.unref();
		// whoever reads hears of it
		this.thread.on("error", () => {});
	}

	/** @throws Error when the thread dies of what it reads */
	read(folder: string): Promise<RoomLogContents> {
		const reading = this.last.then(async () => {
			this.thread.ref();
			this.thread.postMessage(folder);
			try {
				const [contents] = await once(this.thread, "message");
				return contents as RoomLogContents;
			} finally {
				this.thread.unref();
			}
		});
		this.last = reading.catch(() => {});
		return reading;
	}

	async close(): Promise<void> {
		await this.thread.terminate();
	}
}
