import { randomBytes } from "node:crypto";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Attempts } from "../journal/room-log/attempts.ts";
import { folderDisk } from "../journal/room-log/log-disk.ts";
import { removeFiles } from "../journal/room-log/log-folder.ts";
import { LOG_LIMITS } from "../journal/room-log/log-limits.ts";
import {
	expiredFiles,
	type LoggedRoom,
	type RoomLogContents,
	readRoomLog,
} from "../journal/room-log/read-room-log.ts";
import {
	type Durability,
	type RoomLogState,
	RoomLogWriter,
} from "../journal/room-log/room-log-writer.ts";
import type { Log } from "../log.ts";
import type { GameModule } from "../module/game-module.ts";
import { ModuleFiles } from "../module/module-files.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { ShowGate } from "../room/scheduler.ts";
import { type Recovered, recoverRooms } from "./recover-rooms.ts";
import { RoomLogger } from "./room-logger.ts";

interface RoomLogsOptions {
	/** Where logs and modules lie; shared by all workers of a machine. */
	readonly folder: string;
	readonly worker: number;
	readonly durability: Durability;
	readonly log: Log;
	/** Milliseconds since 1970. */
	readonly wallClock?: () => number;
}

/** The room log of this process: writes what its rooms are fed, and brings rooms back from it. */
export class RoomLogs implements ShowGate {
	/** To be told of every room. */
	readonly recorder: RoomLogger;
	/** Names this life of the worker in its files. */
	readonly series: string;
	private readonly options: RoomLogsOptions;
	private readonly writer: RoomLogWriter;
	private readonly modules: ModuleFiles;
	private readonly wallClock: () => number;

	/** @throws what the system says when the folder cannot be made */
	constructor(options: RoomLogsOptions) {
		const { folder, worker, durability, log } = options;
		this.options = options;
		this.wallClock = options.wallClock ?? Date.now;
		this.modules = new ModuleFiles(path.join(folder, "modules"));
		const incarnation = randomBytes(8).toString("hex");
		this.series = `w${worker}-${incarnation}`;
		this.writer = new RoomLogWriter({
			...{ worker, incarnation, durability },
			disk: folderDisk(folder),
			onTrouble: (error, detail) => log("error", "rooms are not protected", { error, detail }),
			onHeld: () => log("info", "rooms are protected again"),
		});
		this.recorder = new RoomLogger(this.writer, (game) => this.keep(game), this.wallClock);
	}

	get state(): RoomLogState {
		return this.writer.state;
	}

	/** Writes what the rooms did in this wake; nothing of it may be shown before. */
	flush(): void {
		this.writer.flush();
	}

	whenSafe(show: () => void): void {
		this.writer.whenSafe(show);
	}

	/** What the folder has of rooms that nobody runs. */
	read(): RoomLogContents {
		return readRoomLog(this.options.folder);
	}

	/**
	 * Brings rooms of other logs back; `isMine` says which. Their files go when all rooms in them are over or go
	 * on in newer ones, and belong to no `living` series.
	 */
	async recover(
		directory: RoomDirectory,
		isMine: (room: LoggedRoom) => boolean = () => true,
		living: readonly string[] = [],
	): Promise<Recovered> {
		const { folder, log } = this.options;
		const contents = this.read();
		for (const { error, detail } of contents.problems) {
			log("error", "room log is damaged", { error, detail });
		}
		const attempts = new Attempts(path.join(folder, `${this.series.split("-")[0]}-attempts.jsonl`));
		const others = contents.rooms.filter((room) => room.series !== this.series && isMine(room));
		const { modules, wallClock } = this;
		const recovered = await recoverRooms(others, { directory, modules, attempts, log, wallClock });
		this.flush();
		await this.tidy(contents, directory, [...living, this.series]);
		if (recovered.rooms.length > 0) void forgetAttempts(attempts);
		return recovered;
	}

	/** Writes the rest, and waits until it is on the disk. */
	async finish(): Promise<void> {
		await this.writer.finish();
	}

	/** Lets files go that no room needs any more. */
	private async tidy(
		contents: RoomLogContents,
		directory: RoomDirectory,
		living: readonly string[],
	): Promise<void> {
		const { folder, log } = this.options;
		const goesOn = (id: string, epoch: number): boolean =>
			(directory.rooms.get(id)?.epoch ?? 0) > epoch && this.state.isHeld;
		const names = expiredFiles(contents, goesOn, new Set(living));
		await removeFiles(folder, names).catch(({ message }: Error) => {
			log("warn", "old logs stay", { detail: message });
		});
	}

	private keep(game: GameModule): void {
		this.modules.keep(game).catch(({ message }: Error) => {
			this.options.log("error", "module not kept", { game: game.name, detail: message });
		});
	}
}

/** Rooms that have played on for a while did not kill their process. */
async function forgetAttempts(attempts: Attempts): Promise<void> {
	await sleep(LOG_LIMITS.outlivedMs, undefined, { ref: false });
	attempts.clear();
}
