import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { builtModule } from "../installation.ts";
import type { RoomLogContents } from "../journal/room-log/read-room-log.ts";
import type { LogReaderTask } from "./log-reader-thread.ts";

/** Reads all logs of a folder in a thread of its own: rooms that run do not wait for it. */
export async function readLogApart(folder: string): Promise<RoomLogContents> {
	const thread = new Worker(builtModule("server/recovery/log-reader-thread"), {
		workerData: { folder } satisfies LogReaderTask,
	});
	try {
		const [contents] = await once(thread, "message");
		return contents as RoomLogContents;
	} finally {
		await thread.terminate();
	}
}
