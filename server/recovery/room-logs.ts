import { randomBytes } from "node:crypto";
import path from "node:path";
import { Attempts } from "../journal/room-log/attempts.ts";
import { folderDisk } from "../journal/room-log/log-disk.ts";
import { deadSeries, removeFiles } from "../journal/room-log/log-folder.ts";
import { expiredFiles, type LoggedRoom } from "../journal/room-log/read-room-log.ts";
import {
	type Durability,
	type RoomLogState,
	RoomLogWriter,
} from "../journal/room-log/room-log-writer.ts";
import type { Log } from "../log.ts";
import type { GameModule } from "../module/game-module.ts";
import { ModuleFiles } from "../module/module-files.ts";
import type { Effect } from "../room/effect.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { ShowGate } from "../room/scheduler.ts";
import { LogReader } from "./log-reader.ts";
import { type Recovered, recoverRooms } from "./recover-rooms.ts";
import { RoomLogger } from "./room-logger.ts";

interface RoomLogsOptions {
	/** Where logs and modules lie; shared by all workers of a machine. */
	readonly folder: string;
	readonly worker: number;
	/** Tells this life of the worker from others: letters and digits. */
	readonly incarnation: string;
	readonly durability: Durability;
	readonly log: Log;
	/** Milliseconds since 1970. */
	readonly wallClock?: () => number;
}

export function newIncarnation(): string {
	return randomBytes(8).toString("hex");
}

/** Which rooms to bring back, and where. */
interface RecoveryOrder {
	readonly directory: RoomDirectory;
	readonly isMine: (room: LoggedRoom) => boolean;
	/** Series that nobody writes any more: only their rooms are brought back, and only their files let go. */
	readonly dead: readonly string[];
	/** Whoever asks knows that these rooms are nobody's: one may have been given away by a worker that lives. */
	readonly areNobodys?: boolean;
	/** Hears of each room at once; null for one that could not be had. */
	readonly onRoom?: (id: string, room: Room | null) => void;
	/** Hears what rooms of the dead series said to be kept, before any file of theirs goes. */
	readonly onResults?: (results: readonly { series: string; result: Effect }[]) => void;
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
	private readonly reader = new LogReader();
	private readonly wallClock: () => number;

	/** @throws what the system says when the folder cannot be made */
	constructor(options: RoomLogsOptions) {
		const { folder, worker, incarnation, durability, log } = options;
		this.options = options;
		this.wallClock = options.wallClock ?? Date.now;
		this.modules = new ModuleFiles(path.join(folder, "modules"));
		this.series = `w${worker}-${incarnation}`;
		this.writer = new RoomLogWriter({
			...{ worker, incarnation, durability },
			disk: folderDisk(folder),
			onTrouble: (error, detail) => log("error", "rooms are not protected", { error, detail }),
			onHeld: () => {
				log("info", "rooms are protected again");
				this.recorder.keepModules();
			},
		});
		this.recorder = new RoomLogger(this.writer, (game) => this.keep(game), this.wallClock);
	}

	get state(): RoomLogState {
		return this.writer.state;
	}

	/** All series in the folder but this one: dead where no other process has the folder. */
	others(): string[] {
		return deadSeries(this.options.folder, [this.series]);
	}

	/** Writes what the rooms did in this wake; nothing of it may be shown before. */
	flush(): void {
		this.writer.flush();
	}

	whenSafe(show: () => void): void {
		this.writer.whenSafe(show);
	}

	/**
	 * Brings rooms of other logs back. Then, in its own time, the files go in which no room is newest any more.
	 */
	async recover(order: RecoveryOrder): Promise<Recovered> {
		const { directory, isMine, dead: ended, areNobodys = false, onRoom, onResults } = order;
		const { folder, log } = this.options;
		const dead = new Set(ended);
		const contents = await this.reader.read(folder);
		for (const { error, detail } of contents.problems) {
			log("error", "room log is damaged", { error, detail });
		}
		onResults?.(contents.results.filter(({ series }) => dead.has(series)));
		const isFree = ({ series }: LoggedRoom): boolean => areNobodys || dead.has(series);
		const mine = contents.rooms.filter((room) => isFree(room) && isMine(room));
		const attempts = new Attempts(path.join(folder, "attempts.jsonl"));
		const { modules, wallClock } = this;
		const recovered = await recoverRooms(mine, {
			...{ directory, modules, attempts, log, wallClock },
			onRoom: (id, room) => {
				// it must be in this log before anybody is shown it
				this.flush();
				onRoom?.(id, room);
			},
		});
		if (contents.files.some(({ series }) => dead.has(series))) void this.tidy(dead);
		return recovered;
	}

	/** A module that was kept for rooms. @throws ModuleError, or an Error that says why there is none */
	load(rawHash: string): Promise<GameModule> {
		return this.modules.load(rawHash);
	}

	/** Writes the rest, and waits until it is on the disk. */
	async finish(): Promise<void> {
		await this.writer.finish();
		await this.reader.close();
	}

	/** Lets files go that no room needs any more: all in them are over, or have a higher epoch elsewhere. */
	private async tidy(dead: ReadonlySet<string>): Promise<void> {
		const { folder, log } = this.options;
		if (!this.state.isHeld) return;
		try {
			const names = expiredFiles(await this.reader.read(folder), () => false, dead);
			await removeFiles(folder, names);
		} catch (thrown) {
			log("warn", "old logs stay", { detail: (thrown as Error).message });
		}
	}

	private keep(game: GameModule): void {
		this.modules.keep(game).catch(({ message }: Error) => {
			this.options.log("error", "module not kept", { game: game.name, detail: message });
		});
	}
}
