import { parentPort, workerData } from "node:worker_threads";
import { readRoomLog } from "../journal/room-log/read-room-log.ts";

/** What the thread is started with: whose logs to read. */
export interface LogReaderTask {
	readonly folder: string;
}

const { folder } = workerData as LogReaderTask;
parentPort?.postMessage(readRoomLog(folder));
