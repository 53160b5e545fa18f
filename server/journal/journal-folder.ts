import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import type { Writable } from "node:stream";
import type { GameModule } from "../module/game-module.ts";
import type { Log } from "../ops/log.ts";
import type { Room } from "../room/room.ts";
import { FileRecorder } from "./file-recorder.ts";

/** Opens the file of a room's journal. It may fail later, as streams do. */
export type OpenFile = (room: Room) => Writable;

export interface JournalFolder {
	/** Makes the recorder of a new room, as `createServer` wants it. */
	(game: GameModule): FileRecorder;
	/** Waits until every journal begun here is on the disk: before a process ends, after its rooms. */
	finished(): Promise<void>;
}

/** `GAME-TIME-ROOM.hsj`: sorted by name they are sorted by time. */
function fileName({ game, id }: Room): string {
	const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
	return `${game.name}-${time}-${id.replace(/[^A-Za-z0-9_-]/g, "_")}.hsj`;
}

/**
 * Records every new room to a file of its own in `folder`, which is made when missing.
 *
 * @throws what `mkdir` throws when the folder cannot be made
 */
export function recordTo(folder: string, log: Log): JournalFolder {
	mkdirSync(folder, { recursive: true });
	const open = new Set<FileRecorder>();
	const record = (): FileRecorder => {
		let file = folder;
		const recorder = new FileRecorder(
			(room) => {
				open.add(recorder);
				file = path.join(folder, fileName(room));
				recorder.file = file;
				log("info", "recording", { room: room.id, file });
				return createWriteStream(file, { flags: "wx" });
			},
			(error, detail) => log("warn", "recording stopped", { error, detail, file }),
		);
		void recorder.finished.then(() => open.delete(recorder));
		return recorder;
	};
	return Object.assign(record, {
		async finished() {
			await Promise.all([...open].map((recorder) => recorder.finished));
		},
	});
}
