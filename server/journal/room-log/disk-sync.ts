import type { AppendFile, Done } from "./log-disk.ts";

/** A file, or the names of a folder. */
interface Syncable {
	sync(done: Done): void;
}

interface Waiting {
	readonly writes: number;
	readonly run: (isOnDisk: boolean) => void;
}

interface DiskSyncOptions {
	/** Monotonic, ms. */
	readonly now: () => number;
	/** Time between two syncs at least, ms; null to sync only for those who wait for it. */
	readonly everyMs: number | null;
	/** A sync failed: what was written since the last one may be lost, and asking again would not tell. */
	readonly onFailure: (error: Error) => void;
}

/**
 * Brings what was written to the disk, off the thread, one sync at a time: all that was written meanwhile goes
 * with the next.
 */
export class DiskSync {
	/** Bytes that were written and may not be on the disk. */
	lagBytes = 0;
	/** When the sync began that is under way; null when none is. */
	runningSinceMs: number | null = null;
	private readonly options: DiskSyncOptions;
	private readonly dirty = new Set<Syncable>();
	private readonly retired = new Set<AppendFile>();
	private writes = 0;
	private synced = 0;
	private lastStartMs = Number.NEGATIVE_INFINITY;
	private waiting: Waiting[] = [];

	constructor(options: DiskSyncOptions) {
		this.options = options;
	}

	get isClean(): boolean {
		return this.synced === this.writes;
	}

	wrote(file: Syncable, bytes: number): void {
		this.dirty.add(file);
		this.writes++;
		this.lagBytes += bytes;
	}

	/** Nothing more is written to the file: it is closed when it is on the disk. */
	retire(file: AppendFile): void {
		this.retired.add(file);
		this.after(() => {});
	}

	/** What is in the file is lost: it is closed as soon as no sync is at it. */
	discard(file: AppendFile): void {
		this.dirty.delete(file);
		if (this.runningSinceMs === null) file.close();
		else this.retired.add(file);
	}

	/** Calls back when all that was written so far is on the disk, or will never be. */
	after(run: (isOnDisk: boolean) => void): void {
		if (this.isClean && this.retired.size === 0) return run(true);
		this.waiting.push({ writes: this.writes, run });
		if (this.runningSinceMs === null) this.start();
	}

	/** Begins a sync when it is time. */
	kick(): void {
		const { everyMs } = this.options;
		if (everyMs === null || this.runningSinceMs !== null || this.isClean) return;
		if (this.options.now() - this.lastStartMs >= everyMs) this.start();
	}

	private start(): void {
		this.lastStartMs = this.options.now();
		this.runningSinceMs = this.lastStartMs;
		const { writes, lagBytes } = this;
		const files = [...this.dirty];
		const retired = [...this.retired];
		this.dirty.clear();
		this.retired.clear();
		const next = (): void => {
			const file = files.pop();
			if (file === undefined) return this.finish(null, writes, lagBytes, retired);
			file.sync((error) => {
				if (error) this.finish(error, writes, lagBytes, retired);
				else next();
			});
		};
		next();
	}

	private finish(
		error: Error | null,
		writes: number,
		bytes: number,
		retired: readonly AppendFile[],
	): void {
		this.runningSinceMs = null;
		for (const file of retired) file.close();
		this.synced = error === null ? writes : this.writes;
		this.lagBytes = error === null ? this.lagBytes - bytes : 0;
		const isOver = ({ writes: wanted }: Waiting): boolean => wanted <= this.synced;
		const over = this.waiting.filter(isOver);
		this.waiting = this.waiting.filter((one) => !isOver(one));
		if (error !== null) {
			this.dirty.clear();
			this.options.onFailure(error);
		}
		for (const { run } of over) run(error === null);
		// who came meanwhile need not wait for anybody's time
		const wants = this.waiting.length > 0 || this.retired.size > 0;
		if (wants && this.runningSinceMs === null) this.start();
	}

	/** Lets everybody go who waits: the game goes on without the disk. */
	release(): void {
		for (const { run } of this.waiting.splice(0)) run(false);
	}
}
