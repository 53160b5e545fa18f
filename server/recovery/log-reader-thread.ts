import { parentPort } from "node:worker_threads";
import { readRoomLog } from "../journal/room-log/read-room-log.ts";

parentPort?.on("message", (folder: string) => {
	parentPort?.postMessage(readRoomLog(folder));
});
