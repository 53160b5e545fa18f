import { createWriteStream, mkdirSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import type { Log } from "../log.ts";
import type { GameModule } from "../module/game-module.ts";
import type { RoomState } from "../room/room-state.ts";
import { FileRecorder } from "./file-recorder.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import { chooseExpired, type KeptJournal, type Retention } from "./retention.ts";

/** Opens the file of a room's journal. It may fail later, as streams do. */
export type OpenFile = (room: RoomState) => Writable;

export interface JournalFolder {
	/** Makes the recorder of a new room, as `createServer` wants it. */
	(game: GameModule): FileRecorder;
	/**
	 * Waits until every journal started here is on disk: call before the process ends, after closing its
	 * rooms.
	 */
	finished(): Promise<void>;
}

interface JournalFolderOptions {
	/** Which finished journals to keep; all by default. */
	readonly retention?: Retention;
	/** The time of day, ms since 1970. */
	readonly wallClock?: () => number;
}

const SUFFIX = ".hsj";
/** Only the server's own user may read recordings: journals hold names and every input. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** `GAME-TIME-ROOM.hsj`: sorted by name they are sorted by time. */
function fileName({ game, id }: RoomState, nowMs: number): string {
	const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
	return `${game.name}-${time}-${id.replace(/[^A-Za-z0-9_-]/g, "_")}${SUFFIX}`;
}

/** Deletes journals that need not be kept from a folder, one sweep at a time. */
class Sweeper {
	/** Files that this process is writing, and those it has finished, by name. */
	readonly open = new Set<string>();
	readonly done = new Set<string>();
	private readonly folder: string;
	private readonly retention: Retention;
	private readonly wallClock: () => number;
	private readonly log: Log;
	private running: Promise<void> = Promise.resolve();

	constructor(folder: string, retention: Retention, wallClock: () => number, log: Log) {
		this.folder = folder;
		this.retention = retention;
		this.wallClock = wallClock;
		this.log = log;
	}

	sweep(): Promise<void> {
		this.running = this.running
			.then(() => this.sweepOnce())
			.catch((thrown: Error) =>
				this.log("warn", "journals not deleted", { folder: this.folder, detail: thrown.message }),
			);
		return this.running;
	}

	private async sweepOnce(): Promise<void> {
		const expired = chooseExpired(await this.list(), this.retention, this.wallClock());
		for (const { name } of expired) {
			await rm(path.join(this.folder, name), { force: true });
			this.done.delete(name);
		}
		if (expired.length === 0) return;
		const bytes = expired.reduce((sum, journal) => sum + journal.bytes, 0);
		this.log("info", "journals deleted", { files: expired.length, bytes });
	}

	private async list(): Promise<KeptJournal[]> {
		const journals: KeptJournal[] = [];
		for (const name of await readdir(this.folder)) {
			if (!name.endsWith(SUFFIX)) continue;
			// another process may have deleted it in the meantime
			const about = await stat(path.join(this.folder, name)).catch(() => null);
			if (!about?.isFile()) continue;
			const writer = this.open.has(name) ? "ours" : this.done.has(name) ? "done" : "foreign";
			journals.push({ name, bytes: about.size, writtenMs: about.mtimeMs, writer });
		}
		return journals;
	}
}

/**
 * Records every new room to a file of its own in `folder`, which is made when missing.
 *
 * @throws what `mkdir` throws when the folder cannot be made
 */
export function recordTo(
	folder: string,
	log: Log,
	{ retention, wallClock = Date.now }: JournalFolderOptions = {},
): JournalFolder {
	mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
	const open = new Set<FileRecorder>();
	const sweeper = retention ? new Sweeper(folder, retention, wallClock, log) : null;
	if (sweeper) {
		void sweeper.sweep();
		setInterval(() => void sweeper.sweep(), JOURNAL_LIMITS.pruneEveryMs).unref();
	}
	const record = (): FileRecorder => {
		let file = folder;
		const recorder = new FileRecorder(
			(room) => {
				open.add(recorder);
				const name = fileName(room, wallClock());
				file = path.join(folder, name);
				recorder.file = file;
				sweeper?.open.add(name);
				log("info", "recording", { room: room.id, file });
				return createWriteStream(file, { flags: "wx", mode: FILE_MODE });
			},
			(error, detail) => log("warn", "recording stopped", { error, detail, file }),
			wallClock,
		);
		void recorder.finished.then(() => {
			open.delete(recorder);
			const name = path.basename(file);
			if (!sweeper?.open.delete(name)) return;
			sweeper.done.add(name);
			void sweeper.sweep();
		});
		return recorder;
	};
	return Object.assign(record, {
		async finished() {
			await Promise.all([...open].map((recorder) => recorder.finished));
			await sweeper?.sweep();
		},
	});
}
